// lockstep bench: the benchmark suite.
#include "bench/bench.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"

#include <fmt/format.h>

#include <chrono>

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

}  // namespace

int run(const BenchOptions& options) {
  auto header = make_header("bench", "reference", 0, nullptr);
  if (!header) return fail(header.error());
  header.value().configuration["filter"] = options.filter;
  header.value().configuration["min_time_s"] = fmt::format("{}", options.min_time_s);
  header.value().configuration["repetitions"] = std::to_string(options.repetitions);
  auto folder = RunFolder::open(options.out, std::move(header).value());
  if (!folder) return fail(folder.error());

  const auto started = std::chrono::steady_clock::now();
  Status written = ok();
  bool failed = false;
  bench::BenchOptions bench_options;
  bench_options.filter = options.filter;
  bench_options.min_time_s = options.min_time_s;
  bench_options.repetitions = options.repetitions;
  bench_options.finished = [&](const report::BenchmarkRecord& record) {
    if (written) written = folder.value().append(record);
    failed = failed || !record.error.empty();
    const std::string what =
        record.error.empty() ? counters_text(record) : coloured(Colour::Red, "  " + record.error);
    print(fmt::format("{:<48}{:>14.0f} ns{}", record.name, record.real_time_ns, what));
  };
  watch_for_interrupt();
  bench_options.stop_requested = interrupted;
  const auto records = bench::run_benchmarks(bench_options);
  if (!records) {
    print_error(records.error().message);
    return records.error().origin == Origin::Usage ? kNothingRan : exit_code_of(records.error());
  }
  if (!written) return fail(written.error());
  report::RunSummary summary;
  summary.counts["benchmarks"] = records.value().size();
  summary.overall = failed ? report::Overall::NotConformant : report::Overall::Conformant;
  summary.exit_code = failed ? kUnexpected : kAsExpected;
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  print(fmt::format("report: {}/report.html", folder.value().path().string()));
  return summary.exit_code;
}

}  // namespace lockstep::cli
