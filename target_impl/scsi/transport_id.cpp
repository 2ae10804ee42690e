#include "target_impl/scsi/transport_id.hpp"

#include "target_impl/scsi/big_endian.hpp"
#include "target_impl/scsi/persistent_reservations.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lockstep::scsi {

namespace {

constexpr std::byte kIscsiPort{0x45};  // format 01b, protocol identifier 5h
constexpr std::size_t kHeaderBytes = 4;
constexpr std::string_view kInitiatorMark = ",i,0x";
constexpr std::string_view kTargetMark = ",t,0x";

}  // namespace

void append_transport_id(std::vector<std::byte>& out, const std::string& initiator_port) {
  const std::size_t padded = (initiator_port.size() + 1 + 3) / 4 * 4;
  const std::size_t at = out.size();
  out.resize(at + kHeaderBytes + padded);
  out[at] = kIscsiPort;
  put_big_endian(std::span<std::byte>(out), at + 2, 2, padded);
  const auto name = std::as_bytes(std::span(initiator_port));
  std::copy(name.begin(), name.end(), out.begin() + static_cast<std::ptrdiff_t>(at + kHeaderBytes));
}

std::optional<ParsedTransportId> parse_transport_id(std::span<const std::byte> from) {
  if (from.size() < kHeaderBytes || from[0] != kIscsiPort) {
    return std::nullopt;
  }
  const auto bytes = static_cast<std::size_t>(get_big_endian(from, 2, 2));
  if (bytes < 20 || bytes % 4 != 0 || from.size() - kHeaderBytes < bytes) {
    return std::nullopt;
  }
  const std::string_view field(reinterpret_cast<const char*>(from.data()) + kHeaderBytes, bytes);
  const std::string_view name = field.substr(0, field.find('\0'));
  const std::size_t mark = name.find(kInitiatorMark);
  if (name.size() == field.size() || name.size() > PersistentReservations::kMaxPortNameBytes ||
      mark == 0 || mark == std::string_view::npos ||
      mark + kInitiatorMark.size() + 12 != name.size()) {
    return std::nullopt;
  }
  return ParsedTransportId{std::string(name), kHeaderBytes + bytes};
}

std::uint16_t relative_target_port(const std::string& target_port) noexcept {
  std::uint16_t tag = 1;
  if (const auto at = target_port.rfind(kTargetMark); at != std::string::npos) {
    const std::string_view digits = std::string_view(target_port).substr(at + kTargetMark.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), tag, 16);
  }
  return tag;
}

std::string target_port_name(const std::string& target_name, std::uint16_t tag) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = target_name + std::string(kTargetMark);
  for (unsigned shift = 16; shift != 0; shift -= 4) {
    name += kDigits[(unsigned{tag} >> (shift - 4)) & 0xfU];
  }
  return name;
}

}  // namespace lockstep::scsi
