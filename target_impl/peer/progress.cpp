#include "target_impl/peer/progress.hpp"

#include "target_impl/transport/wake_together.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace lockstep::peer {

using store::CommitOutcome;

void PeerVolume::Progress::begin(MirrorRules rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  failed_ = false;
}

std::optional<std::uint64_t> PeerVolume::Progress::start(Lba first, BlockCount count) {
  const std::lock_guard lock(mutex_);
  if (failed_ || !usable_) {
    doubt_locked(first, count);
    return std::nullopt;
  }
  changes_.push_back({{first, count}});
  return ++last_;
}

void PeerVolume::Progress::ended(std::span<const End> ends) {
  std::function<void(bool)> failed;
  std::vector<Waiter> ready;
  CommitOutcome result = CommitOutcome::Durable;
  std::unique_lock lock(mutex_);
  for (const End& end : ends) {
    if (is_good(end.completion)) continue;
    doubt_locked(end.range.first, end.range.count);
    cut_off_ = peer::was_cut_off(end.completion);
    if (!std::exchange(failed_, true)) failed = rules_.failed;
  }
  if (failed) {
    // Before any host is told.
    const bool cut_off = cut_off_;
    lock.unlock();
    failed(cut_off);
    lock.lock();
  }
  for (const End& end : ends) changes_[end.number - oldest_].has_ended = true;
  for (; !changes_.empty() && changes_.front().has_ended; ++oldest_) changes_.pop_front();
  ready = take_ready();
  result = outcome();
  lock.unlock();
  ended_.notify_all();
  for (const Waiter& waiter : ready) waiter.whom->ended(result);
}

std::vector<PeerVolume::Progress::Waiter> PeerVolume::Progress::take_ready() {
  const auto left =
      std::partition_point(waiters_.begin(), waiters_.end(),
                           [this](const Waiter& waiter) { return all_ended(waiter.number); });
  std::vector<Waiter> ready(std::make_move_iterator(waiters_.begin()),
                            std::make_move_iterator(left));
  waiters_.erase(waiters_.begin(), left);
  return ready;
}

void PeerVolume::Progress::doubt(Lba first, BlockCount count) {
  const std::lock_guard lock(mutex_);
  doubt_locked(first, count);
}

void PeerVolume::Progress::doubt_locked(Lba first, BlockCount count) {
  if (count.value == 0) return;
  const std::uint64_t per_extent = store::kExtentBytes / geometry_.block_size.bytes;
  const std::uint64_t begin = first.value / per_extent * per_extent;
  const std::uint64_t end = (first.value + count.value + per_extent - 1) / per_extent * per_extent;
  doubtful_.push_back({Lba{begin}, BlockCount{std::min(end, geometry_.blocks.value) - begin}});
  if (doubtful_.size() >= tidy_at_) {
    tidy_doubts();
    tidy_at_ = std::max(kTidyAt, 2 * doubtful_.size());
  }
}

// Ascending, not overlapping, not touching.
void PeerVolume::Progress::tidy_doubts() {
  Ranges sorted = std::exchange(doubtful_, {});
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first.value < b.first.value; });
  for (const store::BlockRange& range : sorted) {
    const std::uint64_t end = range.first.value + range.count.value;
    if (doubtful_.empty() ||
        doubtful_.back().first.value + doubtful_.back().count.value < range.first.value) {
      doubtful_.push_back(range);
      continue;
    }
    store::BlockRange& last = doubtful_.back();
    last.count.value = std::max(last.first.value + last.count.value, end) - last.first.value;
  }
}

Ranges PeerVolume::Progress::settle(const std::function<void()>& nudge) {
  std::unique_lock lock(mutex_);
  return settle_locked(lock, nudge);
}

Ranges PeerVolume::Progress::finish(const std::function<void()>& nudge) {
  std::unique_lock lock(mutex_);
  Ranges ranges = settle_locked(lock, nudge);
  failed_ = true;
  rules_ = {};
  return ranges;
}

Ranges PeerVolume::Progress::settle_locked(std::unique_lock<std::mutex>& lock,
                                           const std::function<void()>& nudge) {
  constexpr std::chrono::milliseconds kNudgeEvery{1};
  while (!changes_.empty()) {
    nudge();
    ended_.wait_for(lock, kNudgeEvery, [this] { return changes_.empty(); });
  }
  tidy_doubts();
  return std::exchange(doubtful_, {});
}

Ranges PeerVolume::Progress::under_way() const {
  const std::lock_guard lock(mutex_);
  Ranges ranges;
  for (const Change& change : changes_) {
    if (!change.has_ended) ranges.push_back(change.range);
  }
  return ranges;
}

store::CommitNumber PeerVolume::Progress::request() noexcept {
  const std::lock_guard lock(mutex_);
  return last_;
}

CommitOutcome PeerVolume::Progress::wait(store::CommitNumber number) noexcept {
  transport::WakeTogether::now();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return all_ended(number); });
  return outcome();
}

void PeerVolume::Progress::when_ended(std::shared_ptr<store::CommitWaiter> waiter) {
  CommitOutcome result = CommitOutcome::Durable;
  {
    const std::lock_guard lock(mutex_);
    if (!all_ended(last_)) {
      waiters_.push_back({last_, std::move(waiter)});
      return;
    }
    result = outcome();
  }
  waiter->ended(result);
}

void PeerVolume::Progress::set_usable(bool usable, bool open) {
  const std::lock_guard lock(mutex_);
  usable_ = usable;
  open_ = open;
}

bool PeerVolume::Progress::is_usable() const {
  const std::lock_guard lock(mutex_);
  return usable_;
}

void PeerVolume::Progress::note_failure(bool cut_off) {
  const std::lock_guard lock(mutex_);
  cut_off_ = cut_off;
}

bool PeerVolume::Progress::was_cut_off() const {
  const std::lock_guard lock(mutex_);
  return cut_off_;
}

void PeerVolume::Progress::note_forgotten() {
  const std::lock_guard lock(mutex_);
  forgotten_ = true;
}

bool PeerVolume::Progress::take_forgotten() {
  const std::lock_guard lock(mutex_);
  return std::exchange(forgotten_, false);
}

bool PeerVolume::Progress::is_open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace lockstep::peer
