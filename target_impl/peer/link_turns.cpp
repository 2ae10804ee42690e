// The work on a connection, of the link's thread and of the loop that it may share it with.
#include "target_impl/peer/thread_link.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <utility>

namespace lockstep::peer {

using initiator::Session;
using std::chrono::milliseconds;

namespace {

// How long the thread leaves everything to a loop that has done something lately: as long, a change
// may wait whose loop is kept elsewhere.
constexpr milliseconds kLookAfterLoop{20};

}  // namespace

void ThreadLink::serve(std::unique_ptr<Session> session) {
  Dispatcher dispatcher([this](const initiator::Completion& ended) {
    // Before anybody hears of it: nothing new may be accepted once something was cut off.
    if (was_cut_off(ended)) go_down("the connection was lost");
  });
  std::unique_lock work(work_);
  session_ = session.get();
  dispatcher_ = &dispatcher;
  while (take(*session, dispatcher)) {
    // A command that could not be made up leaves the peer in doubt, as a lost connection does.
    if (!turn(*session, dispatcher, work) || !is_up()) break;
  }
  watch_on_loop(false);
  session_ = nullptr;
  dispatcher_ = nullptr;
  work.unlock();
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
    asked_ = false;
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

Status ThreadLink::turn(Session& session, Dispatcher& dispatcher,
                        std::unique_lock<std::mutex>& work) {
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
  const bool loop_works = std::exchange(driven_, false);
  thread_knows_ = loop_works;
  if (loop_works) until = std::min(until, now + kLookAfterLoop);
  watch_on_loop(!dispatcher.has_bulk());
  int ready = loop_works ? -1 : look_for_a_while(session);
  if (ready < 0) ready = sleep(session, work, until - now, loop_works);
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

int ThreadLink::sleep(Session& session, std::unique_lock<std::mutex>& work, Clock::duration longest,
                      bool loop_works) {
  std::array<pollfd, 2> waiting{
      {{bell_->descriptor(), POLLIN, 0}, {session.descriptor(), session.events(), 0}}};
  work.unlock();
  bool sleeps = false;
  {
    // Whoever submits from here on asks the loop, or rings.
    const std::lock_guard lock(mutex_);
    asleep_ = submitted_.empty();
    asked_ = false;
    sleeps = asleep_;
  }
  const auto left = std::chrono::ceil<milliseconds>(longest).count();
  const auto begin = Clock::now();
  static_cast<void>(::poll(waiting.data(), loop_works ? 1 : 2,
                           sleeps ? static_cast<int>(std::max<std::int64_t>(left, 0)) : 0));
  if (sleeps) spin_.slept(Clock::now() - begin);
  if (waiting[0].revents != 0) bell_->silence();
  work.lock();
  if (!loop_works) return waiting[1].revents;
  // What the loop has left undone.
  pollfd undone{session.descriptor(), session.events(), 0};
  return ::poll(&undone, 1, 0) > 0 ? undone.revents : 0;
}

void ThreadLink::watch_on_loop(bool on) {
  transport::EventLoop* const loop = options_.loop;
  if (loop == nullptr || on == (watched_ != nullptr)) return;
  if (!on) {
    loop->post([loop, watched = std::exchange(watched_, nullptr)] { watched->stop(*loop); });
    return;
  }
  auto watched = std::make_shared<WatchedByLoop>(handle_, session_->descriptor());
  if (!watched->is_usable()) return;  // the thread then does it all
  watched_ = std::move(watched);
  loop->post([loop, watched = watched_] { watched->start(*loop); });
}

WatchedByLoop::WatchedByLoop(std::shared_ptr<LinkHandle> link, int socket)
    : link_(std::move(link)),
      in_memory_(transport::bypass::WatchedLink::of(socket, [this] { link_->has_input(); })),
      socket_(in_memory_ ? -1 : ::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {}

void WatchedByLoop::start(transport::EventLoop& loop) {
  static_cast<void>(in_memory_ ? in_memory_->start(loop)
                               : loop.watch(socket_.get(), EPOLLIN, *this));
}

void WatchedByLoop::stop(transport::EventLoop& loop) {
  if (in_memory_) {
    in_memory_->stop(loop);
  } else {
    loop.forget(socket_.get());
  }
}

void ThreadLink::woken() {
  if (options_.loop != nullptr && options_.loop->is_on_its_thread()) {
    drive(false);
  } else {
    poke();
  }
}

void ThreadLink::drive(bool has_input) {
  // Whom it tells may submit.
  if (drives_) {
    drives_again_ = true;
    return;
  }
  drives_ = true;
  do {
    drives_again_ = false;
    if (!work_on_loop(std::exchange(has_input, false))) poke();
  } while (drives_again_);
  drives_ = false;
}

bool ThreadLink::work_on_loop(bool has_input) {
  const std::unique_lock work(work_, std::try_to_lock);
  // The thread is at it, and looks at everything before it sleeps; or there is no connection.
  if (!work || session_ == nullptr) return true;
  if (dispatcher_->has_bulk()) return false;
  if (has_input) {
    const Status served = session_->service(POLLIN);
    dispatcher_->tell_ended();
    if (!served) return false;
  }
  if (!take_small()) return false;
  dispatcher_->fill(*session_);
  const Status sent = session_->flush_submissions();
  dispatcher_->tell_ended();
  driven_ = true;
  return sent && thread_knows_ && (session_->events() & POLLOUT) == 0;
}

// Nobody is told of anything here: who submits may hold locks.
void ThreadLink::send_early() {
  if (options_.loop == nullptr || !options_.loop->is_on_its_thread() || drives_) return;
  const std::unique_lock work(work_, std::try_to_lock);
  if (!work || session_ == nullptr || dispatcher_->has_bulk() || !take_small()) return;
  dispatcher_->fill(*session_);
  static_cast<void>(session_->flush_submissions());  // a failure shows in the turn that follows
}

// False: there is something else to do, or a change has to wait for the disk.
bool ThreadLink::take_small() {
  {
    const std::lock_guard lock(mutex_);
    const bool is_all =
        !stopping_ && added_.empty() && jobs_.empty() && farewells_.empty() &&
        std::all_of(submitted_.begin(), submitted_.end(), [](const Operation& operation) {
          return operation.record == nullptr || operation.record->has_noted(operation.range);
        });
    if (!is_all) return false;
    asked_ = false;
    has_submitted_.store(false, std::memory_order_relaxed);
    taken_.swap(submitted_);
  }
  dispatcher_->submit(taken_);
  taken_.clear();
  return true;
}

}  // namespace lockstep::peer
