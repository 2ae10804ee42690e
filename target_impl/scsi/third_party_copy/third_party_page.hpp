// VPD page 8Fh, Third-party Copy (SPC-4 7.8.17, SBC-4 6.6.11).
#pragma once

#include "target_impl/scsi/task.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lockstep::scsi {

// The descriptors, without the page header.
void third_party_page(const Task& task, std::vector<std::byte>& page);

// The codes of the CSCD and segment descriptors that EXTENDED COPY takes, ascending.
[[nodiscard]] std::span<const std::uint8_t> implemented_descriptors() noexcept;

}  // namespace lockstep::scsi
