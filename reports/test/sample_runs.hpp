// Runs as the renderers may meet them; the goldens in golden/ show what becomes of them.
#pragma once

#include "reports/record/record.hpp"
#include "reports/render.hpp"

#include <vector>

namespace lockstep::report {

// Every verdict, a failure with steps, coverage; text that would break out of a careless page.
[[nodiscard]] Run conformance_run();
// Of two of its clauses, and of one that none of its cases checks.
[[nodiscard]] std::vector<ClauseText> clause_texts();
// Depths, latencies, a failed benchmark.
[[nodiscard]] Run benchmark_run();
// No summary: cut off.
[[nodiscard]] Run cut_off_run();

}  // namespace lockstep::report
