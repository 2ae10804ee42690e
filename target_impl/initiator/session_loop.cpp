// The loop of a session: waiting, serving the socket, deadlines, and the end of the session.
#include "target_impl/initiator/session.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr std::chrono::milliseconds kLogoutWait{200};

// Milliseconds until `when` for poll(), rounded up, never negative.
int wait_ms(std::chrono::steady_clock::time_point when, std::chrono::steady_clock::time_point now) {
  if (when <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now).count();
  return static_cast<int>(std::min<std::int64_t>(left, 60'000));
}

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

int LibiscsiSession::descriptor() const noexcept {
  return context_ ? iscsi_get_fd(context_.get()) : -1;
}

short LibiscsiSession::events() const noexcept {
  return context_ ? static_cast<short>(iscsi_which_events(context_.get())) : short{0};
}

std::optional<std::chrono::steady_clock::time_point> LibiscsiSession::next_deadline()
    const noexcept {
  if (lost_ || refused_ > 0) return Clock::time_point::min();
  if (state_ != State::Open) return login_deadline_;
  if (slots_.first() == nullptr) return std::nullopt;
  return slots_.first()->deadline;
}

Status LibiscsiSession::service(short revents) {
  if (inside_library_) return ok();  // called from inside a `done`
  if (context_ && revents != 0) {
    inside_library_ = true;
    const int result = iscsi_service(context_.get(), revents);
    inside_library_ = false;
    // After an error with nothing outstanding libiscsi answers 0 once; without reconnection it is
    // the end all the same.
    if ((result < 0 || (revents & (POLLERR | POLLHUP)) != 0) && !lost_) {
      mark_lost(transport_error(subject() + (state_ == State::Open
                                                 ? ": the connection was closed or broke"
                                                 : ": the portal closed the connection during " +
                                                       std::string("the login"))));
    }
  }
  check_deadlines();
  complete_refused();
  return settle();
}

Status LibiscsiSession::flush_submissions() {
  if (unsent_ == 0 || state_ != State::Open || inside_library_) return ok();
  const transport::bypass::HoldBack held(descriptor());
  std::optional<Cork> cork;
  if (std::exchange(unsent_, 0) > 1 && !held.is_through_memory()) cork.emplace(descriptor());
  return service(POLLOUT);
}

Status LibiscsiSession::run_once(std::chrono::milliseconds wait) {
  if (inside_library_) return ok();
  LOCKSTEP_TRY(flush_submissions());
  if (!context_) return service(0);
  const auto now = Clock::now();
  auto until =
      now + std::clamp(wait, std::chrono::milliseconds{0}, std::chrono::milliseconds{60'000});
  if (const auto deadline = next_deadline()) until = std::min(until, *deadline);
  pollfd waiting{descriptor(), events(), 0};
  const int ready = ::poll(&waiting, 1, wait_ms(until, now));
  return service(ready > 0 ? waiting.revents : short{0});
}

Status LibiscsiSession::run_until_idle() {
  while (slots_.size() > 0) {
    LOCKSTEP_TRY(run_once(std::chrono::minutes{1}));
  }
  return ok();
}

Status LibiscsiSession::finish_login() {
  while (state_ != State::Open) {
    LOCKSTEP_TRY(run_once(std::chrono::minutes{1}));
  }
  return ok();
}

void LibiscsiSession::check_deadlines() {
  if (lost_ || state_ == State::Over) return;
  const auto deadline = next_deadline();
  if (!deadline || *deadline > Clock::now() || refused_ > 0) return;
  if (state_ != State::Open) {
    mark_lost(login_timeout());
    return;
  }
  mark_lost(transport_error(subject() + ": expected an answer to a command within " +
                            std::to_string(options_.command_timeout.count()) +
                            " ms, none came; the session was ended"),
            Outcome::TimedOut);
}

void LibiscsiSession::complete_refused() {
  for (std::size_t left = refused_ > 0 ? slots_.size() : 0; left > 0; --left) {
    CommandSlot* slot = slots_.first();
    while (slot != nullptr && !slot->refused) slot = slot->next;
    if (slot == nullptr) return;
    --refused_;
    complete(*slot, Completion{Outcome::Cancelled, {}, 0, false});
  }
}

void LibiscsiSession::mark_lost(Error reason, Outcome outcome) {
  if (lost_) return;
  lost_ = std::move(reason);
  lost_outcome_ = outcome;
}

Status LibiscsiSession::settle() {
  if (redirected_ && !lost_) follow_redirection();
  if (!lost_) return ok();
  state_ = State::Over;
  context_.reset();  // its cancellations are ignored: the list below is the one that counts
  refused_ = 0;
  for (std::size_t left = slots_.size(); left > 0 && slots_.first() != nullptr; --left) {
    CommandSlot& slot = *slots_.first();
    complete(slot, Completion{slot.refused ? Outcome::Cancelled : lost_outcome_, {}, 0, false});
  }
  return *lost_;
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
  if (state_ == State::Open && !lost_ && slots_.size() == 0) log_out();
  mark_lost(internal_error("session destroyed"), Outcome::Cancelled);
  static_cast<void>(settle());
}

}  // namespace lockstep::initiator
