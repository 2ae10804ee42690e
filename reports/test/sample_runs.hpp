// Runs as the renderers may meet them; the goldens in golden/ show what becomes of them.
#pragma once

#include "reports/record/record.hpp"

namespace lockstep::report {

// Every verdict, a failure with steps, coverage; text that would break out of a careless page.
[[nodiscard]] Run conformance_run();
// Depths, latencies, a failed benchmark.
[[nodiscard]] Run benchmark_run();
// No summary: cut off.
[[nodiscard]] Run cut_off_run();

}  // namespace lockstep::report
