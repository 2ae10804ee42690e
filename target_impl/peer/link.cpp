// Coming, going, and what is done at the beginning of a connection.
#include "target_impl/peer/thread_link.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"
#include "target_impl/transport/rest_after_losses.hpp"

#include <algorithm>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace lockstep::peer {

using initiator::Session;
using std::chrono::milliseconds;

namespace {

// Before the thread sleeps, while that pays: where host, target and peer have a processor each
// beside it. Otherwise it keeps one of them from bringing what it looks for.
std::chrono::microseconds longest_look() {
  constexpr std::chrono::microseconds kLongestLook{50};
  constexpr long kOthers = 3;
  return ::sysconf(_SC_NPROCESSORS_ONLN) > kOthers ? kLongestLook : std::chrono::microseconds{0};
}

}  // namespace

ThreadLink::ThreadLink(LinkOptions options, transport::FileDescriptor event,
                       std::function<void(bool)> changed)
    : options_(std::move(options)),
      isid_(options_.isid ? *options_.isid : initiator::make_isid()),
      changed_(std::move(changed)),
      bell_(std::make_shared<transport::Bell>(std::move(event))),
      handle_(std::make_shared<LinkHandle>(*this)),
      spin_(longest_look(), transport::rest_after_losses()) {}

void ThreadLink::poke() const { bell_->wake(); }

Status ThreadLink::with_session(const std::function<Status(Session&)>& job) {
  struct Waited {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Status> status;
  };
  const auto waited = std::make_shared<Waited>();
  {
    std::unique_lock lock(mutex_);
    const auto until =
        std::chrono::system_clock::now() + options_.connect_timeout + options_.longest_retry;
    if (!came_up_.wait_until(lock, until, [this] { return up_ || stopping_; }) || !up_) {
      return transport_error("peer " + options_.target_name + " at " + options_.portal +
                             ": expected a connection, found none: " + trouble_);
    }
    jobs_.push_back([this, &job, waited](Session* session) {
      Status status = session != nullptr
                          ? job(*session)
                          : Status(transport_error("peer " + options_.target_name + " at " +
                                                   options_.portal + ": the connection was lost"));
      const std::lock_guard guard(waited->mutex);
      waited->status.emplace(std::move(status));
      waited->ended.notify_all();
    });
  }
  poke();
  std::unique_lock lock(waited->mutex);
  waited->ended.wait(lock, [&] { return waited->status.has_value(); });
  return *waited->status;
}

void ThreadLink::run() {
  transport::bypass::look_no_more_in_poll();
  milliseconds retry = options_.first_retry;
  while (!stopping()) {
    auto session = connect();
    if (!session) {
      wait_to_retry(retry);
      retry = std::min(retry * 2, options_.longest_retry);
      continue;
    }
    welcome(*session);
    if (session->connected()) {
      const auto since = Clock::now();
      serve(std::move(session));
      // One that is lost at once is no reason to hurry.
      const bool lasted = Clock::now() - since > options_.keepalive;
      retry = lasted ? options_.first_retry : std::min(retry * 2, options_.longest_retry);
    }
    if (!stopping()) wait_to_retry(retry);
  }
  go_down("the service ends");
}

std::unique_ptr<Session> ThreadLink::connect() {
  initiator::SessionOptions options;
  options.connect_timeout = options_.connect_timeout;
  options.command_timeout = options_.answer_timeout;
  options.isid = isid_;
  {
    const std::lock_guard lock(mutex_);
    options.credentials = options_.credentials;
    retry_now_ = false;
  }
  Error trouble;
  options.batching = true;
  auto session = log_in(options, trouble);
  if (session == nullptr && trouble.origin == Origin::Target) {
    // It wants something that only libiscsi does, or nothing of this initiator at all.
    options.batching = false;
    session = log_in(options, trouble);
  }
  if (session == nullptr) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble.message);
  }
  return session;
}

std::unique_ptr<Session> ThreadLink::log_in(const initiator::SessionOptions& options,
                                            Error& trouble) {
  auto begun = Session::start_connect(options_.portal, options_.target_name, options);
  if (!begun) {
    trouble = begun.error();
    return nullptr;
  }
  auto session = std::move(begun).value();
  while (!session->connected() && !session->failure() && !stopping()) {
    static_cast<void>(session->run_once(milliseconds{20}));
  }
  if (session->connected()) return session;
  trouble = session->failure().value_or(transport_error("the service ends"));
  return nullptr;
}

void ThreadLink::wait_to_retry(milliseconds longest) {
  const auto until = Clock::now() + longest;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || retry_now_) return;
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    if (left <= 0) return;
    pollfd waiting{bell_->descriptor(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left)) > 0) bell_->silence();
  }
}

void ThreadLink::welcome(Session& session) {
  {
    const std::lock_guard lock(attendants_mutex_);
    for (Attendant* attendant : attendants_) attendant->connected(session);
  }
  say_farewells(session);
  if (!session.connected()) {
    const std::lock_guard lock(mutex_);
    if (session.failure()) trouble_ = session.failure()->message;
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    up_ = true;
  }
  came_up_.notify_all();
  changed_(true);
}

void ThreadLink::say_farewells(Session& session) {
  std::deque<std::function<void(Session&)>> farewells;
  {
    const std::lock_guard lock(mutex_);
    farewells.swap(farewells_);
  }
  while (!farewells.empty() && session.connected()) {
    farewells.front()(session);
    if (session.connected()) farewells.pop_front();
  }
  const std::lock_guard lock(mutex_);
  farewells_.insert(farewells_.begin(), farewells.begin(), farewells.end());
}

void ThreadLink::go_down(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  up_ = false;
  trouble_ = trouble;
}

void ThreadLink::end_jobs() {
  std::deque<SessionJob> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
  }
  for (const SessionJob& job : jobs) job(nullptr);
}

Result<std::unique_ptr<Link>> Link::make(LinkOptions options, std::function<void(bool)> changed) {
  LOCKSTEP_TRY(options.portal, initiator::parse_portal(options.portal));
  transport::FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return internal_error("peer " + options.target_name + ": no event descriptor is left");
  return std::unique_ptr<Link>(
      std::make_unique<ThreadLink>(std::move(options), std::move(wake), std::move(changed)));
}

Result<std::unique_ptr<Link>> Link::start(LinkOptions options, std::function<void(bool)> changed) {
  LOCKSTEP_TRY(auto link, make(std::move(options), std::move(changed)));
  link->begin();
  return link;
}

}  // namespace lockstep::peer
