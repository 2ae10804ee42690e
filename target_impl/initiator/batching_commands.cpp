// The way of a command through a stream of PDUs. RFC 7143 sections 11.3, 11.4, 11.7, 11.8 and 11.9.
//
// The target is not trusted: what it sends is compared with what was asked of it, and is put
// nowhere but into the buffer of the command that it belongs to.
#include "target_impl/initiator/batching_session.hpp"
#include "target_impl/iscsi/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::initiator {

using iscsi::Header;
using iscsi::Opcode;
namespace field = iscsi::field;

namespace {

// A tag is the slot's number below, and above it a count that tells its uses apart.
constexpr unsigned kNumberBits = 16;
constexpr std::uint32_t kNumbers = 1U << kNumberBits;
constexpr std::uint32_t kGenerations = 0xFFFF;  // without the one of the reserved tag

void put_lun(Header& header, std::uint16_t lun) noexcept {
  constexpr std::uint16_t kFlatSpace = 0x4000;
  constexpr std::uint16_t kPeripheralMax = 0xFF;
  const bool flat = lun > kPeripheralMax;
  iscsi::store_be16(header.data() + field::kLun,
                    static_cast<std::uint16_t>(flat ? kFlatSpace | (lun & 0x3FFF) : lun));
}

// SPC-4 4.5: fixed or descriptor format, behind its length. Cut short: as far as it goes.
void read_sense(std::span<const std::byte> data, DataAnswer& answer) noexcept {
  constexpr std::size_t kLengthBytes = 2;
  if (data.size() <= kLengthBytes) return;
  const auto* length = reinterpret_cast<const std::uint8_t*>(data.data());
  const auto sense = data.subspan(
      kLengthBytes, std::min<std::size_t>(iscsi::load_be16(length), data.size() - kLengthBytes));
  const auto at = [&](std::size_t index) {
    return index < sense.size() ? std::to_integer<unsigned>(sense[index]) : 0U;
  };
  const bool descriptors = (at(0) & 0x7FU) >= 0x72U;
  answer.sense_key = static_cast<std::uint8_t>(at(descriptors ? 1 : 2) & 0x0FU);
  const std::size_t code = descriptors ? 2 : 12;
  answer.asc_ascq = static_cast<std::uint16_t>(at(code) << 8 | at(code + 1));
}

Error unexpected(const char* what) {
  return target_error(std::string("expected answers to what was asked, found ") + what);
}

}  // namespace

void BatchingSession::send(CommandSlot& slot) {
  waiting_.push_back(&slot);
  send_what_waits();
}

void BatchingSession::send_what_waits() {
  while (!waiting_.empty() && stream_.has_window() && !lost_) {
    CommandSlot& slot = *waiting_.front();
    waiting_.pop_front();
    put_command(slot);
  }
}

void BatchingSession::put_command(CommandSlot& slot) {
  constexpr std::uint8_t kSimple = 1;
  if (slot.number >= kNumbers) {
    return lose(internal_error("expected at most 65536 commands at a time, found more"));
  }
  generation_ = generation_ % (kGenerations - 1) + 1;
  slot.wire.tag = generation_ << kNumberBits | slot.number;
  const std::span data(static_cast<const std::byte*>(slot.buffer.iov_base), slot.buffer.iov_len);
  Header header = iscsi::make_header(Opcode::ScsiCommand, slot.wire.tag);
  std::uint8_t direction = 0;
  if (!data.empty()) direction = slot.reads ? iscsi::kCommandRead : iscsi::kCommandWrite;
  header[field::kFlags] = static_cast<std::uint8_t>(iscsi::kFinal | direction | kSimple);
  put_lun(header, slot.lun);
  iscsi::set32(header, field::kExpectedLength, static_cast<std::uint32_t>(data.size()));
  std::copy(slot.cdb.begin(), slot.cdb.end(), header.begin() + field::kCdb);
  slot.wire.moved = slot.reads ? 0 : agreed_.immediate_bytes(data.size());
  stream_.command(header, data.first(slot.wire.moved));
  slot.wire.sent_until = stream_.queued_until();
}

CommandSlot* BatchingSession::slot_of(const Header& header) const noexcept {
  const std::uint32_t tag = iscsi::task_tag(header);
  CommandSlot* const slot = slots_.find(tag % kNumbers);
  return slot != nullptr && slot->wire.tag == tag && tag != 0 ? slot : nullptr;
}

void BatchingSession::take_pdus() {
  iscsi::Pdu pdu;
  while (!lost_) {
    const auto complete = stream_.next(pdu, *this);
    const Status taken = !complete ? Status(complete.error()) : complete.value() ? take(pdu) : ok();
    if (!taken) {
      Error reason = taken.error();
      reason.message = subject() + ": " + reason.message;
      return lose(std::move(reason));
    }
    if (!complete.value()) return;
  }
}

