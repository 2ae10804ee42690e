// A reader-writer lock under which neither side starves: readers that come while a writer waits
// wait too, and the readers that have waited go next when a writer is done. The lock of the
// platform lets an unbroken stream of readers hold up a snapshot for ever.
//
// Satisfies SharedMutex as far as std::unique_lock and std::shared_lock need it. Race detectors see
// only the short mutex inside, so a mirror that changes its direction is not taken for an inversion
// of lock order (see WriteObserver for the rule that keeps mirrors free of deadlock).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace lockstep::store::detail {

class FairSharedMutex {
 public:
  void lock();
  [[nodiscard]] bool try_lock();
  void unlock();

  void lock_shared();
  [[nodiscard]] bool try_lock_shared();
  void unlock_shared();

 private:
  [[nodiscard]] bool free_for_writer() const noexcept { return !writing_ && readers_ == 0; }
  [[nodiscard]] bool free_for_reader() const noexcept {
    return !writing_ && (waiting_writers_ == 0 || admitted_readers_ != 0);
  }

  std::mutex mutex_;
  std::condition_variable readers_may_go_;
  std::condition_variable a_writer_may_go_;
  std::uint32_t readers_ = 0;
  std::uint32_t waiting_readers_ = 0;
  // How many of the waiting readers may pass writers that wait.
  std::uint32_t admitted_readers_ = 0;
  std::uint32_t waiting_writers_ = 0;
  bool writing_ = false;
};

}  // namespace lockstep::store::detail
