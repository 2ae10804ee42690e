// lockstep merge: the shards of a run of conform as one run, if they are one.
#include "reports/record/merge.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expectations.hpp"
#include "cli/run_folder.hpp"
#include "cli/summary_text.hpp"
#include "reports/record/store.hpp"

#include <fmt/format.h>

namespace lockstep::cli {
namespace {

// The header of the merged run: a new id and time, everything else as it was.
Result<report::RunHeader> merged_header(const report::RunHeader& of_shards,
                                        const std::vector<report::Run>& runs) {
  LOCKSTEP_TRY(auto fresh,
               make_header(of_shards.command, of_shards.provider_spec, of_shards.seed, nullptr));
  report::RunHeader header = of_shards;
  header.run_id = fresh.run_id;
  std::string from;
  for (const report::Run& run : runs) from += (from.empty() ? "" : " ") + run.header.run_id;
  header.configuration["merged_from"] = from;
  return header;
}

}  // namespace

int run(const MergeOptions& options) {
  std::vector<report::Run> runs;
  for (const std::string& path : options.runs) {
    auto read = report::read_run(path);
    if (!read) return fail(read.error());
    runs.push_back(std::move(read).value());
  }
  auto merged = report::merge(runs, options.runs);
  if (!merged) return fail(merged.error());
  for (const std::string& gap : merged.value().gaps) print_error(gap);
  if (!merged.value().gaps.empty()) {
    print_error("the shards are not one whole run; nothing was merged");
    return kUnexpected;
  }
  auto header = merged_header(merged.value().run.header, runs);
  if (!header) return fail(header.error());
  std::optional<conformance::Expectations> expectations;
  if (!options.baseline.empty()) {
    auto baseline = read_baseline(options.baseline);
    if (!baseline) return fail(baseline.error());
    header.value().configuration["baseline"] = options.baseline;
    expectations = expectations_of(std::move(baseline).value(), header.value());
  }
  std::vector<report::CaseRecord>& records = merged.value().run.cases;
  auto folder = RunFolder::open(options.out, std::move(header).value());
  if (!folder) return fail(folder.error());
  for (report::CaseRecord& record : records) {
    if (expectations) record.excuse = expectations->excuse(record).value_or("");
    if (const auto written = folder.value().append(record); !written) return fail(written.error());
  }
  report::RunSummary summary = summary_of(records, expectations);
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  print(summary_by_method(records));
  print(overall_line(summary));
  if (expectations)
    print(baseline_text(options.baseline, excused_among(records), summary.problems));
  print(fmt::format("merged {} shards: every one of {} selected cases once\nreport: {}/report.html",
                    runs.size(), records.size(), folder.value().path().string()));
  return summary.exit_code;
}

}  // namespace lockstep::cli
