#include "target_impl/iscsi/session.hpp"

#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::iscsi {
namespace {

// Immediate commands come on top of the window.
constexpr std::size_t kImmediateTasks = 16;

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

// Whether the request takes a number of the command window. Data-Out and SNACK have none; unknown
// requests carry none that can be trusted.
bool is_numbered(const Header& header) {
  if (is_immediate(header)) {
    return false;
  }
  switch (static_cast<Opcode>(opcode_of(header))) {
    case Opcode::NopOut:
    case Opcode::ScsiCommand:
    case Opcode::TaskManagementRequest:
    case Opcode::TextRequest:
    case Opcode::LogoutRequest:
      return true;
    default:
      return false;
  }
}

scsi::Nexus make_nexus(Portal& portal, const SessionSetup& setup) {
  const SessionIdentity& identity = setup.identity;
  std::array<std::uint8_t, 2> group{};
  store_be16(group.data(), identity.portal_group);
  scsi::Nexus nexus;
  nexus.port_group = identity.portal_group;
  for (const auto& [lun, initiators] : setup.access->lun_initiators) {
    if (lun < nexus.hidden_luns.size() && !admits(initiators, identity.initiator)) {
      nexus.hidden_luns.set(lun);
    }
  }
  nexus.initiator_port = identity.initiator + ",i,0x" + hexadecimal(identity.isid);
  nexus.target_port = identity.target + ",t,0x" + hexadecimal(group);
  nexus.id = portal.new_nexus_id();
  return nexus;
}

std::shared_ptr<LateAnswers> late_answers_of(ConnectionHost& host) {
  auto wake = host.waker();
  return wake ? std::make_shared<LateAnswers>(std::move(wake)) : nullptr;
}

}  // namespace

std::uint16_t decode_lun(const Header& header) noexcept {
  constexpr std::uint16_t kNoSuchLun = 0xFFFF;
  const std::uint8_t* lun = header.data() + field::kLun;
  const bool single_level = std::all_of(lun + 2, lun + 8, [](std::uint8_t b) { return b == 0; });
  if (!single_level) {
    return kNoSuchLun;
  }
  const std::uint16_t first = load_be16(lun);
  switch (first >> 14) {
    case 0:
      return first;  // peripheral device addressing
    case 1:
      return static_cast<std::uint16_t>(first & 0x3FFF);  // flat space
    default:
      return first;  // well-known and others
  }
}

Session::Session(Portal& portal, PduWriter& writer, ConnectionHost& host, SessionSetup setup)
    : portal_(portal),
      writer_(writer),
      host_(host),
      setup_(std::move(setup)),
      negotiation_(portal.offered(), setup_.parameters),
      nexus_(make_nexus(portal, setup_)),
      late_answers_(late_answers_of(host)),
      data_in_(writer, setup_.parameters, late_answers_),
      tasks_(portal.limits().command_window + kImmediateTasks) {
  portal_.enter(*this);
  if (setup_.executor) {
    setup_.executor->nexus_started(nexus_);
  }
}

Session::~Session() {
  handling_ = true;  // the host is going away with us and need not be told
  end();
}

void Session::end() {
  if (ended_) {
    return;
  }
  ended_ = true;
  closing_ = true;
  drop_tasks(std::nullopt);
  held_.clear();
  portal_.remove_held(held_bytes_);
  held_bytes_ = 0;
  portal_.leave(*this);
  if (setup_.executor) {
    setup_.executor->nexus_lost(nexus_);
  }
  if (!handling_) {
    host_.attend();
  }
}

void Session::end_with_notice(AsyncEvent event) {
  if (ended_) {
    return;
  }
  Header header = make_header(Opcode::AsyncMessage, kReservedTag);
  header[field::kAsyncEvent] = static_cast<std::uint8_t>(event);
  if (event != AsyncEvent::LogoutRequested) {
    // When to come back. After a request to log out, parameter 3 is how long there is for it: none.
    store_be16(header.data() + field::kAsyncParameter2,
               static_cast<std::uint16_t>(setup_.parameters.time_to_wait));
  }
  if (event == AsyncEvent::ConnectionWillDrop) {
    store_be16(header.data() + field::kAsyncParameter1, setup_.identity.connection_id);
  }
  writer_.put(header, {}, StatSn::Take);
  end();
}

