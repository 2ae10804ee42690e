// Connecting, logging in, and the way of a command through libiscsi.
#include "target_impl/initiator/session.hpp"

#include "target_impl/initiator/names.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"

#include <utility>

namespace lockstep::initiator {
namespace {

constexpr unsigned kUnitAttentionsMax = 4;
constexpr unsigned kRedirectionsMax = 3;
constexpr int kLargestStatus = 0xFF;  // above: libiscsi's own, no answer of the device

}  // namespace

LibiscsiSession::LibiscsiSession(std::string portal, std::string target_name,
                                 const SessionOptions& options, Context context)
    : portal_(std::move(portal)),
      target_name_(std::move(target_name)),
      options_(options),
      login_deadline_(Clock::now() + options.connect_timeout),
      context_(std::move(context)) {}

Result<std::unique_ptr<LibiscsiSession>> LibiscsiSession::begin(const std::string& portal,
                                                                const std::string& target_name,
                                                                const SessionOptions& options) {
  LOCKSTEP_TRY(auto address, parse_portal(portal));
  LOCKSTEP_TRY(check_target_name(target_name));
  LOCKSTEP_TRY(auto context, make_context(options, target_name));
  std::unique_ptr<LibiscsiSession> session(
      new LibiscsiSession(address, target_name, options, std::move(context)));
  session->start_login(address);
  return session;
}

std::string LibiscsiSession::subject() const { return "target " + target_name_ + " at " + portal_; }

std::string LibiscsiSession::library_text() const {
  std::string text = iscsi_get_error(context_.get());
  const std::string prefix = "iscsi_service: ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' ')) {
    text.pop_back();
  }
  return text.empty() ? "no reason given" : text;
}

Error LibiscsiSession::login_timeout() const {
  const std::string within = std::to_string(options_.connect_timeout.count()) + " ms";
  if (state_ == State::Connecting) {
    return transport_error(subject() + ": expected a TCP connection within " + within +
                           ", the portal did not answer; check address, port and firewall");
  }
  return transport_error(subject() + ": expected an answer to the login within " + within +
                         ", the portal accepted the connection and said nothing; check that an " +
                         "iSCSI target listens on that port");
}

Error LibiscsiSession::login_refused() const {
  const std::string text = library_text();
  // Login status 0201h and 0202h (RFC 7143, 11.13.5), which the library tells as text alone.
  const bool access = text.find("Authentication failure") != std::string::npos ||
                      text.find("Authorization failure") != std::string::npos;
  if (!access) return target_error(subject() + ": the login was refused: " + text);
  return config_error(subject() + ": expected to be let in, the login was refused (" + text +
                      "); check user name and password");
}

void LibiscsiSession::start_login(const std::string& address) {
  state_ = State::Connecting;
  const transport::bypass::BypassConsent consent(options_.bypass);
  if (iscsi_connect_async(context_.get(), address.c_str(), on_connected, this) != 0) {
    mark_lost(transport_error(subject() + ": cannot connect: " + library_text()));
  }
}

void LibiscsiSession::follow_redirection() {
  redirected_ = false;
  std::string address = iscsi_get_target_address(context_.get());
  address.erase(std::min(address.find(','), address.size()));  // the portal group tag
  const auto checked = parse_portal(address);
  if (!checked || ++redirections_ > kRedirectionsMax) {
    mark_lost(target_error(subject() + ": the portal redirects to '" + address + "', " +
                           (checked ? "one redirection too many" : "which is no address")));
    return;
  }
  auto context = make_context(options_, target_name_);
  if (!context) {
    mark_lost(std::move(context).error());
    return;
  }
  context_ = std::move(context).value();
  start_login(checked.value());
}

void LibiscsiSession::on_connected(iscsi_context* context, int status, void*, void* self) noexcept {
  auto& session = *static_cast<LibiscsiSession*>(self);
  if (session.lost_) return;
  if (status != SCSI_STATUS_GOOD) {
    session.mark_lost(
        transport_error(session.subject() + ": cannot connect: " + session.library_text()));
    return;
  }
  session.state_ = State::LoggingIn;
  if (iscsi_login_async(context, on_login, self) != 0) {
    session.mark_lost(
        internal_error(session.subject() + ": cannot log in: " + session.library_text()));
  }
}

void LibiscsiSession::on_login(iscsi_context*, int status, void*, void* self) noexcept {
  auto& session = *static_cast<LibiscsiSession*>(self);
  if (session.lost_) return;
  if (status == SCSI_STATUS_REDIRECT) {
    session.redirected_ = true;
    return;
  }
  if (status != SCSI_STATUS_GOOD) {
    session.mark_lost(session.login_refused());
    return;
  }
  session.state_ = State::Open;
  for (CommandSlot* slot = session.slots_.first(); slot != nullptr; slot = slot->next) {
    if (!slot->refused) session.send(*slot);
  }
}

