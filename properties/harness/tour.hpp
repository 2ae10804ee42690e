// A tour of the state machines: for every row that can be brought about on purpose, one short
// sequence that goes to where the row begins and lets its event happen. Random sequences rarely
// walk deep; this makes sure that no legal transition stays untried.
#pragma once

#include "properties/commands/command.hpp"
#include "properties/generators/world.hpp"

#include <vector>

namespace lockstep::properties {

// One sequence per kind of copy, place and event that the provider's capabilities and faults allow.
[[nodiscard]] std::vector<Sequence> transition_tour(const World& world);

}  // namespace lockstep::properties
