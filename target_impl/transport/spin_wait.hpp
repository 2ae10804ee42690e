// Decides whether a thread that waits for events should look for the next one for a while before it
// sleeps. No clock and no system call in here.
//
// Looking pays when events follow each other within the limit; it is tried as long as a sleep lasts
// no longer than a few times that, because a sleep makes the next event late by itself: both ends
// then go on putting each other to sleep. It does harm when whoever brings the next event needs
// this very processor: then the event comes right after the thread has given up and gone to sleep.
// Such a loss suspends the looking, each time for longer; a find ends that.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace lockstep::transport {

// Of a server that was not told otherwise. Longer than it takes to wake the other end on another
// processor, in a virtual machine as well (30 us), and to have it answer a batch: less puts both to
// sleep in turn.
inline constexpr std::uint32_t kUsualSpinUs = 200;

class SpinWait {
 public:
  SpinWait() = default;
  static constexpr std::uint32_t kLongestRest = 8192;
  // 0: never. `longest_rest`: of the suspensions after losses, in waits.
  explicit SpinWait(std::chrono::nanoseconds longest,
                    std::uint32_t longest_rest = kLongestRest) noexcept
      : longest_(longest), longest_rest_(longest_rest) {}

  [[nodiscard]] bool is_used() const noexcept { return longest_.count() > 0; }
  // How long to look before this sleep.
  [[nodiscard]] std::chrono::nanoseconds allowance() noexcept {
    looks_ = suspended_ == 0 && events_are_close_ && is_used();
    if (suspended_ > 0) {
      --suspended_;
    }
    return looks_ ? longest_ : std::chrono::nanoseconds{0};
  }
  // Looking brought an event.
  void found() noexcept { penalty_ = 0; }
  // It did not, and the thread goes to sleep. Means nothing without an allowance.
  void in_vain() noexcept { in_vain_ = looks_; }
  // Somebody else has taken the processor meanwhile, and the thread goes to sleep. As good as a
  // loss, since the next event may have come then.
  void displaced() noexcept { suspend(); }
  // The thread has slept that long.
  void slept(std::chrono::nanoseconds duration) noexcept {
    events_are_close_ = duration < kSleepsThatMayBeLooks * longest_;
    if (in_vain_ && duration < longest_) suspend();
    in_vain_ = false;
  }

 private:
  static constexpr int kSleepsThatMayBeLooks = 10;
  static constexpr std::uint32_t kFirstPenalty = 16;  // in waits, not in time

  void suspend() noexcept {
    penalty_ = std::min(penalty_ * 2 + kFirstPenalty, longest_rest_);
    suspended_ = penalty_;
  }

  std::chrono::nanoseconds longest_{0};
  std::uint32_t longest_rest_ = kLongestRest;
  std::uint32_t suspended_ = 0;
  std::uint32_t penalty_ = 0;
  bool events_are_close_ = false;
  bool looks_ = false;
  bool in_vain_ = false;
};

}  // namespace lockstep::transport
