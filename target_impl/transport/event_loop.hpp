// One thread's loop over file descriptors, timers and calls posted by other threads, on
// level-triggered epoll.
//
// Between two events that follow each other closely the loop may look again instead of sleeping:
// waking a sleeping thread costs more than most requests. It does so only while that pays
// (SpinWait). What other processes change in shared memory (Pollable) is looked at first, without
// the system's help, and at the descriptors only now and then.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/rest_after_losses.hpp"
#include "target_impl/transport/spin_wait.hpp"
#include "target_impl/transport/stand_still.hpp"
#include "target_impl/transport/step_aside.hpp"
#include "target_impl/transport/system_calls.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <sys/epoll.h>
#include <thread>
#include <vector>

namespace lockstep::transport {

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // EPOLL* bits.
  virtual void on_events(std::uint32_t events) = 0;
};

// Something in memory that another process changes.
class Pollable {
 public:
  virtual ~Pollable() = default;
  // Where that other process is.
  enum class Other : std::uint8_t { Elsewhere, Asleep, WaitsForThisProcessor };
  [[nodiscard]] virtual Other other() = 0;
  // Does what there is to do. False: there was nothing.
  virtual bool poll() = 0;
  // The loop is about to sleep. False: there is something to do. Whatever comes after a yes must
  // make a watched descriptor ready, until awake().
  virtual bool may_sleep() = 0;
  virtual void awake() = 0;
};

// post(), stop() and system_calls() may be called from any thread; the rest belongs to the thread
// that runs run(), to a thread that is alone (StandStill), or to any one thread while run() is not
// running. What a thread that is alone has changed, the loop looks at after the next post().
class EventLoop {
 public:
  [[nodiscard]] static Result<std::unique_ptr<EventLoop>> create();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // The handler is borrowed until forget(). False: the system refused.
  [[nodiscard]] bool watch(int descriptor, std::uint32_t events, EventHandler& handler);
  void change(int descriptor, std::uint32_t events);
  // No call to the handler follows, not even for events that were already reported.
  void forget(int descriptor);

  // Borrowed until forget(), after which no call follows.
  void watch(Pollable& pollable);
  void forget(Pollable& pollable);

  using Call = std::function<void()>;
  // Called in order, soon.
  void post(Call call);
  // Called once everything that was reported together has been handled: the place to destroy
  // things.
  void defer(Call call) { deferred_.push_back(std::move(call)); }

  using TimerId = std::uint64_t;
  TimerId after(std::chrono::milliseconds delay, Call call);
  // Unknown ids, which includes those that have been called, are ignored.
  void cancel(TimerId id);

  // How long the loop may look for the next event before it sleeps; 0: it sleeps at once. Before
  // run().
  void spin_at_most(std::chrono::microseconds longest) noexcept {
    spin_ = SpinWait(longest);
    memory_spin_ = SpinWait(longest, rest_after_losses());
  }

  // One of several loops that now and then stand still for one another. Borrowed. Before run().
  void stands_still_for(StandStill& others) noexcept { others_ = &others; }

  // Until stop(); what was posted before stop() is called first.
  void run();
  void stop();
  // Whether the calling thread runs run(). From any thread.
  [[nodiscard]] bool is_on_its_thread() const noexcept {
    return runner_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  // Made by the thread that runs run(), for this loop and everything else of the transports. 0
  // while it is not running; must not be called while it may be ending.
  [[nodiscard]] std::uint64_t system_calls() const noexcept {
    const SystemCalls* const calls = system_calls_;
    return calls == nullptr ? 0 : calls->count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Watch {
    EventHandler* handler = nullptr;
    std::uint32_t generation = 0;
  };
  struct Timer {
    TimerId id = 0;
    Call call;
  };

  EventLoop(FileDescriptor epoll, FileDescriptor wake);
  [[nodiscard]] int milliseconds_to_next_timer() const;
  using Events = std::array<epoll_event, 64>;
  // How many events there are, waiting for the first one.
  [[nodiscard]] int wait(Events& events);
  [[nodiscard]] int ready(Events& events, int milliseconds);
  // The same, unless something was posted; from then on post() wakes it.
  [[nodiscard]] int sleep(Events& events, int milliseconds);
  [[nodiscard]] int wait_beside_pollables(Events& events);
  // Whether any had something to do.
  [[nodiscard]] bool poll_all();
  [[nodiscard]] int look_if_due(Events& events, Clock::time_point now);
  [[nodiscard]] bool all_may_sleep();
  // Whether looking only keeps those who could bring something from doing so.
  [[nodiscard]] bool stands_in_the_way();
  // Something besides events wants this thread: a posted call, or another loop that wants to be
  // alone.
  [[nodiscard]] bool is_called() const noexcept {
    return has_posted_.load(std::memory_order_relaxed) ||
           (others_ != nullptr && others_->is_wanted());
  }
  void let_others_be_alone();
  void run_timers();
  void run_posted();
  void run_deferred();
  void dispatch(std::uint64_t key, std::uint32_t events);

  FileDescriptor epoll_;
  const std::shared_ptr<Bell> bell_;
  std::vector<Watch> watches_;  // by descriptor
  std::uint32_t last_generation_ = 0;
  std::multimap<Clock::time_point, Timer> timers_;
  TimerId last_timer_ = 0;
  std::vector<Call> deferred_;
  SpinWait spin_;
  SpinWait memory_spin_;  // while there are pollables
  StepAside step_aside_;
  std::vector<Pollable*> pollables_;  // null: forgotten
  Clock::time_point next_look_{};
  std::chrono::microseconds look_interval_{};

  std::mutex posted_mutex_;
  std::vector<Call> posted_;
  bool asleep_ = false;  // guarded by posted_mutex_
  std::atomic<bool> has_posted_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<const SystemCalls*> system_calls_{nullptr};
  StandStill* others_ = nullptr;  // null: there are none
  std::atomic<std::thread::id> runner_{};
};

}  // namespace lockstep::transport