Status BatchingSession::take(const iscsi::Pdu& pdu) {
  if (login_) {
    LOCKSTEP_TRY(const bool ended, login_->take(pdu));
    if (ended) {
      agreed_ = login_->agreed();
      login_.reset();
      open();
    }
    return ok();
  }
  switch (static_cast<Opcode>(iscsi::opcode_of(pdu.header))) {
    case Opcode::ScsiResponse:
      return take_status(pdu);
    case Opcode::DataIn:
      return take_data(pdu);
    case Opcode::ReadyToTransfer:
      return send_requested(pdu.header);
    case Opcode::NopIn:
      return ok();
    case Opcode::AsyncMessage: {
      // Events of logical units are told by unit attentions as well.
      constexpr std::uint8_t kScsiEvent = 0;
      if (pdu.header[field::kAsyncEvent] == kScsiEvent) return ok();
      return transport_error("the target ends the session");
    }
    case Opcode::LogoutResponse:
      logged_out_ = true;
      return ok();
    case Opcode::Reject:
      return transport_error("the target rejected a request, reason " +
                             std::to_string(pdu.header[field::kResponse]));
    default:
      return unexpected("another PDU");
  }
}

std::byte* BatchingSession::place_in(const CommandSlot& slot, const Header& header,
                                     std::size_t bytes) const noexcept {
  const std::size_t offset = iscsi::get32(header, field::kBufferOffset);
  if (!slot.reads || offset != slot.wire.moved || bytes > slot.buffer.iov_len - offset) {
    return nullptr;
  }
  return static_cast<std::byte*>(slot.buffer.iov_base) + offset;
}

std::byte* BatchingSession::place(const Header& header, std::size_t bytes) {
  if (iscsi::is_opcode(header, Opcode::DataIn)) {
    const CommandSlot* const slot = slot_of(header);
    std::byte* const at = slot != nullptr ? place_in(*slot, header, bytes) : nullptr;
    if (at != nullptr) return at;
  }
  nowhere_.resize(bytes);
  return nowhere_.data();
}

Status BatchingSession::take_data(const iscsi::Pdu& pdu) {
  CommandSlot* const slot = slot_of(pdu.header);
  std::byte* const at = slot != nullptr ? place_in(*slot, pdu.header, pdu.data.size()) : nullptr;
  if (at == nullptr) return unexpected("data that lies outside of a command");
  if (at != pdu.data.data() && !pdu.data.empty()) {
    std::memcpy(at, pdu.data.data(), pdu.data.size());
  }
  slot->wire.moved += pdu.data.size();
  return iscsi::has_flag(pdu.header, iscsi::kStatusInDataIn) ? take_status(pdu) : ok();
}

Status BatchingSession::take_status(const iscsi::Pdu& pdu) {
  CommandSlot* const slot = slot_of(pdu.header);
  if (slot == nullptr) return unexpected("an answer to a command that is not on its way");
  const bool is_response = iscsi::is_opcode(pdu.header, Opcode::ScsiResponse);
  if (is_response && pdu.header[field::kResponse] != 0) {
    return transport_error("the target failed to carry out a command");
  }
  Completion completion;
  completion.answer.scsi_status = pdu.header[field::kStatus];
  if (is_response) read_sense(pdu.data, completion.answer);
  completion.overflow = iscsi::has_flag(pdu.header, iscsi::kOverflow);
  if (slot->reads && completion.answer.good()) completion.bytes_in = slot->wire.moved;
  slot->wire.tag = 0;
  if (slot->wire.sent_until > stream_.sent_until()) {
    // Its data has not gone yet, and is the owner's once it is told.
    answered_.push_back({slot, completion});
  } else {
    answer(*slot, completion);
  }
  return ok();
}

void BatchingSession::answer_what_has_gone() {
  if (answered_.empty()) return;
  const auto gone = std::stable_partition(
      answered_.begin(), answered_.end(),
      [this](const Answered& one) { return one.slot->wire.sent_until > stream_.sent_until(); });
  const std::vector<Answered> ended(gone, answered_.end());
  answered_.erase(gone, answered_.end());
  for (const Answered& one : ended) answer(*one.slot, one.completion);
}

// What is asked for comes in order and once, so no target makes this side queue more than there is.
Status BatchingSession::send_requested(const Header& request) {
  CommandSlot* const slot = slot_of(request);
  std::size_t offset = iscsi::get32(request, field::kBufferOffset);
  std::size_t left = iscsi::get32(request, field::kDesiredLength);
  if (slot == nullptr || slot->reads || left == 0 || offset != slot->wire.moved ||
      left > slot->buffer.iov_len - offset) {
    return unexpected("a request for data that is not to be sent");
  }
  const std::span data(static_cast<const std::byte*>(slot->buffer.iov_base), slot->buffer.iov_len);
  for (std::uint32_t number = 0; left > 0; ++number) {
    const std::size_t bytes = std::min<std::size_t>(left, agreed_.target_max_receive);
    Header header = iscsi::make_header(Opcode::DataOut, slot->wire.tag);
    header[field::kFlags] = bytes == left ? iscsi::kFinal : std::uint8_t{0};
    std::copy_n(request.begin() + field::kLun, 8, header.begin() + field::kLun);
    std::copy_n(request.begin() + field::kTransferTag, 4, header.begin() + field::kTransferTag);
    iscsi::set32(header, field::kDataSn, number);
    iscsi::set32(header, field::kBufferOffset, static_cast<std::uint32_t>(offset));
    stream_.put(header, data.subspan(offset, bytes));
    offset += bytes;
    left -= bytes;
  }
  slot->wire.moved = offset;
  slot->wire.sent_until = stream_.queued_until();
  return ok();
}

}  // namespace lockstep::initiator
