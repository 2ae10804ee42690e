// Troubles on demand, each at the boundary where it would really arise.
#pragma once

#include "model/port/fault_port.hpp"
#include "target_impl/replication/world.hpp"

namespace lockstep::replication {

[[nodiscard]] std::set<FaultKind> supported_faults();
[[nodiscard]] Status inject(World& world, const Fault& fault);

}  // namespace lockstep::replication
