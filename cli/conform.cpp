// lockstep conform: the conformance cases against a provider.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "cli/selection.hpp"
#include "cli/summary_text.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"

#include <fmt/format.h>

#include <chrono>

namespace lockstep::cli {
namespace {

std::string progress_text(const conformance::Progress& progress) {
  return fmt::format("conform {}/{}  failed {}  skipped {}  {}", progress.done, progress.total,
                     progress.failed, progress.skipped, progress.current);
}

}  // namespace

int run(const ConformOptions& options) {
  const auto selection = selection_of(options.selection);
  if (!selection) return fail_selection(selection.error());
  // Before the provider is asked and a folder made: a selection of nothing leaves nothing behind.
  if (const auto cases = conformance::select_cases(selection.value()); !cases)
    return fail_selection(cases.error());
  auto provider = conformance::make_provider(options.provider);
  if (!provider) return fail(provider.error());
  auto header = make_header("conform", options.provider, options.seed, provider.value().get());
  if (!header) return fail(header.error());
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

  report::RunSummary summary = report::summarise(records.value());
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  summary.exit_code = interrupted() ? kInterrupted : exit_code_of(summary.overall);
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());

  const std::string path = folder.value().path().string();
  if (options.json) {
    print(summary_json(summary, records.value(), path));
    return summary.exit_code;
  }
  if (const std::string failures = failures_text(records.value()); !failures.empty())
    print(failures);
  print(summary_by_method(records.value()));
  print(overall_line(summary));
  print(fmt::format("report: {}/report.html", path));
  return summary.exit_code;
}

}  // namespace lockstep::cli
