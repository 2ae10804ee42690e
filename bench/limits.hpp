// Which reference line a benchmark is held against, and how near it comes. Internal.
#pragma once

#include "reports/record/record.hpp"

#include <optional>
#include <string>

namespace lockstep::bench {

// The line for a benchmark, by its name; nothing where there is none. One request in flight is held
// against a ping-pong of its size, more against a stream of as many at once; copies against memcpy.
[[nodiscard]] std::optional<std::string> limit_of(const std::string& benchmark);

// The share of the line that was reached, 1 being all of it: of its median latency for a ping-pong,
// else of its bytes per second, in the best of its repetitions. Nothing where one of the two failed
// or lacks the figure.
[[nodiscard]] std::optional<double> share_of_limit(const report::BenchmarkRecord& record,
                                                   const report::BenchmarkRecord& limit);

}  // namespace lockstep::bench
