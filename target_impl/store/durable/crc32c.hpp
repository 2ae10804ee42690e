// CRC-32C (Castagnoli) of what the store keeps on disk, by ISA-L.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::store::detail {

// `seed`: the checksum of what comes before.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t seed = 0) noexcept;

}  // namespace lockstep::store::detail
