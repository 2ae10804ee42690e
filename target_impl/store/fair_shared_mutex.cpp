#include "target_impl/store/fair_shared_mutex.hpp"

namespace lockstep::store::detail {

void FairSharedMutex::lock() {
  std::unique_lock lock(mutex_);
  ++waiting_writers_;
  a_writer_may_go_.wait(lock, [this] { return free_for_writer() && admitted_readers_ == 0; });
  --waiting_writers_;
  writing_ = true;
}

bool FairSharedMutex::try_lock() {
  const std::lock_guard lock(mutex_);
  if (!free_for_writer() || admitted_readers_ != 0) {
    return false;
  }
  writing_ = true;
  return true;
}

void FairSharedMutex::unlock() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  admitted_readers_ = waiting_readers_;
  if (waiting_readers_ != 0) {
    readers_may_go_.notify_all();
  } else if (waiting_writers_ != 0) {
    a_writer_may_go_.notify_one();
  }
}

void FairSharedMutex::lock_shared() {
  std::unique_lock lock(mutex_);
  if (writing_ || waiting_writers_ != 0) {
    ++waiting_readers_;
    readers_may_go_.wait(lock, [this] { return free_for_reader(); });
    --waiting_readers_;
    admitted_readers_ -= admitted_readers_ != 0 ? 1U : 0U;
  }
  ++readers_;
}

bool FairSharedMutex::try_lock_shared() {
  const std::lock_guard lock(mutex_);
  if (writing_ || waiting_writers_ != 0) {
    return false;
  }
  ++readers_;
  return true;
}

void FairSharedMutex::unlock_shared() {
  const std::lock_guard lock(mutex_);
  if (--readers_ == 0 && waiting_writers_ != 0) {
    a_writer_may_go_.notify_one();
  }
}

}  // namespace lockstep::store::detail
