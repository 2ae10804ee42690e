// lockstep conform: the conformance cases against a provider.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expectations.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "cli/selection.hpp"
#include "cli/summary_text.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace lockstep::cli {
namespace {

std::string progress_text(const conformance::Progress& progress) {
  return fmt::format("conform {}/{}  failed {}  skipped {}  {}", progress.done, progress.total,
                     progress.failed, progress.skipped, progress.current);
}

// The exit code that goes with the cases and, where there is one, with the baseline.
report::RunSummary summary_of(const std::vector<report::CaseRecord>& records,
                              const std::optional<conformance::Expectations>& expectations) {
  report::RunSummary summary = report::summarise(records);
  summary.exit_code = exit_code_of(summary.overall);
  if (!expectations || summary.overall == report::Overall::NothingRan) return summary;
  const auto problems = expectations->problems(records);
  summary.problems = lines_of(problems);
  summary.exit_code = conformance::exit_code_of(problems);
  return summary;
}

int report_to_user(const ConformOptions& options, const report::RunSummary& summary,
                   const std::vector<report::CaseRecord>& records, const std::string& path) {
  if (options.json) {
    print(summary_json(summary, records, path));
    return summary.exit_code;
  }
  if (const std::string failures = failures_text(records); !failures.empty()) print(failures);
  print(summary_by_method(records));
  print(overall_line(summary));
  if (!options.baseline.empty())
    print(baseline_text(options.baseline, excused_among(records), summary.problems));
  print(fmt::format("report: {}/report.html", path));
  return summary.exit_code;
}

}  // namespace

int run(const ConformOptions& options) {
  const auto selection = selection_of(options.selection);
  if (!selection) return fail_selection(selection.error());
  // Before the provider is asked and a folder made: a selection of nothing leaves nothing behind.
  const auto cases = conformance::select_cases(selection.value());
  if (!cases) return fail_selection(cases.error());
  std::optional<conformance::Baseline> baseline;
  if (!options.baseline.empty()) {
    auto read = read_baseline(options.baseline);
    if (!read) return fail(read.error());
    baseline = std::move(read).value();
  }
  auto provider = conformance::make_provider(options.provider);
  if (!provider) return fail(provider.error());
  auto header = make_header("conform", options.provider, options.seed, provider.value().get());
  if (!header) return fail(header.error());
  for (const conformance::CaseInfo& info : cases.value())
    header.value().selected.push_back(info.id);
  std::optional<conformance::Expectations> expectations;
  if (baseline) {
    header.value().configuration["baseline"] = options.baseline;
    expectations = expectations_of(std::move(*baseline), header.value());
  }
  auto folder = RunFolder::open(options.out, std::move(header).value());
  if (!folder) return fail(folder.error());

  if (const auto kept = conformance::keep_evidence(*provider.value(), folder.value().path()); !kept)
    return fail(kept.error());

  watch_for_interrupt();
  ProgressLine line(options.quiet || options.json);
  Status written = ok();
  conformance::RunOptions run_options;
  static_cast<conformance::Selection&>(run_options) = selection.value();
  run_options.provider_spec = options.provider;
  run_options.seed = options.seed;
  if (expectations) {
    run_options.excuse = [&](const report::CaseRecord& record) {
      return expectations->excuse(record);
    };
  }
  run_options.finished = [&](const report::CaseRecord& record) {
    if (written) written = folder.value().append(record);
  };
  run_options.progress = [&](const conformance::Progress& progress) {
    line.show(progress_text(progress));
  };
  run_options.stop_requested = interrupted;

  const auto started = std::chrono::steady_clock::now();
  const auto records = conformance::run_cases(*provider.value(), run_options);
  line.clear();
  if (!records) return fail(records.error());
  if (!written) return fail(written.error());

  report::RunSummary summary = summary_of(records.value(), expectations);
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  if (interrupted()) summary.exit_code = kInterrupted;
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  return report_to_user(options, summary, records.value(), folder.value().path().string());
}

}  // namespace lockstep::cli
