// The data-out of commands that write as many blocks as their CDB says.
#pragma once

#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/task.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace lockstep::scsi {

// What is to be written for `range`: the data the CDB asks for, or, when the initiator announced
// less, the whole blocks that it did send (the protocol layer reports the residual overflow). Part
// of a block is refused with 5/0E03 and nullopt. Sets Response::data_out_wanted.
[[nodiscard]] std::optional<std::span<const std::byte>> write_data(Task& task,
                                                                   CdbRange range) noexcept;

}  // namespace lockstep::scsi
