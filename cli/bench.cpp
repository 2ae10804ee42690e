// lockstep bench: the benchmark suite.
#include "bench/bench.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/harness_cases.hpp"
#include "cli/interrupt.hpp"
#include "cli/measuring.hpp"

#include <fmt/format.h>

namespace lockstep::cli {
namespace {

std::string counters_text(const report::BenchmarkRecord& record) {
  std::string text;
  for (const auto& [name, value] : record.counters) {
    const bool large = value >= 1e5;
    text +=
        large ? fmt::format("  {} {:.3g}", name, value) : fmt::format("  {} {:.2f}", name, value);
  }
  return text;
}

std::string text_of_benchmark(const report::BenchmarkRecord& record) {
  const std::string what =
      record.error.empty() ? counters_text(record) : coloured(Colour::Red, "  " + record.error);
  return fmt::format("{:<48}{:>14.0f} ns{}", record.name, record.real_time_ns, what);
}

}  // namespace

int run(const BenchOptions& options) {
  Measuring measuring;
  measuring.command = "bench";
  measuring.configuration = {{"filter", options.filter},
                             {"min_time_s", fmt::format("{}", options.min_time_s)},
                             {"repetitions", std::to_string(options.repetitions)}};
  measuring.out = options.out;
  measuring.characterization = options.report;
  measuring.line_of = text_of_benchmark;
  measuring.measure = [&](const Measuring::Finished& finished) {
    bench::BenchOptions suite;
    suite.filter = options.filter;
    suite.min_time_s = options.min_time_s;
    suite.repetitions = options.repetitions;
    suite.with_limits = options.limits || options.report;
    suite.outside = harness_cases();
    suite.google_json = options.google_json;
    suite.google_csv = options.google_csv;
    suite.finished = finished;
    suite.stop_requested = interrupted;
    return bench::run_benchmarks(suite);
  };
  return measure_into_records(measuring);
}

}  // namespace lockstep::cli
