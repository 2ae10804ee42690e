#include "target_impl/peer/link.hpp"

#include "target_impl/peer/dispatcher.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"
#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/rest_after_losses.hpp"
#include "target_impl/transport/spin_wait.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lockstep::peer {
namespace {

using Clock = std::chrono::steady_clock;
using initiator::Session;
using std::chrono::milliseconds;

// Before the thread sleeps, while that pays: where host, target and peer have a processor each
// beside it. Otherwise it keeps one of them from bringing what it looks for.
std::chrono::microseconds longest_look() {
  constexpr std::chrono::microseconds kLongestLook{50};
  constexpr long kOthers = 3;
  return ::sysconf(_SC_NPROCESSORS_ONLN) > kOthers ? kLongestLook : std::chrono::microseconds{0};
}

using SessionJob = std::function<void(Session*)>;  // null: the link went down before

class ThreadLink final : public Link {
 public:
  ThreadLink(LinkOptions options, transport::FileDescriptor event,
             std::function<void(bool)> changed)
      : options_(std::move(options)),
        isid_(options_.isid ? *options_.isid : initiator::make_isid()),
        changed_(std::move(changed)),
        bell_(std::make_shared<transport::Bell>(std::move(event))) {}
  ~ThreadLink() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    poke();
    if (thread_.joinable()) thread_.join();
  }
  void begin() override {
    thread_ = std::thread([this] { run(); });
  }
  ThreadLink(const ThreadLink&) = delete;
  ThreadLink& operator=(const ThreadLink&) = delete;

  bool is_up() const override { return up_; }
  std::string trouble() const override {
    const std::lock_guard lock(mutex_);
    return up_ ? std::string{} : trouble_;
  }
  void use(const std::optional<initiator::Credentials>& credentials) override {
    {
      const std::lock_guard lock(mutex_);
      options_.credentials = credentials;
      retry_now_ = true;
    }
    poke();
  }

  bool submit(Operation operation) override {
    {
      const std::lock_guard lock(mutex_);
      if (!up_) return false;
      submitted_.push_back(std::move(operation));
      has_submitted_.store(true, std::memory_order_relaxed);
      if (!std::exchange(asleep_, false)) return true;
    }
    transport::WakeTogether::wake(bell_);
    return true;
  }
  bool add(std::shared_ptr<BulkSource> source) override {
    {
      const std::lock_guard lock(mutex_);
      if (!up_) return false;
      added_.push_back(std::move(source));
    }
    poke();
    return true;
  }
  void wake() override { poke(); }

  Status with_session(const std::function<Status(Session&)>& job) override;
  void when_up(std::function<void(Session&)> farewell) override {
    {
      const std::lock_guard lock(mutex_);
      farewells_.push_back(std::move(farewell));
    }
    poke();
  }
  void attend(Attendant& attendant) override {
    const std::lock_guard lock(attendants_mutex_);
    attendants_.push_back(&attendant);
  }
  void forget(Attendant& attendant) override {
    const std::lock_guard lock(attendants_mutex_);
    std::erase(attendants_, &attendant);
  }

 private:
  void run();
  std::unique_ptr<Session> connect();
  std::unique_ptr<Session> log_in(const initiator::SessionOptions& options, Error& trouble);
  void wait_to_retry(milliseconds longest);
  void welcome(Session& session);
  void serve(std::unique_ptr<Session> session);
  // Waits until the session, the queues or the clock want attention.
  Status turn(Session& session, Dispatcher& dispatcher);
  // What the session is ready for, which may be nothing; -1: neither it nor the queue has anything
  // within the time for which looking pays.
  int look_for_a_while(Session& session);
  int sleep(Session& session, Clock::duration longest);
  // False: stopping.
  bool take(Session& session, Dispatcher& dispatcher);
  void say_farewells(Session& session);
  void go_down(const std::string& trouble);
  void end_jobs();
  void poke() const;
  [[nodiscard]] bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  mutable std::mutex mutex_;
  std::condition_variable came_up_;
  LinkOptions options_;          // credentials guarded by mutex_
  std::atomic<bool> up_{false};  // changed with mutex_ held
  bool stopping_ = false;
  bool asleep_ = false;
  std::atomic<bool> has_submitted_{false};
  bool retry_now_ = false;
  std::string trouble_ = "not connected yet";
  std::vector<Operation> submitted_;
  std::vector<std::shared_ptr<BulkSource>> added_;
  std::deque<SessionJob> jobs_;
  std::deque<std::function<void(Session&)>> farewells_;

