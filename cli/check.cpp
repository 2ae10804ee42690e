// lockstep check: random sequences in lockstep with the oracle.
#include "properties/harness/check.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "cli/run_provider.hpp"
#include "cli/summary_text.hpp"

#include <fmt/format.h>

#include <chrono>

namespace lockstep::cli {

int run(const CheckOptions& options) {
  watch_for_interrupt();
  auto provider = RunProvider::open(options.provider, options.safety);
  if (!provider) return fail(provider.error());
  auto header = make_header("check", options.provider, options.seed, &provider.value().reading());
  if (!header) return fail(header.error());
  header.value().configuration["for_ms"] = std::to_string(options.budget.count());
  header.value().configuration["max_operations"] = std::to_string(options.max_operations);
  auto folder = RunFolder::open(options.out, header.value());
  if (!folder) return fail(folder.error());
  if (const auto begun = provider.value().begin(header.value(), folder.value().path()); !begun)
    return fail(begun.error());
  const auto factory = [&] { return provider.value().another(); };

  const auto started = std::chrono::steady_clock::now();
  const auto elapsed_us = [&] {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                          std::chrono::steady_clock::now() - started)
                                          .count());
  };
  ProgressLine line(options.quiet || options.json);
  properties::CheckOptions check_options;
  check_options.provider_spec = options.provider;
  check_options.seed = options.seed;
  check_options.budget = options.budget;
  check_options.max_operations = options.max_operations;
  check_options.case_folder = folder.value().path();
  check_options.stop_requested = interrupted;
  check_options.progress = [&](const properties::CheckProgress& progress) {
    line.show(progress.shrinking
                  ? fmt::format("check: shrinking, {} operations left", progress.operations_left)
                  : fmt::format("check {} of {}  sequences {}  steps {}",
                                seconds_text(std::chrono::microseconds(
                                    static_cast<std::int64_t>(elapsed_us()))),
                                seconds_text(options.budget), progress.sequences, progress.steps));
  };
  const auto report = properties::check(factory, check_options);
  line.clear();
  provider.value().finish(false);
  if (!report) return fail(report.error());

  for (const report::CaseRecord& record : report.value().properties) {
    if (const auto written = folder.value().append(record); !written) return fail(written.error());
  }
  if (const auto written = folder.value().append(report.value().coverage); !written)
    return fail(written.error());
  report::RunSummary summary = report::summarise(report.value().properties);
  summary.duration_us = elapsed_us();
  summary.exit_code = interrupted() ? kInterrupted : exit_code_of(summary.overall);
  const auto closed = interrupted() ? folder.value().leave() : folder.value().close(summary);
  if (!closed) return fail(closed.error());

  const std::string path = folder.value().path().string();
  if (options.json) {
    print(summary_json(summary, report.value().properties, path));
    return summary.exit_code;
  }
  if (!report.value().failure_text.empty()) print(report.value().failure_text);
  if (options.stats) print(coverage_text(report.value().coverage));
  print(fmt::format("{} sequences, {} steps, seed {}", report.value().coverage.sequences,
                    report.value().coverage.steps, options.seed));
  print(overall_line(summary));
  print(fmt::format("report: {}/report.html", path));
  return summary.exit_code;
}

}  // namespace lockstep::cli
