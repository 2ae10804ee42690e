// READ CAPACITY(16) parameter data (SBC-3 5.16.2).
#pragma once

#include "target_impl/scsi/logical_unit.hpp"

#include <array>
#include <cstddef>

namespace lockstep::scsi {

using LongCapacity = std::array<std::byte, 32>;

[[nodiscard]] LongCapacity long_capacity(const LogicalUnit& unit);

}  // namespace lockstep::scsi
