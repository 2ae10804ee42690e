// Big-endian fields in PDUs, read and written byte by byte so that alignment does not matter.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lockstep::iscsi {

[[nodiscard]] inline std::uint16_t load_be16(const std::uint8_t* at) noexcept {
  return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}
[[nodiscard]] inline std::uint32_t load_be24(const std::uint8_t* at) noexcept {
  return (std::uint32_t{at[0]} << 16) | (std::uint32_t{at[1]} << 8) | at[2];
}
[[nodiscard]] inline std::uint32_t load_be32(const std::uint8_t* at) noexcept {
  return (std::uint32_t{at[0]} << 24) | load_be24(at + 1);
}

inline void store_be16(std::uint8_t* at, std::uint16_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
inline void store_be24(std::uint8_t* at, std::uint32_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value >> 16);
  at[1] = static_cast<std::uint8_t>(value >> 8);
  at[2] = static_cast<std::uint8_t>(value);
}
inline void store_be32(std::uint8_t* at, std::uint32_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value >> 24);
  store_be24(at + 1, value);
}

// Serial numbers compare modulo 2^32 (RFC 1982, RFC 7143 section 4.2.2).
[[nodiscard]] inline bool serial_less(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(a - b) < 0;
}

[[nodiscard]] constexpr std::size_t padded(std::size_t bytes) noexcept {
  return (bytes + 3) & ~std::size_t{3};
}

}  // namespace lockstep::iscsi
