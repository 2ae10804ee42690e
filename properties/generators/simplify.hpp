// Simpler variants of one command, for shrinking: fewer parameters, fewer sources, smaller ranges.
#pragma once

#include "properties/commands/command.hpp"

#include <vector>

namespace lockstep::properties {

// Each variant is smaller in one respect, and none leads back, so that shrinking ends.
[[nodiscard]] std::vector<Command> simpler_commands(const Command& command);

}  // namespace lockstep::properties
