// A comparison of two benchmark runs, as a person reads it.
#pragma once

#include "bench/compare/comparison.hpp"
#include "cli/console.hpp"

#include <string>

namespace lockstep::cli {

using Colouring = std::string (*)(Colour colour, const std::string& text);

// A line for each figure, what is worse first, and one that sums up.
[[nodiscard]] std::string gate_table(const bench::compare::Comparison& comparison,
                                     Colouring coloured);
// The same as a table for a CI page.
[[nodiscard]] std::string gate_markdown(const bench::compare::Comparison& comparison);

}  // namespace lockstep::cli
