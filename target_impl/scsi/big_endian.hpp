// Numbers in CDBs and parameter data: big-endian, at any alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::scsi {

// `bytes` 1..8 from `at` on; the caller keeps them inside.
template <class Byte>
[[nodiscard]] constexpr std::uint64_t get_big_endian(std::span<const Byte> from, std::size_t at,
                                                     std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i != bytes; ++i) {
    value = value << 8 | static_cast<std::uint64_t>(from[at + i]);
  }
  return value;
}

template <class Byte>
constexpr void put_big_endian(std::span<Byte> to, std::size_t at, std::size_t bytes,
                              std::uint64_t value) noexcept {
  for (std::size_t i = bytes; i != 0; --i) {
    to[at + i - 1] = static_cast<Byte>(value & 0xff);
    value >>= 8;
  }
}

}  // namespace lockstep::scsi
