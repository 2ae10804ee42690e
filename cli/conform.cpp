// lockstep conform: the conformance cases against a provider.
#include "cli/commands.hpp"
#include "cli/conform_plan.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expectations.hpp"
#include "cli/interrupt.hpp"
#include "cli/selection.hpp"
#include "cli/summary_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace lockstep::cli {
namespace {

std::string progress_text(const conformance::Progress& progress) {
  return fmt::format("conform {}/{}  failed {}  skipped {}  {}", progress.done, progress.total,
                     progress.failed, progress.skipped, progress.current);
}

bool hangs(const std::vector<report::CaseRecord>& records) {
  return std::any_of(records.begin(), records.end(), [](const report::CaseRecord& record) {
    return std::ranges::find(record.notes, conformance::kNeverCameBack) != record.notes.end();
  });
}

// What an earlier run recorded and what this one added, in the order of the selection.
std::vector<report::CaseRecord> together(const ConformPlan& plan,
                                         std::vector<report::CaseRecord> added) {
  if (plan.earlier.empty()) return added;
  std::map<std::string, report::CaseRecord> by_id;
  for (const report::CaseRecord& record : plan.earlier) by_id[record.id] = record;
  for (report::CaseRecord& record : added) by_id[record.id] = std::move(record);
  std::vector<report::CaseRecord> all;
  for (const std::string& id : plan.header.selected) {
    if (const auto found = by_id.find(id); found != by_id.end()) all.push_back(found->second);
  }
  return all;
}

int print_results(const ConformOptions& options, const ConformPlan& plan,
                  const report::RunSummary& summary, const std::vector<report::CaseRecord>& records,
                  const std::string& path) {
  if (options.json) {
    print(summary_json(summary, records, path));
    return summary.exit_code;
  }
  if (const std::string failures = failures_text(records); !failures.empty()) print(failures);
  print(summary_by_method(records));
  print(overall_line(summary));
  if (plan.baseline && summary.exit_code != kInterrupted)
    print(baseline_text(plan.baseline_file, excused_among(records), summary.problems));
  print(fmt::format("report: {}/report.html", path));
  if (summary.exit_code == kInterrupted) {
    print_error(
        fmt::format("interrupted after {} of {} cases; `lockstep conform --resume {}` goes on",
                    records.size(), plan.header.selected.size(), path));
  }
  return summary.exit_code;
}

}  // namespace

int run(const ConformOptions& options) {
  watch_for_interrupt();
  ConformPlan plan;
  if (const auto failed = make_plan(options, plan))
    return failed->of_selection ? fail_selection(failed->error) : fail(failed->error);
  auto provider = RunProvider::open(plan.provider_spec, options.safety);
  if (!provider) return fail(provider.error());
  auto folder = open_folder(plan, provider.value(), options.out);
  if (!folder) return fail(folder.error());
  if (const auto begun = provider.value().begin(plan.header, folder.value().path()); !begun)
    return fail(begun.error());
  std::optional<conformance::Expectations> expectations;
  if (plan.baseline) expectations = expectations_of(*plan.baseline, plan.header);

  ProgressLine line(options.quiet || options.json);
  Status written = ok();
  plan.run.name_prefix = provider.value().name_prefix();
  if (expectations) {
    plan.run.excuse = [&](const report::CaseRecord& record) {
      return expectations->excuse(record);
    };
  }
  plan.run.finished = [&](const report::CaseRecord& record) {
    if (written) written = folder.value().append(record);
  };
  plan.run.progress = [&](const conformance::Progress& progress) {
    line.show(progress_text(progress));
  };
  plan.run.stop_requested = interrupted;

  const auto started = std::chrono::steady_clock::now();
  auto added = conformance::run_cases(provider.value().provider(), plan.run);
  line.clear();
  provider.value().finish(added && hangs(added.value()));
  if (!added) return fail(added.error());
  if (!written) return fail(written.error());

  const auto records = together(plan, std::move(added).value());
  report::RunSummary summary = summary_of(records, expectations);
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  const std::string path = folder.value().path().string();
  if (interrupted()) summary.exit_code = kInterrupted;
  const auto closed = interrupted() ? folder.value().leave() : folder.value().close(summary);
  if (!closed) return fail(closed.error());
  return print_results(options, plan, summary, records, path);
}

}  // namespace lockstep::cli
