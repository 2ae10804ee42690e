#include "cli/expectations.hpp"

#include "cli/console.hpp"
#include "conformance/suite/runner.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace lockstep::cli {

Result<conformance::Baseline> read_baseline(const std::string& file, bool may_be_new) {
  if (may_be_new && !std::filesystem::exists(file)) {
    conformance::Baseline fresh;
    fresh.name = file;
    return fresh;
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(conformance::kLargestBaselineBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    return config_error("cannot read the baseline " + file +
                        ": expected a file of expected results (docs/running.md)");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return conformance::parse_baseline(text, file);
}

conformance::Expectations expectations_of(conformance::Baseline baseline,
                                          const report::RunHeader& header) {
  std::vector<conformance::BaselineSubject> cases;
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    cases.push_back({info.id, info.clauses});
  }
  const auto today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {std::move(baseline), header, std::move(cases), fmt::format("{:%Y-%m-%d}", today)};
}

report::RunSummary summary_of(const std::vector<report::CaseRecord>& records,
                              const std::optional<conformance::Expectations>& expectations) {
  report::RunSummary summary = report::summarise(records);
  if (!expectations || summary.overall == report::Overall::NothingRan) return summary;
  const auto problems = expectations->problems(records);
  summary.problems = lines_of(problems);
  summary.exit_code = conformance::exit_code_of(problems);
  return summary;
}

std::vector<std::string> lines_of(const std::vector<conformance::BaselineProblem>& problems) {
  std::vector<std::string> lines;
  for (const conformance::BaselineProblem& problem : problems) {
    lines.push_back(fmt::format("{}: {}", conformance::to_text(problem.kind), problem.text));
  }
  return lines;
}

std::string baseline_text(const std::string& file, std::size_t expected,
                          const std::vector<std::string>& problems) {
  std::string text =
      fmt::format("baseline {}: {} expected, {} not as it says", file, expected, problems.size());
  for (const std::string& problem : problems) {
    text += fmt::format("\n  {}", coloured(Colour::Red, problem));
  }
  return text;
}

std::size_t excused_among(const std::vector<report::CaseRecord>& records) {
  return static_cast<std::size_t>(
      std::count_if(records.begin(), records.end(),
                    [](const report::CaseRecord& record) { return !record.excuse.empty(); }));
}

}  // namespace lockstep::cli
