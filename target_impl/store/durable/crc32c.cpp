#include "target_impl/store/durable/crc32c.hpp"

#include <isa-l/crc.h>

namespace lockstep::store::detail {

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  // The library counts in int and takes a mutable pointer that it only reads; nothing here is
  // larger than an extent.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), ~seed);
}

}  // namespace lockstep::store::detail
