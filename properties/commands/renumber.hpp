// Gives the handles of a sequence the numbers 1, 2, 3 in the order in which they are made, as a
// person would have written it.
#pragma once

#include "properties/commands/command.hpp"

namespace lockstep::properties {

[[nodiscard]] Sequence renumbered(const Sequence& sequence);

}  // namespace lockstep::properties
