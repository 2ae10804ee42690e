#include "target_impl/store/durable/commit_queue.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace lockstep::store::detail {

namespace {
// Whoever waits asks soon after the end; older failures than these many are forgotten.
constexpr std::size_t kFailuresKept = 1024;
}  // namespace

CommitNumber CommitQueue::request_locked() noexcept {
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

CommitNumber CommitQueue::request() noexcept {
  const std::lock_guard lock(mutex_);
  return request_locked();
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

void CommitQueue::when_ended(std::shared_ptr<CommitWaiter> waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      waiters_.push_back({request_locked(), std::move(waiter)});
      return;
    }
  }
  waiter->ended(CommitOutcome::Failed);
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
  std::vector<Waiter> done;
  {
    const std::lock_guard lock(mutex_);
    ended_ = number;
    if (outcome != CommitOutcome::Durable) {
      failures_.push_back({number, outcome});
      if (failures_.size() > kFailuresKept) {
        failures_.pop_front();
      }
    }
    const auto first_left = std::find_if(waiters_.begin(), waiters_.end(),
                                         [number](const Waiter& w) { return w.number > number; });
    done.assign(std::make_move_iterator(waiters_.begin()), std::make_move_iterator(first_left));
    waiters_.erase(waiters_.begin(), first_left);
  }
  ended_changed_.notify_all();
  for (const Waiter& waiter : done) {
    waiter.whom->ended(outcome);
  }
}

void CommitQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wanted_changed_.notify_one();
}

void CommitQueue::close() {
  std::vector<Waiter> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(waiters_);
  }
  ended_changed_.notify_all();
  for (const Waiter& waiter : left) {
    waiter.whom->ended(CommitOutcome::Failed);
  }
}

}  // namespace lockstep::store::detail