void LibiscsiSession::on_logout(iscsi_context*, int, void*, void* self) noexcept {
  static_cast<LibiscsiSession*>(self)->logged_out_ = true;
}

CommandSlot& LibiscsiSession::prepare(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                                      Done done) {
  CommandSlot& slot = slots_.append();
  slot.session = this;
  slot.lun = lun;
  slot.cdb_bytes = static_cast<std::uint8_t>(cdb.size());
  std::copy(cdb.begin(), cdb.end(), slot.cdb.begin());
  slot.deadline = Clock::now() + options_.command_timeout;
  slot.done = std::move(done);
  return slot;
}

void LibiscsiSession::submit(CommandSlot& slot) {
  if (state_ == State::Open && !lost_) send(slot);
}

void LibiscsiSession::refuse(CommandSlot& slot) {
  slot.refused = true;
  ++refused_;
}

void LibiscsiSession::send(CommandSlot& slot) {
  const auto bytes = static_cast<int>(slot.buffer.iov_len);
  const int direction =
      bytes == 0 ? SCSI_XFER_NONE : (slot.reads ? SCSI_XFER_READ : SCSI_XFER_WRITE);
  slot.task = scsi_create_task(slot.cdb_bytes, slot.cdb.data(), direction, bytes);
  if (slot.task == nullptr) {
    mark_lost(internal_error(subject() + ": out of memory"));
    return;
  }
  if (direction == SCSI_XFER_READ) scsi_task_set_iov_in(slot.task, &slot.buffer, 1);
  if (direction == SCSI_XFER_WRITE) scsi_task_set_iov_out(slot.task, &slot.buffer, 1);
  if (iscsi_scsi_command_async(context_.get(), slot.lun, slot.task, on_answer, nullptr, &slot) !=
      0) {
    mark_lost(transport_error(subject() + ": cannot send a command: " + library_text()));
    return;
  }
  ++unsent_;
}

void LibiscsiSession::on_answer(iscsi_context*, int status, void*, void* argument) noexcept {
  auto& slot = *static_cast<CommandSlot*>(argument);
  auto& session = *slot.session;
  if (session.lost_) return;  // settle() completes what is left
  if (status < 0 || status > kLargestStatus) {
    session.mark_lost(transport_error(session.subject() +
                                      ": the connection was lost: " + session.library_text()));
    return;
  }
  const scsi_task& task = *slot.task;
  Completion completion;
  completion.answer.scsi_status = static_cast<std::uint8_t>(status);
  if (status == SCSI_STATUS_CHECK_CONDITION) {
    if (task.sense.key == SCSI_SENSE_UNIT_ATTENTION && slot.unit_attentions < kUnitAttentionsMax) {
      ++slot.unit_attentions;
      scsi_free_scsi_task(std::exchange(slot.task, nullptr));
      session.send(slot);
      return;
    }
    completion.answer.sense_key = static_cast<std::uint8_t>(task.sense.key);
    completion.answer.asc_ascq = static_cast<std::uint16_t>(task.sense.ascq);
  }
  completion.overflow = task.residual_status == SCSI_RESIDUAL_OVERFLOW;
  if (slot.reads && status == SCSI_STATUS_GOOD) {
    const std::size_t missing = task.residual_status == SCSI_RESIDUAL_UNDERFLOW ? task.residual : 0;
    completion.bytes_in = slot.buffer.iov_len - std::min(missing, slot.buffer.iov_len);
  }
  session.complete(slot, completion);
}

void LibiscsiSession::complete(CommandSlot& slot, const Completion& completion) {
  if (slot.task != nullptr) scsi_free_scsi_task(slot.task);
  const Done done = std::move(slot.done);
  slots_.release(slot);
  if (done) done(completion);
}

Result<std::unique_ptr<Session>> Session::start_connect(const std::string& portal,
                                                        const std::string& target_name,
                                                        const SessionOptions& options) {
  LOCKSTEP_TRY(auto session, LibiscsiSession::begin(portal, target_name, options));
  return std::unique_ptr<Session>(std::move(session));
}

Result<std::unique_ptr<Session>> Session::connect(const std::string& portal,
                                                  const std::string& target_name,
                                                  const SessionOptions& options) {
  LOCKSTEP_TRY(auto session, LibiscsiSession::begin(portal, target_name, options));
  LOCKSTEP_TRY(session->finish_login());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace lockstep::initiator
