// The benchmark suite: Google Benchmark over the real data path.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <functional>
#include <string>
#include <vector>

namespace lockstep::bench {

struct BenchOptions {
  std::string filter = ".";  // regular expression over names, as Google Benchmark takes it
  double min_time_s = 0.3;   // per repetition
  unsigned repetitions = 3;
  std::function<void(const report::BenchmarkRecord&)> finished;
  // Asked before each repetition; may be empty. Benchmarks that it cuts short leave no record.
  std::function<bool()> stop_requested;
};

// Names of the benchmarks that the filter selects.
[[nodiscard]] std::vector<std::string> list_benchmarks(const BenchOptions& options);
// Nothing selected: Origin::Usage.
[[nodiscard]] Result<std::vector<report::BenchmarkRecord>> run_benchmarks(
    const BenchOptions& options);

}  // namespace lockstep::bench
