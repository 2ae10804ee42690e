#include "cli/selection.hpp"

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "conformance/suite/runner.hpp"
#include "reports/record/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

namespace lockstep::cli {
namespace {

using report::Verdict;

std::vector<std::string> with_key(const char* key, const std::vector<std::string>& values) {
  std::vector<std::string> selectors;
  for (const std::string& value : values) selectors.push_back(fmt::format("{}:{}", key, value));
  return selectors;
}

bool is_known_case(const std::string& id) {
  const auto& cases = conformance::list_cases();
  return std::any_of(cases.begin(), cases.end(),
                     [&](const conformance::CaseInfo& info) { return info.id == id; });
}

// The cases of an earlier run with such verdicts, by id.
Result<std::vector<std::string>> earlier_cases(const char* option, const std::string& path,
                                               const std::function<bool(Verdict)>& wanted) {
  LOCKSTEP_TRY(const auto run, report::read_run(path));
  std::vector<std::string> ids;
  for (const report::CaseRecord& record : run.cases) {
    if (!wanted(record.verdict)) continue;
    if (is_known_case(record.id)) {
      ids.push_back(record.id);
    } else {
      print_error(fmt::format("{} {}: case {} is not in this lockstep any more; left out", option,
                              path, record.id));
    }
  }
  if (!ids.empty()) return ids;
  return usage_error(
      fmt::format("{} {}: expected a case with such a verdict among its {}, found none; there is "
                  "nothing to run again",
                  option, path, run.cases.size()));
}

Result<std::set<Verdict>> verdicts_of(const std::vector<std::string>& names) {
  std::set<Verdict> verdicts;
  for (const std::string& name : names) {
    const auto verdict = report::parse_verdict(name);
    if (!verdict) {
      return config_error("--verdict " + name +
                          ": expected a verdict such as Fail, Error, Inconclusive or NotSupported, "
                          "found none of that name; docs/verdicts.md lists them");
    }
    verdicts.insert(*verdict);
  }
  return verdicts;
}

}  // namespace

Result<conformance::Selection> selection_of(const SelectionOptions& options) {
  conformance::Selection selection;
  LOCKSTEP_TRY(selection.select, conformance::with_files(options.select));
  LOCKSTEP_TRY(selection.exclude, conformance::with_files(options.exclude));
  for (const auto& list : {with_key("level", options.levels), with_key("feature", options.features),
                           with_key("tag", options.tags)}) {
    if (!list.empty()) selection.narrow.push_back(list);
  }
  if (!options.failed.empty()) {
    LOCKSTEP_TRY(selection.only, earlier_cases("--failed", options.failed, [](Verdict verdict) {
                   return report::is_bad(verdict) || verdict == Verdict::Inconclusive;
                 }));
  }
  if (!options.from.empty()) {
    LOCKSTEP_TRY(const auto verdicts, verdicts_of(options.verdicts));
    LOCKSTEP_TRY(selection.only, earlier_cases("--from", options.from, [&](Verdict verdict) {
                   return verdicts.contains(verdict);
                 }));
  }
  return selection;
}

int fail_selection(const Error& error) {
  if (error.origin != Origin::Usage) return fail(error);
  print_error(error.message);
  return kNothingRan;
}

}  // namespace lockstep::cli
