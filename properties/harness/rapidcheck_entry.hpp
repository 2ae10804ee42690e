// The one place that enters RapidCheck. Its internal entry point takes parameters and a listener,
// so that seeds, budgets and progress are ours and not the environment's.
#pragma once

#include "properties/generators/sequences.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace lockstep::properties {

struct RapidCheckRun {
  std::string id;  // of the property
  std::uint64_t seed = 0;
  int cases = 25;
  // True: the sequence passes. Called for generated sequences and, after the first failure, for
  // smaller ones.
  std::function<bool(const Sequence&)> passes;
};

struct RapidCheckResult {
  bool failed = false;
  std::uint64_t shrinks = 0;  // accepted
  // What RapidCheck itself needs to run the case again; secondary to the saved commands, because it
  // ends to be valid with any change of a generator.
  std::string reproduce;
  std::string trouble;  // RapidCheck gave up or failed itself; empty otherwise
};

[[nodiscard]] RapidCheckResult run_rapidcheck(const rc::Gen<Drawn>& sequences,
                                              const RapidCheckRun& run);

}  // namespace lockstep::properties
