// The mode pages of a logical unit: what MODE SENSE shows and MODE SELECT takes, from one table.
#pragma once

#include "target_impl/scsi/logical_unit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::scsi {

inline constexpr std::size_t kMaxModePageBytes = 20;

struct ModePage {
  std::array<std::uint8_t, kMaxModePageBytes> bytes{};
  std::size_t size = 0;
  [[nodiscard]] std::uint8_t code() const noexcept { return bytes[0]; }
};

inline constexpr std::size_t kModePages = 3;

// Ascending by code, with the given changeable parameters (bits of ModeParameter).
[[nodiscard]] std::array<ModePage, kModePages> mode_pages(std::uint8_t parameters) noexcept;
// Likewise, with exactly the bits set that MODE SELECT can change.
[[nodiscard]] std::array<ModePage, kModePages> changeable_mode_pages(
    const LogicalUnit& unit) noexcept;
// The parameters that `page`, a whole page of known code, asks for, in place of those in
// `parameters`.
[[nodiscard]] std::uint8_t parameters_in(std::span<const std::byte> page,
                                         std::uint8_t parameters) noexcept;

}  // namespace lockstep::scsi