Session::Order Session::order_of(const Pdu& pdu) const noexcept {
  const Header& header = pdu.header;
  if (!is_numbered(header)) {
    return Order::Now;
  }
  const CommandWindow& window = writer_.window();
  const std::uint32_t number = get32(header, field::kCmdSn);
  if (serial_less(number, window.expected) || serial_less(window.maximum, number)) {
    return Order::Never;
  }
  return number == window.expected ? Order::Now : Order::Later;
}

void Session::handle(const Pdu& pdu) {
  handling_ = true;
  switch (order_of(pdu)) {
    case Order::Now:
      dispatch(pdu);
      handle_held();
      break;
    case Order::Later:
      hold(pdu);
      break;
    case Order::Never:
      // Dropped silently (RFC 7143 section 4.2.2.1), together with data that it may have announced.
      if (is_opcode(pdu.header, Opcode::ScsiCommand)) {
        remember_ended(task_tag(pdu.header));
      }
      break;
  }
  incoming_.release();
  incoming_task_ = nullptr;
  handling_ = false;
}

bool Session::has_room(std::size_t bytes) const noexcept {
  return portal_.has_room(BufferPool::rounded(bytes), own_bytes());
}

// A session has one connection here, which keeps the order, so a gap is a fault of the initiator.
void Session::hold(const Pdu& pdu) {
  const std::size_t bytes = sizeof(HeldPdu) + pdu.additional.size() + pdu.data.size();
  if (collected_ + held_bytes_ + bytes > portal_.limits().collected_bytes || !has_room(bytes)) {
    end();
    return;
  }
  HeldPdu held;
  held.accounted = bytes;
  held.pdu = pdu;
  held.additional.assign(pdu.additional.begin(), pdu.additional.end());
  held.data.assign(pdu.data.begin(), pdu.data.end());
  held.pdu.lent = false;
  if (held_.try_emplace(get32(pdu.header, field::kCmdSn), std::move(held)).second) {
    held_bytes_ += bytes;
    portal_.add_held(bytes);
  }
}

void Session::handle_held() {
  while (!held_.empty() && !closing_) {
    auto next = held_.extract(writer_.window().expected);
    if (next.empty()) {
      return;
    }
    HeldPdu& held = next.mapped();
    held_bytes_ -= held.accounted;
    portal_.remove_held(held.accounted);
    if (held.aborted) {
      ++writer_.window().expected;
      ++writer_.window().maximum;
      continue;
    }
    incoming_.release();
    held.pdu.additional = held.additional;
    held.pdu.data = held.data;
    dispatch(held.pdu);
  }
}

void Session::dispatch(const Pdu& pdu) {
  const Header& header = pdu.header;
  const auto opcode = static_cast<Opcode>(opcode_of(header));
  if (is_numbered(header)) {
    ++writer_.window().expected;
  }
  if (!pdu.data_digest_ok && opcode != Opcode::DataOut) {
    command_done(header);
    reject(header, RejectReason::DataDigestError);
    return;
  }
  const bool discovery = setup_.parameters.discovery;
  switch (opcode) {
    case Opcode::NopOut:
      handle_nop_out(pdu);
      return;
    case Opcode::TextRequest:
      handle_text(pdu);
      return;
    case Opcode::LogoutRequest:
      handle_logout(pdu);
      return;
    case Opcode::ScsiCommand:
      if (!discovery) {
        return handle_command(pdu);
      }
      break;
    case Opcode::TaskManagementRequest:
      if (!discovery) {
        return handle_task_management(pdu);
      }
      break;
    case Opcode::DataOut:
      if (!discovery) {
        return handle_data_out(pdu);
      }
      break;
    case Opcode::SnackRequest:
      reject(header, RejectReason::SnackReject);
      return;
    case Opcode::LoginRequest:
      reject(header, RejectReason::ProtocolError);
      return;
    default:
      reject(header, RejectReason::NotSupported);
      return;
  }
  command_done(header);
  reject(header, RejectReason::ProtocolError);
}

// Called once for each numbered request when nothing of it remains: the window moves on.
void Session::command_done(const Header& command) noexcept {
  if (!is_immediate(command)) {
    ++writer_.window().maximum;
  }
}

void Session::reject(const Header& rejected, RejectReason reason) {
  Header header = make_header(Opcode::Reject, kReservedTag);
  header[field::kResponse] = static_cast<std::uint8_t>(reason);
  writer_.put(header, std::as_bytes(std::span(rejected)), StatSn::Take);
}

}  // namespace lockstep::iscsi
