// The sanitize operation of a logical unit (SBC-3 4.11): one at a time, over the whole medium, on a
// thread of its own, so that no event loop waits for it. Resets and lost sessions leave it alone.
#pragma once

#include "target_impl/scsi/command_gate.hpp"
#include "target_impl/scsi/conditions.hpp"
#include "target_impl/store/volume.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lockstep::scsi {

struct SanitizePlan {
  // Called when the commands admitted before have ended, before the medium is touched, unless
  // empty.
  std::function<void()> alone;
  // Called when the operation has ended, unless empty: true when it did what was asked.
  std::function<void(bool)> ended;
  // One block that every block is overwritten with; empty: the blocks are erased, and read as
  // zeros.
  std::vector<std::byte> pattern;
  std::uint32_t passes = 1;
  bool inverts_between_passes = false;
  // AUSE: after a failure EXIT FAILURE MODE is allowed.
  bool may_exit_failure = false;
};

// Thread-safe.
class Sanitizer {
 public:
  Sanitizer(store::Volume& volume, Conditions& conditions, CommandGate& gate);
  // An operation that is under way is given up.
  ~Sanitizer();
  Sanitizer(const Sanitizer&) = delete;
  Sanitizer& operator=(const Sanitizer&) = delete;

  // False: one is under way, or there is no thread for it. Sets Condition::Sanitizing at once;
  // commands that were admitted before end before the medium is touched. Takes at least `minimum`.
  [[nodiscard]] bool start(SanitizePlan plan, std::chrono::milliseconds minimum);
  // Returns when none is under way; the caller holds no pass of the gate.
  void wait();

  // Done, of 65536.
  [[nodiscard]] std::uint16_t progress() const noexcept;
  // EXIT FAILURE MODE; false: the failed operation does not allow it.
  [[nodiscard]] bool exit_failure();

 private:
  void run(const SanitizePlan& plan, std::chrono::milliseconds minimum);
  [[nodiscard]] bool erase();
  [[nodiscard]] bool overwrite(const SanitizePlan& plan);
  [[nodiscard]] bool stops() const noexcept { return stop_.load(); }

  store::Volume& volume_;
  Conditions& conditions_;
  CommandGate& gate_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint32_t> work_done_{0};  // of 65536
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;
  bool may_exit_failure_ = true;
  // When it started and how long it lasts at least, as steady_clock counts.
  std::atomic<std::chrono::steady_clock::duration> started_{};
  std::atomic<std::chrono::steady_clock::duration> minimum_{};
  std::thread thread_;
};

}  // namespace lockstep::scsi
