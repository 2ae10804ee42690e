#include "target_impl/initiator/batching/pdu_stream.hpp"

#include "target_impl/iscsi/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace lockstep::initiator::batching {

using iscsi::Header;
using iscsi::Opcode;
namespace field = iscsi::field;

namespace {

// Of a target that sends pings and reads no answers.
constexpr unsigned kMostPingsAtOnce = 64;

// RFC 7143 section 11: whether the status number that a PDU shows is its own.
bool takes_status_number(const Header& header) noexcept {
  switch (static_cast<Opcode>(iscsi::opcode_of(header))) {
    case Opcode::DataIn:
      return iscsi::has_flag(header, iscsi::kStatusInDataIn);
    case Opcode::NopIn:
      return iscsi::task_tag(header) != iscsi::kReservedTag;
    case Opcode::ReadyToTransfer:
      return false;
    default:
      return true;
  }
}

bool is_of_a_target(const Header& header) noexcept {
  switch (static_cast<Opcode>(iscsi::opcode_of(header))) {
    case Opcode::NopIn:
    case Opcode::ScsiResponse:
    case Opcode::TaskManagementResponse:
    case Opcode::LoginResponse:
    case Opcode::TextResponse:
    case Opcode::DataIn:
    case Opcode::LogoutResponse:
    case Opcode::ReadyToTransfer:
    case Opcode::AsyncMessage:
    case Opcode::Reject:
      return true;
    default:
      return false;
  }
}

}  // namespace

void PduStream::command(Header header, std::span<const std::byte> data) {
  iscsi::set32(header, field::kCmdSn, command_sn_++);
  iscsi::store_be24(header.data() + field::kDataLength, static_cast<std::uint32_t>(data.size()));
  iscsi::set32(header, field::kExpCmdSn, expected_status_sn_);  // ExpStatSN stands there
  std::memcpy(output_.reserve(iscsi::kHeaderBytes), header.data(), iscsi::kHeaderBytes);
  output_.commit(iscsi::kHeaderBytes);
  output_.append(data);
  if (const std::size_t pad = iscsi::padded(data.size()) - data.size(); pad != 0) {
    std::memset(output_.reserve(pad), 0, pad);
    output_.commit(pad);
  }
}

// RFC 7143 section 4.2.2.1: what is not numbered shows the number of the next command.
void PduStream::put(Header header, std::span<const std::byte> data) {
  command(header, data);
  --command_sn_;
}

void PduStream::sent(std::size_t bytes) {
  output_.sent(bytes);
  gone_ += bytes;
  if (output_.empty()) pings_answered_ = 0;
}

// A window that ends before an earlier one has been overtaken by that one; a login begins anew.
void PduStream::note_numbers(const Header& header) noexcept {
  const std::uint32_t maximum = iscsi::get32(header, field::kMaxCmdSn);
  if (iscsi::is_opcode(header, Opcode::LoginResponse) ||
      iscsi::serial_less(max_command_sn_, maximum)) {
    max_command_sn_ = maximum;
  }
  if (takes_status_number(header)) {
    expected_status_sn_ = iscsi::get32(header, field::kStatSn) + 1;
  }
}

Status PduStream::answer_ping(const Header& ping) {
  if (++pings_answered_ > kMostPingsAtOnce) {
    return target_error("expected a target to read answers to its pings, found " +
                        std::to_string(kMostPingsAtOnce) + " pings and none read");
  }
  Header answer = iscsi::make_header(Opcode::NopOut, iscsi::kReservedTag);
  answer[0] |= iscsi::kImmediate;
  std::copy_n(ping.begin() + field::kLun, 8, answer.begin() + field::kLun);
  std::copy_n(ping.begin() + field::kTransferTag, 4, answer.begin() + field::kTransferTag);
  put(answer, {});
  return ok();
}

Result<bool> PduStream::next(iscsi::Pdu& pdu, iscsi::PayloadPlacer& placer) {
  switch (receiver_.next(pdu, placer)) {
    case iscsi::Receiver::Outcome::Incomplete:
      return false;
    case iscsi::Receiver::Outcome::Complete:
      break;
    default:
      return target_error("expected PDUs with at most 1 MiB of data, found a longer one");
  }
  if (!is_of_a_target(pdu.header)) {
    return target_error("expected what targets send, found a PDU of opcode " +
                        std::to_string(iscsi::opcode_of(pdu.header)));
  }
  note_numbers(pdu.header);
  if (iscsi::is_opcode(pdu.header, Opcode::NopIn) &&
      iscsi::get32(pdu.header, field::kTransferTag) != iscsi::kReservedTag) {
    LOCKSTEP_TRY(answer_ping(pdu.header));
  }
  return true;
}

}  // namespace lockstep::initiator::batching