  std::mutex attendants_mutex_;
  std::vector<Attendant*> attendants_;

  const initiator::Isid isid_;
  const std::function<void(bool)> changed_;
  const std::shared_ptr<transport::Bell> bell_;
  transport::SpinWait spin_{longest_look(), transport::rest_after_losses()};  // the thread's
  std::vector<Operation> taken_;  // the thread's; kept for its memory
  std::thread thread_;            // last: it uses all the others
};

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

void ThreadLink::serve(std::unique_ptr<Session> session) {
  Dispatcher dispatcher([this](const initiator::Completion& ended) {
    // Before anybody hears of it: nothing new may be accepted once something was cut off.
    if (was_cut_off(ended)) go_down("the connection was lost");
  });
  while (take(*session, dispatcher)) {
    // A command that could not be made up leaves the peer in doubt, as a lost connection does.
    if (!turn(*session, dispatcher) || !is_up()) break;
  }
  const auto reason = session->failure();
  go_down(reason ? reason->message : "the service ends");
  session.reset();  // ends what is under way
  std::vector<Operation> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(submitted_);
    for (auto& source : added_) dispatcher.add(std::move(source));
    added_.clear();
  }
  dispatcher.cut_off(left);
  end_jobs();
  changed_(false);
}

bool ThreadLink::take(Session& session, Dispatcher& dispatcher) {
  std::deque<SessionJob> jobs;
  bool farewell = false;
  bool stop = false;
  {
    const std::lock_guard lock(mutex_);
    asleep_ = false;
    has_submitted_.store(false, std::memory_order_relaxed);
    taken_.swap(submitted_);
    for (auto& source : added_) dispatcher.add(std::move(source));
    added_.clear();
    jobs.swap(jobs_);
    farewell = !farewells_.empty();
    stop = stopping_;
  }
  dispatcher.submit(taken_);
  taken_.clear();
  for (const SessionJob& job : jobs) job(session.connected() ? &session : nullptr);
  if (farewell) say_farewells(session);
  return !stop && session.connected();
}

Status ThreadLink::turn(Session& session, Dispatcher& dispatcher) {
  dispatcher.fill(session);
  LOCKSTEP_TRY(session.flush_submissions());
  dispatcher.tell_ended();
  const auto now = Clock::now();
  auto until = dispatcher.last_answer() + options_.keepalive;
  if (until <= now) {
    dispatcher.ask_for_a_sign_of_life(session);
    LOCKSTEP_TRY(session.flush_submissions());
    until = now + options_.keepalive;
  }
  if (const auto deadline = session.next_deadline()) until = std::min(until, *deadline);
  int ready = look_for_a_while(session);
  if (ready < 0) ready = sleep(session, until - now);
  const Status served = session.service(static_cast<short>(ready));
  dispatcher.tell_ended();
  return served;
}

int ThreadLink::look_for_a_while(Session& session) {
  const auto allowed = spin_.allowance();
  if (allowed.count() == 0) return -1;
  const auto end = Clock::now() + allowed;
  do {
    const auto in_memory = transport::bypass::look_at_link(session.descriptor(), session.events());
    int ready = in_memory.value_or(0);
    if (!in_memory) {
      pollfd waiting{session.descriptor(), session.events(), 0};
      if (::poll(&waiting, 1, 0) > 0) ready = waiting.revents;
    }
    if (ready != 0 || has_submitted_.load(std::memory_order_relaxed)) {
      spin_.found();
      return ready;
    }
  } while (Clock::now() < end);
  spin_.in_vain();
  return -1;
}

int ThreadLink::sleep(Session& session, Clock::duration longest) {
  bool work = false;
  {
    const std::lock_guard lock(mutex_);
    asleep_ = submitted_.empty();
    work = !asleep_;
  }
  std::array<pollfd, 2> waiting{
      {{session.descriptor(), session.events(), 0}, {bell_->descriptor(), POLLIN, 0}}};
  const auto left = std::chrono::ceil<milliseconds>(longest).count();
  const auto begin = Clock::now();
  static_cast<void>(::poll(waiting.data(), waiting.size(),
                           work ? 0 : static_cast<int>(std::max<std::int64_t>(left, 0))));
  if (!work) spin_.slept(Clock::now() - begin);
  if (waiting[1].revents != 0) bell_->silence();
  return waiting[0].revents;
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

}  // namespace

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
