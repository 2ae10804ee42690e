#include "target_impl/transport/event_loop.hpp"

#include "target_impl/transport/give_way.hpp"
#include "target_impl/transport/system_calls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/eventfd.h>
#include <utility>

namespace lockstep::transport {
namespace {

constexpr std::uint64_t kWakeKey = ~std::uint64_t{0};

// Descriptors are looked at this often while shared memory keeps the loop awake: often while they
// bring something, less and less often while they do not.
constexpr std::chrono::microseconds kShortestLook{10};
constexpr std::chrono::microseconds kLongestLook{1000};
// After a sleep, which has looked at them.
constexpr std::chrono::microseconds kFirstLook{40};

// A descriptor number may be used again while an event of its predecessor waits to be handled; the
// generation tells them apart.
std::uint64_t make_key(int descriptor, std::uint32_t generation) {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(descriptor);
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeKey;
  if (!epoll || !wake || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return transport_error(
        std::string("event loop: expected descriptors from the system, found: ") +
        std::strerror(errno) + "; raise the limit on open files");
  }
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll), std::move(wake)));
}

EventLoop::EventLoop(FileDescriptor epoll, FileDescriptor wake)
    : epoll_(std::move(epoll)), bell_(std::make_shared<Bell>(std::move(wake))) {}

bool EventLoop::watch(int descriptor, std::uint32_t events, EventHandler& handler) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (index >= watches_.size()) {
    watches_.resize(index + 1);
  }
  watches_[index] = {&handler, ++last_generation_};
  epoll_event event{};
  event.events = events;
  event.data.u64 = make_key(descriptor, last_generation_);
  own_system_calls.add();
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) {
    return true;
  }
  watches_[index] = {};
  return false;
}

void EventLoop::change(int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = make_key(descriptor, watches_[static_cast<std::size_t>(descriptor)].generation);
  own_system_calls.add();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::forget(int descriptor) {
  watches_[static_cast<std::size_t>(descriptor)] = {};
  own_system_calls.add();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void EventLoop::post(Call call) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(call));
    has_posted_.store(true, std::memory_order_relaxed);
    // One that is awake looks by itself, and one is woken once.
    if (!std::exchange(asleep_, false)) return;
  }
  WakeTogether::wake(bell_);
}

void EventLoop::stop() {
  post([this] { stopping_ = true; });
}

EventLoop::TimerId EventLoop::after(std::chrono::milliseconds delay, Call call) {
  timers_.emplace(Clock::now() + delay, Timer{++last_timer_, std::move(call)});
  return last_timer_;
}

void EventLoop::cancel(TimerId id) {
  const auto found = std::find_if(timers_.begin(), timers_.end(),
                                  [id](const auto& entry) { return entry.second.id == id; });
  if (found != timers_.end()) {
    timers_.erase(found);
  }
}

int EventLoop::milliseconds_to_next_timer() const {
  if (timers_.empty()) {
    return -1;
  }
  const auto left = timers_.begin()->first - Clock::now();
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000));
}

void EventLoop::run_timers() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped().call();
  }
}

void EventLoop::run_posted() {
  std::vector<Call> calls;
  {
    const std::lock_guard lock(posted_mutex_);
    calls.swap(posted_);
    has_posted_.store(false, std::memory_order_relaxed);
  }
  for (const Call& call : calls) {
    call();
  }
}

void EventLoop::run_deferred() {
  // Deferred calls may defer more.
  while (!deferred_.empty()) {
    std::vector<Call> calls;
    calls.swap(deferred_);
    for (const Call& call : calls) {
      call();
    }
  }
}

void EventLoop::dispatch(std::uint64_t key, std::uint32_t events) {
  if (key == kWakeKey) {
    bell_->silence();
    return;
  }
  const Watch& watch = watches_[static_cast<std::uint32_t>(key)];
  if (watch.handler == nullptr || watch.generation != static_cast<std::uint32_t>(key >> 32)) {
    return;
  }
  watch.handler->on_events(events);
}

int EventLoop::ready(Events& events, int milliseconds) {
  own_system_calls.add();
  return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
}

int EventLoop::sleep(Events& events, int milliseconds) {
  {
    const std::lock_guard lock(posted_mutex_);
    asleep_ = posted_.empty();
    if (!asleep_) milliseconds = 0;
  }
  if (others_ != nullptr) others_->end();
  const int count = ready(events, milliseconds);
  if (others_ != nullptr) others_->begin();
  const std::lock_guard lock(posted_mutex_);
  asleep_ = false;
  return count;
}

