#include "target_impl/store/durable/commit_queue.hpp"

#include <algorithm>
#include <limits>

namespace lockstep::store::detail {

namespace {
// Whoever waits asks soon after the end; older failures than these many are forgotten.
constexpr std::size_t kFailuresKept = 1024;
}  // namespace

CommitNumber CommitQueue::request() noexcept {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return std::numeric_limits<CommitNumber>::max();
  }
  const CommitNumber number = started_ + 1;
  if (wanted_ < number) {
    wanted_ = number;
    wanted_changed_.notify_one();
  }
  return number;
}

bool CommitQueue::has_ended(CommitNumber number) const noexcept {
  const std::lock_guard lock(mutex_);
  return number <= ended_ || closed_;
}

CommitOutcome CommitQueue::outcome_locked(CommitNumber number) const noexcept {
  if (number > ended_) {
    return CommitOutcome::Failed;
  }
  const auto found = std::find_if(failures_.begin(), failures_.end(),
                                  [number](const Failure& f) { return f.number == number; });
  return found == failures_.end() ? CommitOutcome::Durable : found->outcome;
}

CommitOutcome CommitQueue::wait(CommitNumber number) noexcept {
  std::unique_lock lock(mutex_);
  ended_changed_.wait(lock, [&] { return number <= ended_ || closed_; });
  return outcome_locked(number);
}

void CommitQueue::attach(CommitListener& listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.push_back(&listener);
}

void CommitQueue::detach(CommitListener& listener) {
  const std::lock_guard lock(listeners_mutex_);
  std::erase(listeners_, &listener);
}

std::optional<CommitNumber> CommitQueue::next(std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  const auto due = [this] { return stopping_ || wanted_ > started_; };
  if (interval.count() == 0) {
    wanted_changed_.wait(lock, due);
  } else {
    wanted_changed_.wait_for(lock, interval, due);
  }
  if (stopping_) {
    if (last_given_) {
      return std::nullopt;
    }
    last_given_ = true;
  }
  return ++started_;
}

void CommitQueue::end(CommitNumber number, CommitOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = number;
    if (outcome != CommitOutcome::Durable) {
      failures_.push_back({number, outcome});
      if (failures_.size() > kFailuresKept) {
        failures_.pop_front();
      }
    }
  }
  ended_changed_.notify_all();
  tell(number, outcome);
}

void CommitQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wanted_changed_.notify_one();
}

void CommitQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ended_changed_.notify_all();
  tell(std::numeric_limits<CommitNumber>::max(), CommitOutcome::Failed);
}

void CommitQueue::tell(CommitNumber last, CommitOutcome outcome) {
  const std::lock_guard lock(listeners_mutex_);
  for (CommitListener* listener : listeners_) {
    listener->commit_ended(last, outcome);
  }
}

}  // namespace lockstep::store::detail
