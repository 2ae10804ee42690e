// lockstep baseline: checks a file of expected results, alone or against a run, and brings it up to
// date with one.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/expectations.hpp"
#include "cli/run_folder.hpp"
#include "conformance/suite/runner.hpp"
#include "reports/record/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace lockstep::cli {
namespace {

Result<report::Run> read_conform_run(const std::string& path) {
  LOCKSTEP_TRY(auto run, report::read_run(path));
  if (run.header.command == "conform") return run;
  return config_error(fmt::format("--run {}: expected a run of conform, found one of {}", path,
                                  run.header.command));
}

int check(const BaselineOptions& options) {
  auto baseline = read_baseline(options.file);
  if (!baseline) return fail(baseline.error());
  report::Run run;
  if (!options.run.empty()) {
    auto read = read_conform_run(options.run);
    if (!read) return fail(read.error());
    run = std::move(read).value();
  }
  const auto expectations = expectations_of(std::move(baseline).value(), run.header);
  const auto problems =
      options.run.empty() ? expectations.problems() : expectations.problems(run.cases);
  const auto expected = std::count_if(run.cases.begin(), run.cases.end(), [&](const auto& record) {
    return expectations.excuse(record).has_value();
  });
  print(baseline_text(options.file, static_cast<std::size_t>(expected), lines_of(problems)));
  return conformance::exit_code_of(problems);
}

// Only a whole run can tell which entries are not needed any more.
Status whole(const report::Run& run, const std::string& path) {
  const auto refuse = [&](const std::string& found) {
    return config_error(
        fmt::format("--run {}: expected a whole run of conform to update a baseline from, found "
                    "{}; run without "
                    "a selection first",
                    path, found));
  };
  if (!run.summary) return refuse("one that was cut off");
  if (!run.header.shard.empty()) return refuse("shard " + run.header.shard + " of one");
  std::set<std::string> recorded;
  for (const report::CaseRecord& record : run.cases) {
    if (record.verdict == report::Verdict::Disabled) return refuse("excluded cases in it");
    recorded.insert(record.id);
  }
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    if (!recorded.contains(info.id)) return refuse("one without " + info.id);
  }
  return ok();
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What a reviewer has to look at: the lines of one text that the other has not.
std::string without(const std::vector<std::string>& lines, const std::vector<std::string>& others,
                    const char* mark) {
  std::string text;
  for (const std::string& line : lines) {
    const bool kept = std::find(others.begin(), others.end(), line) != others.end();
    if (!kept) text += mark + line + "\n";
  }
  return text;
}

int update(const BaselineOptions& options) {
  if (options.run.empty()) {
    return fail(usage_error(
        "baseline update: expected --run RUN to update from, found none; `lockstep conform` makes "
        "one"));
  }
  auto baseline = read_baseline(options.file, true);
  if (!baseline) return fail(baseline.error());
  const auto run = read_conform_run(options.run);
  if (!run) return fail(run.error());
  if (const auto is_whole = whole(run.value(), options.run); !is_whole)
    return fail(is_whole.error());
  const std::string before = conformance::to_text(baseline.value());
  const auto expectations = expectations_of(std::move(baseline).value(), run.value().header);
  const conformance::Baseline next = expectations.updated(run.value().cases);
  const std::string after = conformance::to_text(next);
  if (const auto written = write_file(options.file, after); !written) return fail(written.error());
  print(without(lines_in(before), lines_in(after), "- ") +
        without(lines_in(after), lines_in(before), "+ ") +
        fmt::format("{}: {} entries", options.file, next.entries.size()));
  const auto unexplained = std::count_if(next.entries.begin(), next.entries.end(),
                                         [](const auto& entry) { return entry.reason.empty(); });
  if (unexplained > 0) {
    print(fmt::format("{} of them without a reason: give it behind the #, else runs fail",
                      unexplained));
  }
  return kAsExpected;
}

}  // namespace

int run(const BaselineOptions& options) {
  return options.action == "check" ? check(options) : update(options);
}

}  // namespace lockstep::cli
