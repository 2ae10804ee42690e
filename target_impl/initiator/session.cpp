// Connecting, logging in, and the way of a command through libiscsi.
#include "target_impl/initiator/session.hpp"

#include "target_impl/initiator/names.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr unsigned kRedirectionsMax = 3;
constexpr int kLargestStatus = 0xFF;  // above: libiscsi's own, no answer of the device
constexpr std::chrono::milliseconds kLogoutWait{200};

// libiscsi writes each command by itself; what it writes meanwhile leaves as one, and reaches the
// target as one.
class Cork {
 public:
  explicit Cork(int descriptor) : descriptor_(descriptor) { set(1); }
  ~Cork() { set(0); }
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

 private:
  // Without it all the same leaves, in more pieces.
  void set(int corked) const noexcept {
    static_cast<void>(::setsockopt(descriptor_, IPPROTO_TCP, TCP_CORK, &corked, sizeof corked));
  }
  const int descriptor_;
};

}  // namespace

LibiscsiSession::LibiscsiSession(std::string portal, std::string target_name,
                                 const SessionOptions& options, Context context)
    : BasicSession(std::move(portal), std::move(target_name), options),
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

std::string LibiscsiSession::library_text() const {
  std::string text = iscsi_get_error(context_.get());
  const std::string prefix = "iscsi_service: ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' ')) {
    text.pop_back();
  }
  return text.empty() ? "no reason given" : text;
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
  session.open();
}

void LibiscsiSession::on_logout(iscsi_context*, int, void*, void* self) noexcept {
  static_cast<LibiscsiSession*>(self)->logged_out_ = true;
}

void LibiscsiSession::send(CommandSlot& slot) {
  slot.session = this;
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
    completion.answer.sense_key = static_cast<std::uint8_t>(task.sense.key);
    completion.answer.asc_ascq = static_cast<std::uint16_t>(task.sense.ascq);
  }
  completion.overflow = task.residual_status == SCSI_RESIDUAL_OVERFLOW;
  if (slot.reads && status == SCSI_STATUS_GOOD) {
    const std::size_t missing = task.residual_status == SCSI_RESIDUAL_UNDERFLOW ? task.residual : 0;
    completion.bytes_in = slot.buffer.iov_len - std::min(missing, slot.buffer.iov_len);
  }
  scsi_free_scsi_task(std::exchange(slot.task, nullptr));
  session.answer(slot, completion);
}

int LibiscsiSession::descriptor() const noexcept {
  return context_ ? iscsi_get_fd(context_.get()) : -1;
}

short LibiscsiSession::events() const noexcept {
  return context_ ? static_cast<short>(iscsi_which_events(context_.get())) : short{0};
}

void LibiscsiSession::serve(short revents) {
  const int result = iscsi_service(context_.get(), revents);
  // After an error with nothing outstanding libiscsi answers 0 once; without reconnection it is
  // the end all the same.
  if ((result < 0 || (revents & (POLLERR | POLLHUP)) != 0) && !lost_) {
    mark_lost(transport_error(subject() + (state_ == State::Open
                                               ? ": the connection was closed or broke"
                                               : ": the portal closed the connection during " +
                                                     std::string("the login"))));
  }
  if (redirected_ && !lost_) follow_redirection();
}

Status LibiscsiSession::flush_submissions() {
  if (unsent_ == 0 || state_ != State::Open || inside_loop_) return ok();
  const transport::bypass::HoldBack held(descriptor());
  std::optional<Cork> cork;
  if (std::exchange(unsent_, 0) > 1 && !held.is_through_memory()) cork.emplace(descriptor());
  return service(POLLOUT);
}

void LibiscsiSession::close() noexcept {
  context_.reset();  // its cancellations are ignored: the list of slots is the one that counts
  for (CommandSlot* slot = slots_.first(); slot != nullptr; slot = slot->next) {
    if (slot->task != nullptr) scsi_free_scsi_task(std::exchange(slot->task, nullptr));
  }
}

void LibiscsiSession::log_out() {
  if (iscsi_logout_async(context_.get(), on_logout, this) != 0) return;
  const auto until = Clock::now() + kLogoutWait;
  while (!logged_out_) {
    const auto now = Clock::now();
    if (now >= until) return;
    pollfd waiting{descriptor(), events(), 0};
    if (::poll(&waiting, 1, wait_ms(until, now)) <= 0) return;
    if (iscsi_service(context_.get(), waiting.revents) < 0) return;
  }
}

LibiscsiSession::~LibiscsiSession() {
  if (may_log_out()) log_out();
  end();
}

}  // namespace lockstep::initiator
