// Draws one command that is possible in a plan.
#pragma once

#include "properties/commands/command.hpp"
#include "properties/commands/plan.hpp"
#include "properties/generators/draws.hpp"
#include "properties/generators/swarm.hpp"
#include "properties/generators/world.hpp"

#include <optional>

namespace lockstep::properties {

// What every drawing function needs.
struct Drawing {
  Draws& draws;
  const World& world;
  const Swarm& swarm;
  const Plan& plan;
};

// Nothing when the drawn kind of command has nothing to work on yet.
[[nodiscard]] std::optional<Command> draw_command(Drawing& with);

// The parts of it.
[[nodiscard]] std::optional<Command> draw_replicate(Drawing& with, Method method);
[[nodiscard]] std::optional<Command> draw_modify(Drawing& with, bool as_list);
[[nodiscard]] std::optional<Meanwhile> draw_meanwhile(Drawing& with);

// A range of a volume, with a liking for the places where things break: the first and last block,
// the edges of 64 KiB extents, and the blocks next to what was written last.
struct BlockRange {
  std::uint64_t first = 0;
  std::uint64_t blocks = 1;
};
[[nodiscard]] BlockRange draw_range(Draws& draws, const PlannedVolume& volume);

// Makes a call wrong in one way: what it made before, it does not expect to make any more.
void spoil(Drawing& with, Replicate& op);

}  // namespace lockstep::properties
