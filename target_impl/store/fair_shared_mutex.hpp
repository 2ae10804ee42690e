// A reader-writer lock under which neither side starves: readers that come while a writer waits
// wait too, and the readers that have waited go next when a writer is done. The lock of the
// platform lets an unbroken stream of readers hold up a snapshot for ever.
//
// While nobody waits, taking and releasing it are one atomic operation each; the mutex inside is
// for those who have to wait.
//
// Satisfies SharedMutex as far as std::unique_lock and std::shared_lock need it. Race detectors see
// only the atomic and the short mutex inside, so a mirror that changes its direction is not taken
// for an inversion of lock order (see WriteObserver for the rule that keeps mirrors free of
// deadlock).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace lockstep::store::detail {

class FairSharedMutex {
 public:
  void lock() {
    if (!take_unless_queued()) {
      wait_to_write();
    }
  }
  // Takes what is free even if others wait for it: who tries must not starve because there is
  // always a queue.
  [[nodiscard]] bool try_lock() { return take_unless_queued() || take_if_free(); }
  void unlock() {
    std::uint32_t alone = kWriting;
    if (!state_.compare_exchange_strong(alone, 0, std::memory_order_release,
                                        std::memory_order_relaxed)) {
      let_others_in();
    }
  }

  void lock_shared() {
    if (!try_lock_shared()) {
      wait_to_read();
    }
  }
  [[nodiscard]] bool try_lock_shared() noexcept {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    while ((state & (kWriting | kQueued)) == 0) {
      if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void unlock_shared() {
    const std::uint32_t before = state_.fetch_sub(1, std::memory_order_release);
    if ((before & kQueued) != 0 && (before & kReaders) == 1) {
      let_a_writer_in();
    }
  }

 private:
  [[nodiscard]] bool take_unless_queued() noexcept {
    std::uint32_t free = 0;
    return state_.compare_exchange_strong(free, kWriting, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  [[nodiscard]] bool take_if_free();
  static constexpr std::uint32_t kWriting = 1U << 31;
  // Somebody waits, so whoever comes must ask under mutex_. Changes only under mutex_.
  static constexpr std::uint32_t kQueued = 1U << 30;
  static constexpr std::uint32_t kReaders = kQueued - 1;

  void wait_to_write();
  void wait_to_read();
  void let_others_in();
  void let_a_writer_in();
  // All below under mutex_.
  [[nodiscard]] bool is_writing() const noexcept {
    return (state_.load(std::memory_order_acquire) & kWriting) != 0;
  }
  [[nodiscard]] bool free_for_writer() const noexcept {
    return (state_.load(std::memory_order_acquire) & ~kQueued) == 0 && admitted_readers_ == 0;
  }
  [[nodiscard]] bool free_for_reader() const noexcept {
    return !is_writing() && (waiting_writers_ == 0 || admitted_readers_ != 0);
  }
  void end_queue_if_empty() noexcept;

  std::atomic<std::uint32_t> state_{0};
  std::mutex mutex_;
  std::condition_variable readers_may_go_;
  std::condition_variable a_writer_may_go_;
  std::uint32_t waiting_readers_ = 0;
  // How many of the waiting readers may pass writers that wait.
  std::uint32_t admitted_readers_ = 0;
  std::uint32_t waiting_writers_ = 0;
};

}  // namespace lockstep::store::detail
