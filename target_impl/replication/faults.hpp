// Troubles on demand, each at the boundary where it would really arise.
#pragma once

#include "model/port/fault_port.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/world.hpp"

namespace lockstep::replication {

[[nodiscard]] std::set<FaultKind> supported_faults();
[[nodiscard]] Status inject(World& world, const Fault& fault);

// The path between the two ends is gone: what needs it is Broken (T-048, T-049).
void lose_link(World& world, const Pairs& pairs);
// Nobody sees what hosts do to a replica that leads on a peer out of reach: Partitioned (T-050).
void lose_sight_of_leaders(const Pairs& pairs);
// What is Partitioned is what it was before, if nothing else keeps it so (T-055).
void regain_sight(World& world, const Pairs& pairs);
// What was Broken for that cause goes on, as CopyRecoveryMode says, if nothing else is in its way.
void repair(World& world, const Pairs& pairs, BreakCause cause);

}  // namespace lockstep::replication
