// Whether the medium is in the drive, and which nexuses forbid taking it out (SPC-4 6.14, SBC-3
// 5.25).
#pragma once

#include "target_impl/scsi/conditions.hpp"

#include <cstdint>
#include <mutex>
#include <set>

namespace lockstep::scsi {

// Thread-safe.
class RemovableMedium {
 public:
  explicit RemovableMedium(Conditions& conditions) noexcept : conditions_(conditions) {}

  enum class Move : std::uint8_t { Done, Unchanged, Prevented };
  // Takes the medium out or puts it in.
  [[nodiscard]] Move move(bool in);

  void prevent(std::uint64_t nexus, bool prevented);
  void nexus_lost(std::uint64_t nexus) { prevent(nexus, false); }
  // Nobody prevents removal any more.
  void reset();

 private:
  Conditions& conditions_;
  std::mutex mutex_;
  std::set<std::uint64_t> preventing_;
};

}  // namespace lockstep::scsi
