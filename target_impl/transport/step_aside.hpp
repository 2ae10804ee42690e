// Moves a thread off the processor that it keeps another from.
//
// The system tends to wake a thread on the processor of whoever woke it, and two that then look
// into each other's memory look busy to it: they may share one processor for long while others have
// nothing to do.
#pragma once

#include <chrono>

namespace lockstep::transport {

class StepAside {
 public:
  using Clock = std::chrono::steady_clock;

  // The calling thread goes on on another of the processors that it may use; what it may use stays
  // as it is. False: there is none, or moving has been of no use lately.
  [[nodiscard]] bool step(Clock::time_point now) noexcept;

 private:
  Clock::time_point last_{};
  std::chrono::milliseconds rest_{0};
};

}  // namespace lockstep::transport
