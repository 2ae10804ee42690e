#include "target_impl/scsi/sense.hpp"

#include "target_impl/scsi/big_endian.hpp"

#include <span>

namespace lockstep::scsi {

std::array<std::uint8_t, kSenseBytes> fixed_format(const Sense& sense) noexcept {
  constexpr std::uint8_t kCurrentFixed = 0x70;
  constexpr std::uint8_t kValid = 0x80;
  std::array<std::uint8_t, kSenseBytes> bytes{};
  const std::span<std::uint8_t> out(bytes);
  bytes[0] = kCurrentFixed;
  if (sense.information) {
    bytes[0] |= kValid;
    put_big_endian(out, 3, 4, *sense.information);
  }
  bytes[2] = static_cast<std::uint8_t>(sense.key);
  bytes[7] = kSenseBytes - 8;
  put_big_endian(out, 12, 2, static_cast<std::uint64_t>(sense.additional));
  if (sense.field) {
    constexpr unsigned kSenseKeySpecificValid = 0x80;
    constexpr unsigned kInCdb = 0x40;
    constexpr unsigned kBitPointerValid = 0x08;
    unsigned specific = kSenseKeySpecificValid;
    specific |= sense.field->in_cdb ? kInCdb : 0U;
    specific |= sense.field->bit ? kBitPointerValid | (*sense.field->bit & 0x07U) : 0U;
    bytes[15] = static_cast<std::uint8_t>(specific);
    put_big_endian(out, 16, 2, sense.field->byte);
  }
  return bytes;
}

}  // namespace lockstep::scsi
