// Lets whoever waits for this processor have it for a moment, while a thread looks for an event in
// vain. Of three threads on two processors the third would otherwise wait for the end of a time
// slice; where nobody waits, it costs a system call of some hundred nanoseconds.
#pragma once

#include <chrono>

namespace lockstep::transport {

// Of one look that begins at `now`.
class GiveWay {
 public:
  using Clock = std::chrono::steady_clock;
  // Longer than a ring is usually silent under load.
  static constexpr std::chrono::microseconds kEvery{10};
  // Longer than one who only has to send a batch needs: a thread that calculates.
  static constexpr std::chrono::milliseconds kLong{1};

  explicit GiveWay(Clock::time_point now) noexcept : next_(now + kEvery) {}

  // Gives way if it is time to, and moves `until`, the end of the look, by as long as that took.
  // The time after it; `now` where it was not.
  Clock::time_point step(Clock::time_point now, Clock::time_point& until) noexcept;
  // Somebody took the processor for long: to sleep is better, since who is woken comes first.
  [[nodiscard]] bool was_taken() const noexcept { return taken_; }

 private:
  Clock::time_point next_;
  bool taken_ = false;
};

}  // namespace lockstep::transport