int EventLoop::wait(Events& events) {
  if (!pollables_.empty()) {
    return wait_beside_pollables(events);
  }
  if (!spin_.is_used()) {
    return sleep(events, milliseconds_to_next_timer());
  }
  auto now = Clock::now();
  if (const auto allowed = spin_.allowance(); allowed.count() > 0) {
    auto until = now + allowed;
    GiveWay way(now);
    do {
      const int count = ready(events, 0);
      if (count != 0 || is_called()) {
        spin_.found();
        return count;
      }
      now = way.step(Clock::now(), until);
    } while (now < until && !way.was_taken());
    way.was_taken() ? spin_.displaced() : spin_.in_vain();
  }
  const int count = sleep(events, milliseconds_to_next_timer());
  spin_.slept(Clock::now() - now);
  return count;
}

void EventLoop::watch(Pollable& pollable) { pollables_.push_back(&pollable); }

// Perhaps called by a pollable that is being polled.
void EventLoop::forget(Pollable& pollable) {
  std::replace(pollables_.begin(), pollables_.end(), &pollable, static_cast<Pollable*>(nullptr));
}

bool EventLoop::poll_all() {
  bool busy = false;
  // Polling may add more.
  for (std::size_t i = 0; i < pollables_.size(); ++i) {
    if (pollables_[i] != nullptr) {
      busy = pollables_[i]->poll() || busy;
    }
  }
  return busy;
}

int EventLoop::look_if_due(Events& events, Clock::time_point now) {
  if (now < next_look_) {
    return 0;
  }
  const int count = ready(events, 0);
  look_interval_ =
      count != 0 ? kShortestLook : std::clamp(look_interval_ * 2, kShortestLook, kLongestLook);
  next_look_ = now + look_interval_;
  return count;
}

bool EventLoop::all_may_sleep() {
  const auto busy = std::find_if(pollables_.begin(), pollables_.end(), [](Pollable* pollable) {
    return pollable != nullptr && !pollable->may_sleep();
  });
  return busy == pollables_.end();
}

bool EventLoop::stands_in_the_way() {
  bool somebody_waits = false;
  for (Pollable* pollable : pollables_) {
    const auto other = pollable == nullptr ? Pollable::Other::Asleep : pollable->other();
    if (other == Pollable::Other::Elsewhere) {
      return false;
    }
    somebody_waits = somebody_waits || other == Pollable::Other::WaitsForThisProcessor;
  }
  return somebody_waits;
}

int EventLoop::wait_beside_pollables(Events& events) {
  std::erase(pollables_, nullptr);
  auto now = Clock::now();
  const auto allowed = memory_spin_.allowance();
  auto until = now + allowed;
  GiveWay way(now);
  bool in_the_way = false;
  do {
    const bool busy = poll_all();
    const bool looks_at_descriptors = now >= next_look_;
    const int count = look_if_due(events, now);
    if (busy || count != 0 || is_called()) {
      memory_spin_.found();
      return count;
    }
    const auto before = std::exchange(now, Clock::now());
    if (looks_at_descriptors) {
      until += now - before;  // the system's time, in which nothing else was looked at
    }
    in_the_way = stands_in_the_way();
    if (in_the_way && now < until && step_aside_.step(now)) {
      in_the_way = false;
      until = Clock::now() + allowed;
    }
    now = way.step(now, until);
  } while (now < until && !in_the_way && !way.was_taken());
  if (way.was_taken()) {
    memory_spin_.displaced();
  } else if (!in_the_way) {
    memory_spin_.in_vain();
  }
  int count = 0;
  if (all_may_sleep()) {
    count = sleep(events, deferred_.empty() ? milliseconds_to_next_timer() : 0);
    const auto awake_since = Clock::now();
    memory_spin_.slept(awake_since - now);
    look_interval_ = kFirstLook;
    next_look_ = awake_since + look_interval_;
  }
  for (Pollable* pollable : pollables_) {
    if (pollable != nullptr) {
      pollable->awake();
    }
  }
  return count;
}

void EventLoop::let_others_be_alone() {
  if (others_ != nullptr && others_->is_wanted()) {
    others_->end();
    others_->begin();
  }
}

void EventLoop::run() {
  Events events{};
  system_calls_ = &own_system_calls;
  runner_ = std::this_thread::get_id();
  if (others_ != nullptr) others_->begin();
  while (!stopping_) {
    let_others_be_alone();
    const int count = wait(events);
    for (int i = 0; i < count; ++i) {
      const epoll_event event = events[static_cast<std::size_t>(i)];
      dispatch(event.data.u64, event.events);
    }
    if (has_posted_.load(std::memory_order_relaxed)) {
      run_posted();
    }
    if (!timers_.empty()) {
      run_timers();
    }
    if (!deferred_.empty()) {
      run_deferred();
    }
  }
  runner_ = std::thread::id{};
  if (others_ != nullptr) others_->end();
  system_calls_ = nullptr;
}

}  // namespace lockstep::transport
