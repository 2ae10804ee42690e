// What of a mirror's changes the peer holds already, and what is in doubt. Internal.
#pragma once

#include "target_impl/peer/peer_volume.hpp"
#include "target_impl/peer/scsi_commands.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace lockstep::peer {

// Thread-safe; outlives its volume until the last change under way has ended.
class PeerVolume::Progress final : public store::Commits, public ChangeEnds {
 public:
  Progress(VolumeGeometry geometry, Medium medium) : geometry_(geometry), medium_(medium) {}

  void begin(MirrorRules rules);
  // The number of a change that is about to be queued; nothing: the mirror has failed, and the
  // blocks are in doubt.
  [[nodiscard]] std::optional<std::uint64_t> start(Lba first, BlockCount count);
  void ended(std::span<const End> ends) override;
  void doubt(Lba first, BlockCount count);
  // `nudge` is called now and then while something is under way.
  [[nodiscard]] Ranges settle(const std::function<void()>& nudge);
  [[nodiscard]] Ranges finish(const std::function<void()>& nudge);

  // Numbers count the changes that were queued.
  store::CommitNumber request() noexcept override;
  [[nodiscard]] store::CommitOutcome wait(store::CommitNumber number) noexcept override;
  void when_ended(std::shared_ptr<store::CommitWaiter> waiter) override;

  [[nodiscard]] Ranges under_way() const;

  void set_usable(bool usable, bool open);
  [[nodiscard]] bool is_usable() const;
  [[nodiscard]] bool is_open() const;
  void note_failure(bool cut_off);
  [[nodiscard]] bool was_cut_off() const;
  void set_medium(Medium medium) noexcept { medium_ = medium; }
  [[nodiscard]] Medium medium() const noexcept { return medium_; }
  // The claim was not found again: anybody may have written meanwhile.
  void note_forgotten();
  [[nodiscard]] bool take_forgotten();

 private:
  struct Change {
    store::BlockRange range;
    bool has_ended = false;
  };
  struct Waiter {
    std::uint64_t number = 0;
    std::shared_ptr<store::CommitWaiter> whom;
  };
  // With mutex_ held:
  [[nodiscard]] bool all_ended(std::uint64_t number) const { return oldest_ > number; }
  [[nodiscard]] store::CommitOutcome outcome() const {
    return failed_ && rules_.failure_stops_host_io ? store::CommitOutcome::Failed
                                                   : store::CommitOutcome::Durable;
  }
  void doubt_locked(Lba first, BlockCount count);
  void tidy_doubts();
  [[nodiscard]] Ranges settle_locked(std::unique_lock<std::mutex>& lock,
                                     const std::function<void()>& nudge);
  [[nodiscard]] std::vector<Waiter> take_ready();

  static constexpr std::size_t kTidyAt = 1024;
  const VolumeGeometry geometry_;
  std::atomic<Medium> medium_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  MirrorRules rules_;
  bool failed_ = true;  // until the mirror begins
  bool usable_ = true;
  bool open_ = false;
  bool cut_off_ = false;
  bool forgotten_ = false;
  std::uint64_t last_ = 0;
  std::uint64_t oldest_ = 1;    // of those that have not ended, or the next
  std::deque<Change> changes_;  // from the oldest to the last
  Ranges doubtful_;             // whole extents, in any order
  std::size_t tidy_at_ = kTidyAt;
  std::deque<Waiter> waiters_;  // with ascending numbers
};

}  // namespace lockstep::peer
