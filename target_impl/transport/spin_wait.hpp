// Decides whether a thread that waits for events should look for the next one for a while before it
// sleeps. No clock and no system call in here.
//
// Looking pays when events follow each other within the limit. It does harm when whoever brings the
// next event needs this very processor: then the event comes right after the thread has given up
// and gone to sleep. Such a loss suspends the looking, each time for longer; a find ends that.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace lockstep::transport {

class SpinWait {
 public:
  SpinWait() = default;
  // 0: never.
  explicit SpinWait(std::chrono::nanoseconds longest) noexcept : longest_(longest) {}

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
  // The thread has slept that long.
  void slept(std::chrono::nanoseconds duration) noexcept {
    events_are_close_ = duration < longest_;
    if (in_vain_ && events_are_close_) {
      penalty_ = std::min(penalty_ * 2 + kFirstPenalty, kLongestPenalty);
      suspended_ = penalty_;
    }
    in_vain_ = false;
  }

 private:
  // In waits, not in time.
  static constexpr std::uint32_t kFirstPenalty = 16;
  static constexpr std::uint32_t kLongestPenalty = 8192;

  std::chrono::nanoseconds longest_{0};
  std::uint32_t suspended_ = 0;
  std::uint32_t penalty_ = 0;
  bool events_are_close_ = false;
  bool looks_ = false;
  bool in_vain_ = false;
};

}  // namespace lockstep::transport
