// The benchmark suite: Google Benchmark over the real data path.
#pragma once

#include "bench/subject.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lockstep::bench {

// What another room measures of itself, as one of the suite's benchmarks.
struct OutsideSample {
  double operation_s = 0;  // of one operation: median or mean, whichever says more
  std::map<std::string, double> counters;
};
struct OutsideCase {
  std::string name;  // "oracle/judge"
  // Measures for about that long.
  std::function<Result<OutsideSample>(std::chrono::milliseconds)> measure;
};

struct BenchOptions {
  std::string filter = ".";  // regular expression over names, as Google Benchmark takes it
  double min_time_s = 0.3;   // per repetition
  unsigned repetitions = 3;
  // Also those reference lines that the selected benchmarks are held against. Where a line was
  // measured, records say what share of it was reached.
  bool with_limits = false;
  std::vector<OutsideCase> outside;
  // With either of its two, only those benchmarks are there that can be put to it.
  Subject subject;
  // Files in the formats of Google Benchmark, repetitions and aggregates; empty: none.
  std::string google_json;
  std::string google_csv;
  std::function<void(const report::BenchmarkRecord&)> finished;
  // Asked before each repetition; may be empty. Benchmarks that it cuts short leave no record.
  std::function<bool()> stop_requested;
};

// Names of the benchmarks that the filter selects.
[[nodiscard]] std::vector<std::string> list_benchmarks(const BenchOptions& options);
// Nothing selected: Origin::Usage. A file that cannot be written: Origin::Config.
[[nodiscard]] Result<std::vector<report::BenchmarkRecord>> run_benchmarks(
    const BenchOptions& options);

}  // namespace lockstep::bench
