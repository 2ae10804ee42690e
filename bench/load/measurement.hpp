// The measured time of a load: what is counted begins after the warm-up. Internal.
#pragma once

#include "bench/load/traffic.hpp"
#include "bench/measure.hpp"

#include <chrono>

namespace lockstep::bench::load {

class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  // The warm-up begins now.
  explicit Measurement(const Work& work) : work_(work), begun_(Clock::now() + work.warm_up) {}

  // Of the calling thread from here on.
  void begin_if_due(Clock::time_point now);
  [[nodiscard]] bool has_begun() const noexcept { return measuring_; }
  // A command that ended in the measured time.
  void add(Clock::time_point submitted, Clock::time_point ended);
  // However late the first answer comes, something is measured.
  [[nodiscard]] bool is_over(Clock::time_point now) const noexcept {
    return measuring_ && sample_.commands > 0 && now >= begun_ + work_.duration;
  }
  // Ends the measured time.
  [[nodiscard]] Sample finish();

 private:
  const Work& work_;
  Clock::time_point begun_;
  bool measuring_ = false;
  Sample sample_;
  Latencies latencies_;
  Progress progress_;
  double target_cpu_s_ = 0;
  double target_switches_ = 0;
  Use own_;
};

}  // namespace lockstep::bench::load
