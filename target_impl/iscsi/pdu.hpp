// The shape of iSCSI PDUs: opcodes, flag bits, reason codes and the offsets of the fields in the
// 48-byte basic header segment. RFC 7143 section 11.
#pragma once

#include "target_impl/iscsi/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::iscsi {

inline constexpr std::size_t kHeaderBytes = 48;
inline constexpr std::size_t kDigestBytes = 4;
inline constexpr std::size_t kMaxAdditionalBytes = 255 * 4;
inline constexpr std::uint32_t kReservedTag = 0xFFFF'FFFF;

using Header = std::array<std::uint8_t, kHeaderBytes>;

// One PDU as received, digests checked and taken off. Valid until the next byte is received.
struct Pdu {
  Header header{};
  std::span<const std::byte> additional;
  std::span<const std::byte> data;
  bool data_digest_ok = true;
  // `data` lies where the sender may still change it: to be read once.
  bool lent = false;
};

enum class Opcode : std::uint8_t {
  NopOut = 0x00,
  ScsiCommand = 0x01,
  TaskManagementRequest = 0x02,
  LoginRequest = 0x03,
  TextRequest = 0x04,
  DataOut = 0x05,
  LogoutRequest = 0x06,
  SnackRequest = 0x10,
  NopIn = 0x20,
  ScsiResponse = 0x21,
  TaskManagementResponse = 0x22,
  LoginResponse = 0x23,
  TextResponse = 0x24,
  DataIn = 0x25,
  LogoutResponse = 0x26,
  ReadyToTransfer = 0x31,
  AsyncMessage = 0x32,
  Reject = 0x3F,
};

inline constexpr std::uint8_t kOpcodeMask = 0x3F;
inline constexpr std::uint8_t kImmediate = 0x40;  // in byte 0
inline constexpr std::uint8_t kFinal = 0x80;      // in byte 1 of every PDU that has it
inline constexpr std::uint8_t kContinue = 0x40;   // Login and Text

// SCSI Command, byte 1.
inline constexpr std::uint8_t kCommandRead = 0x40;
inline constexpr std::uint8_t kCommandWrite = 0x20;

// SCSI Response and Data-In, byte 1.
inline constexpr std::uint8_t kReadOverflow = 0x10;   // of the read half of a bidirectional command
inline constexpr std::uint8_t kReadUnderflow = 0x08;  // same
inline constexpr std::uint8_t kOverflow = 0x04;
inline constexpr std::uint8_t kUnderflow = 0x02;
inline constexpr std::uint8_t kStatusInDataIn = 0x01;

enum class RejectReason : std::uint8_t {
  DataDigestError = 0x02,
  SnackReject = 0x03,
  ProtocolError = 0x04,
  NotSupported = 0x05,
  ImmediateCommandReject = 0x06,
  TaskInProgress = 0x07,
  InvalidPduField = 0x09,
};

enum class AsyncEvent : std::uint8_t {
  LogoutRequested = 1,
  ConnectionWillDrop = 2,
  SessionWillDrop = 3,
};

// Offsets in the header. The same name serves every PDU in which the field stands at that place.
namespace field {
inline constexpr std::size_t kFlags = 1;
inline constexpr std::size_t kResponse = 2;
inline constexpr std::size_t kStatus = 3;
inline constexpr std::size_t kAdditionalLength = 4;
inline constexpr std::size_t kDataLength = 5;
inline constexpr std::size_t kLun = 8;
inline constexpr std::size_t kIsid = 8;
inline constexpr std::size_t kTsih = 14;
inline constexpr std::size_t kTaskTag = 16;
inline constexpr std::size_t kTransferTag = 20;
inline constexpr std::size_t kReferencedTag = 20;
inline constexpr std::size_t kExpectedLength = 20;
inline constexpr std::size_t kConnectionId = 20;
inline constexpr std::size_t kCmdSn = 24;
inline constexpr std::size_t kStatSn = 24;
inline constexpr std::size_t kExpCmdSn = 28;
inline constexpr std::size_t kMaxCmdSn = 32;
inline constexpr std::size_t kCdb = 32;
inline constexpr std::size_t kReferencedCmdSn = 32;
inline constexpr std::size_t kDataSn = 36;
inline constexpr std::size_t kExpDataSn = 36;
inline constexpr std::size_t kLoginStatus = 36;
inline constexpr std::size_t kAsyncEvent = 36;
inline constexpr std::size_t kAsyncParameter1 = 38;
inline constexpr std::size_t kAsyncParameter2 = 40;
inline constexpr std::size_t kAsyncParameter3 = 42;
inline constexpr std::size_t kBufferOffset = 40;
inline constexpr std::size_t kReadResidual = 40;
inline constexpr std::size_t kTimeToWait = 40;
inline constexpr std::size_t kResidual = 44;
inline constexpr std::size_t kDesiredLength = 44;
}  // namespace field

[[nodiscard]] inline std::uint8_t opcode_of(const Header& header) noexcept {
  return header[0] & kOpcodeMask;
}
[[nodiscard]] inline bool is_opcode(const Header& header, Opcode opcode) noexcept {
  return opcode_of(header) == static_cast<std::uint8_t>(opcode);
}
[[nodiscard]] inline bool is_immediate(const Header& header) noexcept {
  return (header[0] & kImmediate) != 0;
}
[[nodiscard]] inline bool has_flag(const Header& header, std::uint8_t flag) noexcept {
  return (header[field::kFlags] & flag) != 0;
}
[[nodiscard]] inline std::uint32_t get32(const Header& header, std::size_t offset) noexcept {
  return load_be32(header.data() + offset);
}
inline void set32(Header& header, std::size_t offset, std::uint32_t value) noexcept {
  store_be32(header.data() + offset, value);
}
[[nodiscard]] inline std::uint32_t task_tag(const Header& header) noexcept {
  return get32(header, field::kTaskTag);
}
[[nodiscard]] inline std::uint32_t data_length(const Header& header) noexcept {
  return load_be24(header.data() + field::kDataLength);
}
[[nodiscard]] inline std::size_t additional_length(const Header& header) noexcept {
  return std::size_t{header[field::kAdditionalLength]} * 4;
}

// A header that answers: opcode, final bit and initiator task tag set, everything else zero.
[[nodiscard]] inline Header make_header(Opcode opcode, std::uint32_t tag) noexcept {
  Header header{};
  header[0] = static_cast<std::uint8_t>(opcode);
  header[field::kFlags] = kFinal;
  set32(header, field::kTaskTag, tag);
  return header;
}

}  // namespace lockstep::iscsi
