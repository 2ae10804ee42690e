// Polling: short pauses first, because most things happen at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace lockstep::conformance {

class Pauses {
 public:
  void pause() {
    constexpr std::chrono::microseconds kLongest{10'000};
    std::this_thread::sleep_for(next_);
    next_ = std::min(next_ * 2, kLongest);
  }

 private:
  std::chrono::microseconds next_{200};
};

}  // namespace lockstep::conformance
