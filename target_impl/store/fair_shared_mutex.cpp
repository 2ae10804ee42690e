#include "target_impl/store/fair_shared_mutex.hpp"

namespace lockstep::store::detail {

void FairSharedMutex::end_queue_if_empty() noexcept {
  if (waiting_writers_ == 0 && waiting_readers_ == 0) {
    state_.fetch_and(~kQueued, std::memory_order_relaxed);
  }
}

bool FairSharedMutex::take_if_free() {
  const std::lock_guard lock(mutex_);
  // Without a queue others come in without asking under mutex_, but then trying has failed fairly.
  const bool queued = (state_.load(std::memory_order_relaxed) & kQueued) != 0;
  if (!queued || !free_for_writer()) {
    return false;
  }
  state_.fetch_or(kWriting, std::memory_order_relaxed);
  return true;
}

void FairSharedMutex::wait_to_write() {
  std::unique_lock lock(mutex_);
  ++waiting_writers_;
  state_.fetch_or(kQueued, std::memory_order_relaxed);
  a_writer_may_go_.wait(lock, [this] { return free_for_writer(); });
  --waiting_writers_;
  // Nobody can have come in between: with kQueued set they all ask under mutex_.
  state_.fetch_or(kWriting, std::memory_order_relaxed);
  end_queue_if_empty();
}

void FairSharedMutex::wait_to_read() {
  std::unique_lock lock(mutex_);
  state_.fetch_or(kQueued, std::memory_order_relaxed);
  if (is_writing() || waiting_writers_ != 0) {
    ++waiting_readers_;
    readers_may_go_.wait(lock, [this] { return free_for_reader(); });
    --waiting_readers_;
    admitted_readers_ -= admitted_readers_ != 0 ? 1U : 0U;
  }
  state_.fetch_add(1, std::memory_order_relaxed);
  end_queue_if_empty();
}

void FairSharedMutex::let_others_in() {
  const std::lock_guard lock(mutex_);
  state_.fetch_and(~kWriting, std::memory_order_release);
  admitted_readers_ = waiting_readers_;
  if (waiting_readers_ != 0) {
    readers_may_go_.notify_all();
  } else if (waiting_writers_ != 0) {
    a_writer_may_go_.notify_one();
  }
}

void FairSharedMutex::let_a_writer_in() {
  const std::lock_guard lock(mutex_);
  if (waiting_writers_ != 0) {
    a_writer_may_go_.notify_one();
  }
}

}  // namespace lockstep::store::detail
