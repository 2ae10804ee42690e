#include "target_impl/scsi/sense.hpp"

#include "target_impl/scsi/big_endian.hpp"

#include <algorithm>
#include <span>

namespace lockstep::scsi {

namespace {

// The three sense-key-specific bytes (SPC-4 4.5.2.4); false: there are none.
bool put_key_specific(const Sense& sense, std::span<std::uint8_t, 3> out) noexcept {
  constexpr unsigned kValid = 0x80;
  if (sense.progress) {
    out[0] = kValid;
    put_big_endian(std::span<std::uint8_t>(out), 1, 2, *sense.progress);
    return true;
  }
  if (!sense.field) {
    return false;
  }
  constexpr unsigned kInCdb = 0x40;
  constexpr unsigned kBitPointerValid = 0x08;
  unsigned specific = kValid;
  constexpr unsigned kInSegment = 0x20;
  specific |= sense.field->in_cdb ? kInCdb : 0U;
  specific |= sense.field->in_segment ? kInSegment : 0U;
  specific |= sense.field->bit ? kBitPointerValid | (*sense.field->bit & 0x07U) : 0U;
  out[0] = static_cast<std::uint8_t>(specific);
  put_big_endian(std::span<std::uint8_t>(out), 1, 2, sense.field->byte);
  return true;
}

}  // namespace

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
  put_big_endian(out, 8, 4, sense.command_specific.value_or(0));
  put_big_endian(out, 12, 2, static_cast<std::uint64_t>(sense.additional));
  put_key_specific(sense, out.subspan<15, 3>());
  return bytes;
}

std::uint8_t descriptor_format(const Sense& sense,
                               std::span<std::uint8_t, kMaxSenseBytes> out) noexcept {
  constexpr std::uint8_t kCurrentDescriptors = 0x72;
  constexpr std::uint8_t kInformation = 0x00;
  constexpr std::uint8_t kCommandSpecific = 0x01;
  constexpr std::uint8_t kKeySpecific = 0x02;
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  out[0] = kCurrentDescriptors;
  out[1] = static_cast<std::uint8_t>(sense.key);
  put_big_endian(std::span<std::uint8_t>(out), 2, 2, static_cast<std::uint64_t>(sense.additional));
  std::size_t at = 8;
  if (sense.information) {
    out[at] = kInformation;
    out[at + 1] = 10;
    out[at + 2] = 0x80;  // VALID
    put_big_endian(std::span<std::uint8_t>(out), at + 4, 8, *sense.information);
    at += 12;
  }
  if (sense.command_specific) {
    out[at] = kCommandSpecific;
    out[at + 1] = 10;
    put_big_endian(std::span<std::uint8_t>(out), at + 4, 8, *sense.command_specific);
    at += 12;
  }
  std::array<std::uint8_t, 3> specific{};
  if (put_key_specific(sense, specific)) {
    out[at] = kKeySpecific;
    out[at + 1] = 6;
    std::copy(specific.begin(), specific.end(), out.begin() + static_cast<std::ptrdiff_t>(at) + 4);
    at += 8;
  }
  out[7] = static_cast<std::uint8_t>(at - 8);
  return static_cast<std::uint8_t>(at);
}

}  // namespace lockstep::scsi
