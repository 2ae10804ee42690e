// The small exhaustive scope: every way to go on for up to two steps after a create, for each kind
// of copy. Small spaces are enumerated; randomness is for large ones.
#pragma once

#include "properties/commands/command.hpp"
#include "properties/generators/world.hpp"

#include <vector>

namespace lockstep::properties {

// The tour of the state machines first, then one step after a create, then every pair of steps.
[[nodiscard]] std::vector<Sequence> small_scope(const World& world);

}  // namespace lockstep::properties
