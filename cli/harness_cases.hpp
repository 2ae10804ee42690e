// The harness's own speed as benchmarks of the suite, which may not know the oracle itself.
#pragma once

#include "bench/bench.hpp"

#include <vector>

namespace lockstep::cli {

[[nodiscard]] std::vector<bench::OutsideCase> harness_cases();

}  // namespace lockstep::cli
