// The life of a pair: states, what they mean for hosts, and its end.
#pragma once

#include "target_impl/replication/world.hpp"

#include <vector>

namespace lockstep::replication {

// Separated mirrors, and finished point-in-time copies; everything else is read-only for hosts.
[[nodiscard]] bool host_may_write_target(SyncType sync_type, CopyState state) noexcept;

// Adaptive mirrors run synchronously: nothing is ever out of step, so no skew can be exceeded
// (DS-MA-07).
[[nodiscard]] bool follows_each_write(Mode mode) noexcept;

// The pair is in `state` now, for hosts too. A RequestedCopyState that has been reached is cleared
// (MRS-06).
void enter(World& world, PairRecord& pair, CopyState state,
           ProgressStatus progress = ProgressStatus::Dormant);

// Skewed once a host has written a target that stands for a point in time or a moment of
// separation (T-016, T-017).
void notice_host_writes(World& world, PairRecord& pair);

// What is reported, overlays included.
[[nodiscard]] CopyState shown_state(const PairRecord& pair) noexcept;

// The relationship is gone, its copies abandoned; both elements stay.
void erase_pair(World& world, Id pair);

// The pairs that a relationship reference stands for: itself, or all of a group's. Empty: no such
// relationship.
[[nodiscard]] std::vector<PairRecord*> pairs_of(World& world, const RelationshipRef& ref);

}  // namespace lockstep::replication
