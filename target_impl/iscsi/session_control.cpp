// NOP, Logout and Text. RFC 7143 sections 11.10, 11.11, 11.14, 11.15, 11.18, 11.19 and appendix C.
#include "target_impl/iscsi/session.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::iscsi {
namespace {

enum class LogoutReason : std::uint8_t { CloseSession = 0, CloseConnection = 1, Recovery = 2 };
enum class LogoutAnswer : std::uint8_t { Closed = 0, NoSuchConnection = 1, NoRecovery = 2 };

}  // namespace

void Session::handle_nop_out(const Pdu& pdu) {
  const Header& request = pdu.header;
  command_done(request);
  if (task_tag(request) == kReservedTag) {
    if (get32(request, field::kTransferTag) == ping_tag_) {
      ping_tag_ = kReservedTag;
    }
    return;
  }
  Header header = make_header(Opcode::NopIn, task_tag(request));
  set32(header, field::kTransferTag, kReservedTag);
  std::copy_n(request.begin() + field::kLun, 8, header.begin() + field::kLun);
  const auto echo =
      pdu.data.first(std::min<std::size_t>(pdu.data.size(), setup_.parameters.peer_max_receive));
  writer_.put(header, echo, StatSn::Take);
}

void Session::ping() {
  if (ended_ || ping_unanswered()) {
    return;
  }
  if (++last_ping_tag_ == kReservedTag) {
    last_ping_tag_ = 1;
  }
  ping_tag_ = last_ping_tag_;
  Header header = make_header(Opcode::NopIn, kReservedTag);
  set32(header, field::kTransferTag, ping_tag_);
  writer_.put(header, {}, StatSn::Show);
  host_.attend();
}

void Session::handle_logout(const Pdu& pdu) {
  const Header& request = pdu.header;
  command_done(request);
  const auto reason = static_cast<LogoutReason>(request[field::kFlags] & 0x7F);
  LogoutAnswer answer = LogoutAnswer::Closed;
  switch (reason) {
    case LogoutReason::CloseSession:
      break;
    case LogoutReason::CloseConnection:
      if (load_be16(request.data() + field::kConnectionId) != setup_.identity.connection_id) {
        answer = LogoutAnswer::NoSuchConnection;
      }
      break;
    case LogoutReason::Recovery:
      answer = LogoutAnswer::NoRecovery;
      break;
    default:
      reject(request, RejectReason::InvalidPduField);
      return;
  }
  if (answer == LogoutAnswer::Closed) {
    drop_tasks(std::nullopt);
  }
  Header header = make_header(Opcode::LogoutResponse, task_tag(request));
  header[field::kResponse] = static_cast<std::uint8_t>(answer);
  store_be16(header.data() + field::kTimeToWait,
             static_cast<std::uint16_t>(setup_.parameters.time_to_wait));
  writer_.put(header, {}, StatSn::Take);
  if (answer == LogoutAnswer::Closed) {
    end();
  }
}

void Session::handle_text(const Pdu& pdu) {
  const Header& request = pdu.header;
  command_done(request);
  const std::uint32_t transfer_tag = get32(request, field::kTransferTag);
  if (transfer_tag == kReservedTag) {
    // A new exchange ends one that was under way.
    text_request_.clear();
    text_answer_.clear();
    text_tag_ = kReservedTag;
  } else if (transfer_tag != text_tag_) {
    reject(request, RejectReason::ProtocolError);
    return;
  }
  const bool illegal = has_flag(request, kFinal) && has_flag(request, kContinue);
  if (illegal || text_request_.size() + pdu.data.size() > kMaxTextBytes) {
    text_request_.clear();
    reject(request, RejectReason::ProtocolError);
    return;
  }
  text_request_.append(as_text(pdu.data));
  if (!has_flag(request, kContinue)) {
    const auto pairs = parse_text(text_request_);
    if (!pairs) {
      text_request_.clear();
      reject(request, RejectReason::InvalidPduField);
      return;
    }
    answer_text();
    text_request_.clear();
  }
  send_text(request);
}

void Session::answer_text() {
  const auto pairs = parse_text(text_request_);
  bool listed = false;
  for (const TextPair& pair : pairs.value()) {
    if (pair.key == "SendTargets") {
      // Once: a few bytes of question must not bring the whole list again and again.
      if (std::exchange(listed, true) || !answer_send_targets(pair.value)) {
        append_pair(text_answer_, pair.key, "Reject");
      }
      continue;
    }
    std::string answer;
    switch (negotiation_.take_in_full_feature(pair.key, pair.value, answer)) {
      case KeyVerdict::Silent:
        break;
      case KeyVerdict::Unknown:
        append_pair(text_answer_, pair.key, "NotUnderstood");
        break;
      case KeyVerdict::Answered:
      case KeyVerdict::Repeated:
        append_pair(text_answer_, pair.key, answer);
        break;
    }
  }
}

// "All"; a name; or nothing, for the target of a normal session. A target that the initiator may
// not log in to is not shown.
bool Session::answer_send_targets(std::string_view which) {
  if (which == "All") {
    for (const ServedTarget& target : portal_.targets()) {
      describe(target);
    }
    return true;
  }
  if (which.empty()) {
    if (setup_.parameters.discovery) {
      return false;
    }
    describe({setup_.executor, setup_.access});
    return true;
  }
  const auto name = normalize_name(which);
  if (!name) {
    return false;
  }
  if (const ServedTarget found = portal_.find(*name)) {
    describe(found);
  }
  return true;
}

// The address on which the initiator came is named first: that one it can reach.
void Session::describe(const ServedTarget& target) {
  if (!admits(target.access->initiators, setup_.identity.initiator)) {
    return;
  }
  append_pair(text_answer_, "TargetName", target.executor->target_name());
  const auto add = [this, &target](const std::string& address, std::uint16_t group) {
    if (target.reached_through(group)) {
      append_pair(text_answer_, "TargetAddress", address + "," + std::to_string(group));
    }
  };
  add(setup_.local_address, setup_.identity.portal_group);
  const std::string local_host = setup_.local_address.substr(0, setup_.local_address.rfind(':'));
  for (const PortalAddress& portal : portal_.addresses()) {
    const bool anywhere = portal.address == "0.0.0.0" || portal.address == "::";
    const std::string address =
        anywhere ? local_host + ":" + std::to_string(portal.port) : endpoint_text(portal);
    if (address != setup_.local_address) {
      add(address, portal.portal_group);
    }
  }
}

void Session::send_text(const Header& request) {
  const std::string_view whole = text_answer_;
  const std::string_view part = whole.substr(0, setup_.parameters.peer_max_receive);
  const bool more_to_send = part.size() < whole.size();
  const bool more_to_come = !has_flag(request, kFinal);
  const bool goes_on = more_to_send || more_to_come;
  Header header = make_header(Opcode::TextResponse, task_tag(request));
  header[field::kFlags] = goes_on ? (more_to_send ? kContinue : std::uint8_t{0}) : kFinal;
  std::copy_n(request.begin() + field::kLun, 8, header.begin() + field::kLun);
  if (goes_on && text_tag_ == kReservedTag) {
    if (++last_ping_tag_ == kReservedTag) {
      last_ping_tag_ = 1;
    }
    text_tag_ = last_ping_tag_;
  }
  if (!goes_on) {
    text_tag_ = kReservedTag;
  }
  set32(header, field::kTransferTag, text_tag_);
  writer_.put(header, as_bytes(part), StatSn::Take);
  text_answer_.erase(0, part.size());
}

}  // namespace lockstep::iscsi
