// Who waits for which commit. One thread of the store runs commits: next(), the commit, end().
#pragma once

#include "target_impl/store/commits.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace lockstep::store::detail {

class CommitQueue final : public Commits {
 public:
  CommitNumber request() noexcept override;
  CommitOutcome wait(CommitNumber number) noexcept override;
  void when_ended(std::shared_ptr<CommitWaiter> waiter) override;

  // Blocks until a commit is wanted or `interval` has passed (zero: never passes). After stop() one
  // last number is given out. What takes effect after it returned belongs to the commit after.
  [[nodiscard]] std::optional<CommitNumber> next(std::chrono::milliseconds interval);
  void end(CommitNumber number, CommitOutcome outcome);
  void stop();
  // Whoever waits or asks from now on gets Failed.
  void close();

 private:
  struct Failure {
    CommitNumber number;
    CommitOutcome outcome;
  };
  [[nodiscard]] CommitOutcome outcome_locked(CommitNumber number) const noexcept;
  [[nodiscard]] CommitNumber request_locked() noexcept;

  mutable std::mutex mutex_;
  std::condition_variable wanted_changed_;
  std::condition_variable ended_changed_;
  CommitNumber wanted_ = 0;
  CommitNumber started_ = 0;
  CommitNumber ended_ = 0;
  bool stopping_ = false;
  bool last_given_ = false;
  bool closed_ = false;
  std::deque<Failure> failures_;  // the latest
  struct Waiter {
    CommitNumber number;
    std::shared_ptr<CommitWaiter> whom;
  };
  std::vector<Waiter> waiters_;  // ascending by number
};

}  // namespace lockstep::store::detail
