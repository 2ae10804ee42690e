// Whole sequences: how they are drawn, and how they are made smaller.
#pragma once

#include "properties/commands/command.hpp"
#include "properties/generators/world.hpp"

#include <rapidcheck/Gen.h>

#include <memory>
#include <ostream>
#include <vector>

namespace lockstep::properties {

// A drawn sequence, shown by RapidCheck one command per line.
struct Drawn {
  Sequence sequence;
  friend bool operator==(const Drawn&, const Drawn&) = default;
};
void showValue(const Drawn& drawn, std::ostream& out);  // NOLINT: RapidCheck's spelling

// Random sequences with swarm choices; longer ones at larger sizes. Each shrinks by `smaller`.
[[nodiscard]] rc::Gen<Drawn> random_sequences(std::shared_ptr<const World> world);
// Just this one, and what it shrinks to.
[[nodiscard]] rc::Gen<Drawn> this_sequence(Sequence sequence);

// Simpler sequences to try, the boldest first: without whole stretches, then without single
// commands, then with simpler parameters. Commands that lose what they depend on go along.
[[nodiscard]] std::vector<Sequence> smaller(const Sequence& sequence);

// The sequence without the commands that are not possible where they stand.
[[nodiscard]] Sequence only_possible(const Sequence& sequence);

}  // namespace lockstep::properties
