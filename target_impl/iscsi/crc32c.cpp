#include "target_impl/iscsi/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>

namespace lockstep::iscsi {

void Crc32c::add(std::span<const std::byte> bytes) noexcept {
  // The library counts in int and takes a mutable pointer that it only reads.
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kMostAtOnce));
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data()));
    state_ = crc32_iscsi(data, static_cast<int>(piece.size()), state_);
    bytes = bytes.subspan(piece.size());
  }
}

void Crc32c::store(std::uint8_t* at) const noexcept {
  const std::uint32_t digest = value();
  at[0] = static_cast<std::uint8_t>(digest);
  at[1] = static_cast<std::uint8_t>(digest >> 8);
  at[2] = static_cast<std::uint8_t>(digest >> 16);
  at[3] = static_cast<std::uint8_t>(digest >> 24);
}

}  // namespace lockstep::iscsi
