#include "target_impl/transport/stand_still.hpp"

namespace lockstep::transport {

void StandStill::begin() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !taken_; });
  ++working_;
}

void StandStill::end() {
  const std::lock_guard lock(mutex_);
  --working_;
  changed_.notify_all();
}

void StandStill::alone(std::size_t loop, const std::function<void()>& call) {
  if (alone_.load(std::memory_order_relaxed) == loop) {
    call();
    return;
  }
  {
    std::unique_lock lock(mutex_);
    wanted_.fetch_add(1, std::memory_order_relaxed);
    --working_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !taken_; });
    taken_ = true;
    changed_.wait(lock, [this] { return working_ == 0; });
    alone_.store(loop, std::memory_order_relaxed);
  }
  call();
  const std::lock_guard lock(mutex_);
  alone_.store(kNobody, std::memory_order_relaxed);
  taken_ = false;
  wanted_.fetch_sub(1, std::memory_order_relaxed);
  ++working_;
  changed_.notify_all();
}

}  // namespace lockstep::transport
