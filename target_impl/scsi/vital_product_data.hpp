// Vital product data pages of INQUIRY, and what they share with the standard data.
#pragma once

#include "target_impl/scsi/task.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lockstep::scsi {

// Left-aligned ASCII, padded with spaces, cut at the end (SPC-4 4.3.1).
void put_text(std::span<std::byte> out, std::string_view text) noexcept;
// Byte 0 of all INQUIRY data.
[[nodiscard]] std::byte peripheral_of(const Task& task) noexcept;

// INQUIRY with EVPD set.
void vital_product_data(Task& task, std::uint8_t page, std::uint64_t allocation_length);

}  // namespace lockstep::scsi
