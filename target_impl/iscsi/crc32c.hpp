// The digest of iSCSI: CRC-32C (Castagnoli). RFC 7143 section 13.1 and appendix of test vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::iscsi {

// For data in several pieces; start from the default value.
class Crc32c {
 public:
  void add(std::span<const std::byte> bytes) noexcept;
  // Least significant byte first on the wire.
  void store(std::uint8_t* at) const noexcept;
  [[nodiscard]] std::uint32_t value() const noexcept { return ~state_; }

 private:
  std::uint32_t state_ = 0xFFFF'FFFF;
};

}  // namespace lockstep::iscsi
