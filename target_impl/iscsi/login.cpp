#include "target_impl/iscsi/login.hpp"

#include "target_impl/iscsi/session.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>

namespace lockstep::iscsi {
namespace {

// Enough for any authentication; a peer that needs more is not getting anywhere.
constexpr unsigned kMaxRequests = 64;
constexpr unsigned kReservedStage = 2;

unsigned current_stage(const Header& header) { return (header[field::kFlags] >> 2) & 3U; }
unsigned next_stage(const Header& header) { return header[field::kFlags] & 3U; }

}  // namespace

const char* login_status_text(LoginStatus status) noexcept {
  switch (status) {
    case LoginStatus::Success:
      return "success";
    case LoginStatus::InitiatorError:
      return "initiator error";
    case LoginStatus::AuthenticationFailure:
      return "authentication failure";
    case LoginStatus::AuthorizationFailure:
      return "authorization failure";
    case LoginStatus::NotFound:
      return "target not found";
    case LoginStatus::UnsupportedVersion:
      return "unsupported version";
    case LoginStatus::TooManyConnections:
      return "too many connections";
    case LoginStatus::MissingParameter:
      return "missing parameter";
    case LoginStatus::SessionTypeNotSupported:
      return "session type not supported";
    case LoginStatus::SessionDoesNotExist:
      return "session does not exist";
    case LoginStatus::InvalidDuringLogin:
      return "invalid during login";
    case LoginStatus::OutOfResources:
      return "out of resources";
  }
  return "unknown";
}

Login::Login(Portal& portal, PduWriter& writer, std::uint16_t portal_group)
    : portal_(portal), writer_(writer), negotiation_(portal.offered(), parameters_) {
  identity_.portal_group = portal_group;
}

Login::Progress Login::handle(const Pdu& pdu) {
  const Header& header = pdu.header;
  // Nothing but login requests is legal here, and whoever sends something else is no initiator.
  if (!is_opcode(header, Opcode::LoginRequest)) {
    return Progress::Failed;
  }
  if (++requests_ > kMaxRequests) {
    return fail(header, LoginStatus::InitiatorError);
  }
  if (!begun_) {
    if (const auto error = begin(header)) {
      return fail(header, *error);
    }
  }
  if (const auto error = check_flags(header)) {
    return fail(header, *error);
  }
  if (request_text_.size() + pdu.data.size() > kMaxTextBytes) {
    return fail(header, LoginStatus::InitiatorError);
  }
  request_text_.append(as_text(pdu.data));
  if (has_flag(header, kContinue)) {
    respond(header, false);
    return Progress::Continues;
  }
  if (const auto error = take_text()) {
    return fail(header, *error);
  }
  request_text_.clear();
  declare();
  const bool wants_transit = has_flag(header, kFinal);
  if (wants_transit && stage_ == Stage::Security && security_.was_ignored()) {
    return fail(header, LoginStatus::AuthenticationFailure);
  }
  const bool ready = stage_ != Stage::Security || security_.is_satisfied();
  const bool transit = wants_transit && ready && answer_text_.size() <= kDefaultMaxReceive;
  if (transit && next_stage(header) == static_cast<unsigned>(Stage::FullFeature)) {
    if (const auto error = finish()) {
      return fail(header, *error);
    }
  }
  respond(header, transit);
  if (!transit) {
    return Progress::Continues;
  }
  stage_ = static_cast<Stage>(next_stage(header));
  return stage_ == Stage::FullFeature ? Progress::Done : Progress::Continues;
}

std::optional<LoginStatus> Login::begin(const Header& header) {
  begun_ = true;
  constexpr std::size_t kVersionMin = 3;
  std::copy_n(header.begin() + field::kIsid, identity_.isid.size(), identity_.isid.begin());
  identity_.tsih = load_be16(header.data() + field::kTsih);
  identity_.connection_id = load_be16(header.data() + field::kConnectionId);
  writer_.window().expected = get32(header, field::kCmdSn);
  writer_.window().maximum = writer_.window().expected + portal_.limits().command_window - 1;
  if (header[kVersionMin] != 0) {
    return LoginStatus::UnsupportedVersion;
  }
  const unsigned stage = current_stage(header);
  if (stage > static_cast<unsigned>(Stage::Operational)) {
    return LoginStatus::InvalidDuringLogin;
  }
  stage_ = static_cast<Stage>(stage);
  return std::nullopt;
}

std::optional<LoginStatus> Login::check_flags(const Header& header) const {
  if (current_stage(header) != static_cast<unsigned>(stage_)) {
    return LoginStatus::InvalidDuringLogin;
  }
  if (has_flag(header, kFinal)) {
    const unsigned next = next_stage(header);
    if (next == kReservedStage || next <= current_stage(header) || has_flag(header, kContinue)) {
      return LoginStatus::InvalidDuringLogin;
    }
  }
  return std::nullopt;
}

std::optional<LoginStatus> Login::take_text() {
  const auto pairs = parse_text(request_text_);
  if (!pairs) {
    return LoginStatus::InitiatorError;
  }
  // The type of the session decides which keys are irrelevant, wherever in the text it stands.
  for (const TextPair& pair : pairs.value()) {
    bool taken = false;
    if (const auto error = take_declaration(pair.key, pair.value, taken)) {
      return error;
    }
  }
  if (!names_checked_) {
    if (const auto error = check_names()) {
      return error;
    }
  }
  for (const TextPair& pair : pairs.value()) {
    if (const auto error = take_key(pair.key, pair.value)) {
      return error;
    }
    if (answer_text_.size() > kMaxTextBytes) {
      return LoginStatus::InitiatorError;
    }
  }
  if (!security_.finish_request(answer_text_)) {
    return LoginStatus::AuthenticationFailure;
  }
  return std::nullopt;
}

std::optional<LoginStatus> Login::take_declaration(std::string_view key, std::string_view value,
                                                   bool& taken) {
  taken = true;
  std::optional<std::string>* where = nullptr;
  if (key == "InitiatorName") {
    where = &initiator_name_;
  }
  if (key == "TargetName") {
    where = &target_name_;
  }
  if (key == "SessionType") {
    where = &session_type_;
  }
  if (where == nullptr) {
    taken = false;
    return std::nullopt;
  }
  // These belong into the first request and may not be declared again.
  if (*where || names_checked_) {
    return LoginStatus::InitiatorError;
  }
  *where = std::string(value);
  if (where == &session_type_) {
    if (value != "Discovery" && value != "Normal") {
      return LoginStatus::SessionTypeNotSupported;
    }
    parameters_.discovery = value == "Discovery";
  }
  return std::nullopt;
}

std::optional<LoginStatus> Login::take_key(std::string_view key, std::string_view value) {
  if (key == "InitiatorName" || key == "TargetName" || key == "SessionType" ||
      key == "InitiatorAlias") {
    return std::nullopt;
  }
  std::string answer;
  if (stage_ == Stage::Security) {
    switch (security_.take(key, value, answer_text_)) {
      case Security::Verdict::Taken:
        return std::nullopt;
      case Security::Verdict::Failed:
        return LoginStatus::AuthenticationFailure;
      case Security::Verdict::NotMine:
        break;
    }
  }
  switch (negotiation_.take(key, value, answer)) {
    case KeyVerdict::Answered:
      append_pair(answer_text_, key, answer);
      break;
    case KeyVerdict::Silent:
      break;
    case KeyVerdict::Unknown:
      append_pair(answer_text_, key, "NotUnderstood");
      break;
    case KeyVerdict::Repeated:
      return LoginStatus::InitiatorError;
  }
  return std::nullopt;
}

std::optional<LoginStatus> Login::check_names() {
  names_checked_ = true;
  if (!initiator_name_) {
    return LoginStatus::MissingParameter;
  }
  const auto initiator = normalize_name(*initiator_name_);
  if (!initiator) {
    return LoginStatus::InitiatorError;
  }
  identity_.initiator = *initiator;
  if (const auto error = find_target()) {
    return error;
  }
  security_.use(target_.access);
  if (stage_ == Stage::Operational && !security_.may_be_skipped()) {
    return LoginStatus::AuthenticationFailure;
  }
  return std::nullopt;
}

// Also whether the initiator may use it at all, and whether the session it names exists.
std::optional<LoginStatus> Login::find_target() {
  if (parameters_.discovery) {
    target_.access = portal_.discovery();
    if (!admits(target_.access->initiators, identity_.initiator)) {
      return LoginStatus::AuthorizationFailure;
    }
    return identity_.tsih == 0 ? std::nullopt : std::optional(LoginStatus::SessionDoesNotExist);
  }
  if (!target_name_) {
    return LoginStatus::MissingParameter;
  }
  const auto target = normalize_name(*target_name_);
  if (!target) {
    return LoginStatus::InitiatorError;
  }
  identity_.target = *target;
  target_ = portal_.find(*target);
  if (!target_ || !target_.reached_through(identity_.portal_group)) {
    return LoginStatus::NotFound;
  }
  if (!target_.admits(identity_.initiator, identity_.portal_group)) {
    return LoginStatus::AuthorizationFailure;
  }
  append_pair(answer_text_, "TargetPortalGroupTag", std::to_string(identity_.portal_group));
  if (identity_.tsih == 0) {
    return std::nullopt;
  }
  const Session* existing = portal_.find_session(identity_);
  if (existing == nullptr || existing->identity().tsih != identity_.tsih) {
    return LoginStatus::SessionDoesNotExist;
  }
  // The same connection again replaces the old one; a second one was never agreed to.
  if (existing->identity().connection_id != identity_.connection_id) {
    return LoginStatus::TooManyConnections;
  }
  return std::nullopt;
}

void Login::declare() {
  if (stage_ != Stage::Operational || length_declared_) {
    return;
  }
  length_declared_ = true;
  append_pair(answer_text_, "MaxRecvDataSegmentLength",
              std::to_string(portal_.offered().max_receive));
}

std::optional<LoginStatus> Login::finish() {
  negotiation_.settle();
  Session* old = nullptr;
  if (!parameters_.discovery) {
    if (portal_.find(identity_.target).executor != target_.executor) {
      return LoginStatus::NotFound;
    }
    old = portal_.find_session(identity_);
  }
  if (old != nullptr) {
    // Session reinstatement (RFC 7143 section 6.3.5): the old session ends before the new one is
    // granted.
    old->end();
  } else if (portal_.sessions().size() >= portal_.limits_in_all().sessions) {
    return LoginStatus::OutOfResources;
  }
  if (identity_.tsih == 0) {
    identity_.tsih = portal_.new_tsih();
  }
  return std::nullopt;
}

void Login::respond(const Header& request, bool transit) {
  Header header = make_header(Opcode::LoginResponse, task_tag(request));
  const std::string_view whole = answer_text_;
  const std::string_view part = whole.substr(0, kDefaultMaxReceive);
  const bool more = part.size() < whole.size();
  const unsigned stages =
      (static_cast<unsigned>(stage_) << 2) | (transit ? next_stage(request) : 0);
  header[field::kFlags] =
      static_cast<std::uint8_t>(stages | (transit ? kFinal : 0U) | (more ? kContinue : 0U));
  std::copy(identity_.isid.begin(), identity_.isid.end(), header.begin() + field::kIsid);
  const bool is_last = transit && next_stage(request) == static_cast<unsigned>(Stage::FullFeature);
  store_be16(header.data() + field::kTsih,
             is_last ? identity_.tsih : load_be16(request.data() + field::kTsih));
  writer_.put(header, as_bytes(part), StatSn::Take);
  answer_text_.erase(0, part.size());
}

Login::Progress Login::fail(const Header& request, LoginStatus status) {
  refused_with_ = status;
  Header header = make_header(Opcode::LoginResponse, task_tag(request));
  header[field::kFlags] = request[field::kFlags] & 0x0CU;
  std::copy_n(request.begin() + field::kIsid, 8, header.begin() + field::kIsid);  // TSIH too
  store_be16(header.data() + field::kLoginStatus, static_cast<std::uint16_t>(status));
  writer_.put(header, {}, StatSn::Take);
  return Progress::Failed;
}

}  // namespace lockstep::iscsi
