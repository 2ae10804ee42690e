#include "cli/summary_text.hpp"

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "reports/text/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace lockstep::cli {
namespace {

using report::CaseRecord;
using report::Verdict;

struct Tally {
  std::size_t cases = 0;
  std::size_t passed = 0;
  std::size_t warned = 0;
  std::size_t failed = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;

  void count(Verdict verdict) {
    ++cases;
    if (verdict == Verdict::Warning) ++warned;
    if (report::is_pass(verdict)) ++passed;
    if (verdict == Verdict::Fail) ++failed;
    if (verdict == Verdict::Error || verdict == Verdict::Crash || verdict == Verdict::Inconclusive)
      ++errors;
    if (report::is_skip(verdict)) ++skipped;
  }
};

std::string tally_line(const std::string& method, const Tally& tally) {
  const std::string failed = fmt::format("{:>6}", tally.failed);
  const std::string errors = fmt::format("{:>6}", tally.errors);
  return fmt::format("{:<4} {:<32}{:>6}{:>7}{:>9}{}{}{:>8}\n", method,
                     report::section_title(method), tally.cases, tally.passed, tally.warned,
                     tally.failed > 0 ? coloured(Colour::Red, failed) : failed,
                     tally.errors > 0 ? coloured(Colour::Red, errors) : errors, tally.skipped);
}

std::string counts_block(const char* title, const std::map<std::string, std::uint64_t>& counts) {
  std::string text = fmt::format("{}\n", coloured(Colour::Bold, title));
  for (const auto& [name, count] : counts) text += fmt::format("  {:<58}{:>10}\n", name, count);
  return text;
}

}  // namespace

std::string summary_by_method(const std::vector<CaseRecord>& cases) {
  std::map<std::string, Tally> by_method;
  std::vector<std::string> methods;  // in the order of the records
  Tally all;
  for (const CaseRecord& record : cases) {
    if (!by_method.contains(record.method)) methods.push_back(record.method);
    by_method[record.method].count(record.verdict);
    all.count(record.verdict);
  }
  std::string text =
      coloured(Colour::Bold,
               fmt::format("{:<4} {:<32}{:>6}{:>7}{:>9}{:>6}{:>6}{:>8}", "", "method", "cases",
                           "passed", "(warned)", "fail", "error", "skipped")) +
      "\n";
  for (const std::string& method : methods) text += tally_line(method, by_method[method]);
  text += tally_line("all", all);
  return text;
}

std::string failures_text(const std::vector<CaseRecord>& cases) {
  std::string text;
  for (const CaseRecord& record : cases) {
    if (report::is_pass(record.verdict) || report::is_skip(record.verdict)) continue;
    if (!record.excuse.empty()) {
      text += fmt::format("expected {} {}  {}\n", report::to_text(record.verdict), record.id,
                          record.excuse);
      continue;
    }
    text +=
        fmt::format("{} {}  clause {}\n", coloured(Colour::Red, report::to_text(record.verdict)),
                    record.id, record.violated_clause.empty() ? "-" : record.violated_clause);
    text += fmt::format("  {}\n", record.message);
    if (!record.expected.empty()) text += fmt::format("  expected  {}\n", record.expected);
    if (!record.observed.empty()) text += fmt::format("  observed  {}\n", record.observed);
    for (std::size_t i = 0; i < record.steps.size(); ++i) {
      const report::StepRecord& step = record.steps[i];
      text += fmt::format("  {:>3}  {}  ->  {}{}\n", i + 1, step.operation, step.answered,
                          step.differs ? "   <-- differs" : "");
    }
    if (!record.replay.empty()) text += fmt::format("  replay:  {}\n", record.replay);
  }
  return text;
}

std::string coverage_text(const report::CoverageRecord& coverage) {
  std::string text = counts_block("operations", coverage.operations);
  text += counts_block("CopyStates seen", coverage.copy_states);
  text += counts_block("transitions taken", coverage.transitions);
  if (!coverage.unreached.empty()) {
    text += coloured(Colour::Bold, "transitions not taken") + "\n";
    for (const auto& [name, reason] : coverage.unreached) {
      text += fmt::format("  {:<58}{}\n", name,
                          reason.empty() ? coloured(Colour::Red, "NO REASON") : reason);
    }
  }
  return text;
}

std::string summary_json(const report::RunSummary& summary, const std::vector<CaseRecord>& cases,
                         const std::string& folder) {
  boost::json::object counts;
  for (const auto& [verdict, count] : summary.counts) counts[verdict] = count;
  boost::json::array problems;
  for (const std::string& problem : summary.problems) problems.emplace_back(problem);
  const boost::json::object whole{{"cases", cases.size()},
                                  {"counts", counts},
                                  {"overall", report::to_text(summary.overall)},
                                  {"exit_code", summary.exit_code},
                                  {"duration_us", summary.duration_us},
                                  {"problems", problems},
                                  {"folder", folder}};
  return boost::json::serialize(whole);
}

std::string overall_line(const report::RunSummary& summary) {
  std::string counts;
  for (const auto& [verdict, count] : summary.counts) {
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, verdict);
  }
  Colour colour = Colour::Red;
  if (summary.overall == report::Overall::Conformant) colour = Colour::Green;
  if (summary.overall == report::Overall::ConformantWithSkips) colour = Colour::Yellow;
  return fmt::format(
      "{}: {} in {}", coloured(colour, report::to_text(summary.overall)), counts,
      seconds_text(std::chrono::microseconds(static_cast<std::int64_t>(summary.duration_us))));
}

int exit_code_of(report::Overall overall) noexcept {
  switch (overall) {
    case report::Overall::Conformant:
    case report::Overall::ConformantWithSkips:
      return kAsExpected;
    case report::Overall::NotConformant:
      return kUnexpected;
    case report::Overall::Inconclusive:
      return kInconclusive;
    case report::Overall::NothingRan:
      break;
  }
  return kNothingRan;
}

}  // namespace lockstep::cli
