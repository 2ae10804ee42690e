// What the tables look like from outside.
#pragma once

#include "model/vocab/observations.hpp"
#include "target_impl/replication/world.hpp"

namespace lockstep::replication {

[[nodiscard]] Inventory view_of(World& world);

// Mixed unless all members are in one state (G-01, G-02).
[[nodiscard]] CopyState group_state(World& world, const GroupPairRecord& group_pair);

}  // namespace lockstep::replication
