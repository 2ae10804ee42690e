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
// What was Broken for that cause goes on, as CopyRecoveryMode says, if nothing else is in its way.
void repair(World& world, const Pairs& pairs, BreakCause cause);

}  // namespace lockstep::replication
