// When the changes of durable volumes reach the disk: the seam between the store and whoever
// acknowledges FUA writes and SYNCHRONIZE CACHE.
//
// Commits are numbered. A commit holds, for every volume of the store at one instant, all that had
// taken effect by then; whoever needs something on disk asks for the next commit and waits for its
// number, so that all who ask while one runs share the one after it.
#pragma once

#include <cstdint>
#include <memory>

namespace lockstep::store {

using CommitNumber = std::uint64_t;

enum class CommitOutcome : std::uint8_t {
  Durable,
  NoSpace,  // the disk is full; the changes stay in memory and the next commit tries again
  Failed,   // the disk failed, or the store was closed before
};

// Who is told what became of a commit, by a call that must not block, nor call Commits.
class CommitWaiter {
 public:
  virtual ~CommitWaiter() = default;
  virtual void ended(CommitOutcome outcome) = 0;
};

// Thread-safe.
class Commits {
 public:
  virtual ~Commits() = default;
  // The commit that will hold everything that has taken effect by now; begins soon. Once the store
  // is closed: one that has Failed.
  virtual CommitNumber request() noexcept = 0;
  // Blocks. Must not be called with a volume's lock held (from a WriteObserver, from with_frozen).
  [[nodiscard]] virtual CommitOutcome wait(CommitNumber number) noexcept = 0;
  // Requests a commit and tells once when it has ended, on the store's own thread, or at once when
  // the store is closed.
  virtual void when_ended(std::shared_ptr<CommitWaiter> waiter) = 0;
};

}  // namespace lockstep::store
