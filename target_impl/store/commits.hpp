// When the changes of durable volumes reach the disk: the seam between the store and whoever
// acknowledges FUA writes and SYNCHRONIZE CACHE.
//
// Commits are numbered. A commit holds, for every volume of the store at one instant, all that had
// taken effect by then; whoever needs something on disk asks for the next commit and waits for its
// number, so that all who ask while one runs share the one after it.
#pragma once

#include <cstdint>

namespace lockstep::store {

using CommitNumber = std::uint64_t;

enum class CommitOutcome : std::uint8_t {
  Durable,
  NoSpace,  // the disk is full; the changes stay in memory and the next commit tries again
  Failed,   // the disk failed, or the store was closed before
};

class CommitListener {
 public:
  virtual ~CommitListener() = default;
  // Every number up to and with `last` that had not ended has ended like this. Called on the
  // store's own thread, in order; must not block and must not call Commits.
  virtual void commit_ended(CommitNumber last, CommitOutcome outcome) noexcept = 0;
};

// Thread-safe.
class Commits {
 public:
  virtual ~Commits() = default;
  // The commit that will hold everything that has taken effect by now; begins soon. Listeners that
  // are attached already hear of its end. Once the store is closed: a number that has ended
  // (Failed), of which no listener hears.
  [[nodiscard]] virtual CommitNumber request() noexcept = 0;
  [[nodiscard]] virtual bool has_ended(CommitNumber number) const noexcept = 0;
  // Blocks. Must not be called with a volume's lock held (from a WriteObserver, from with_frozen).
  [[nodiscard]] virtual CommitOutcome wait(CommitNumber number) noexcept = 0;
  virtual void attach(CommitListener& listener) = 0;
  // No call is running or will come when it returns.
  virtual void detach(CommitListener& listener) = 0;
};

}  // namespace lockstep::store
