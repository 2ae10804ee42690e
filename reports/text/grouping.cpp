#include "reports/text/grouping.hpp"

#include "reports/text/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::report {

std::vector<Section> sections_of(const Run& run) {
  std::vector<Section> sections;
  for (const CaseRecord& record : run.cases) {
    auto found = std::ranges::find(sections, record.method, &Section::method);
    if (found == sections.end()) {
      sections.push_back({record.method, std::string(section_title(record.method)), {}});
      found = sections.end() - 1;
    }
    found->cases.push_back(&record);
  }
  return sections;
}

Verdict worst_of(const std::vector<const CaseRecord*>& cases) {
  // verdict_looks() has what is wrong first; among the rest, a pass says more than a skip.
  for (const VerdictLook& look : verdict_looks()) {
    const auto has = [&](const CaseRecord* record) { return record->verdict == look.verdict; };
    if (std::ranges::any_of(cases, has)) return look.verdict;
  }
  return Verdict::Error;
}

std::map<std::string, std::vector<const CaseRecord*>> by_clause(
    const std::vector<const CaseRecord*>& cases) {
  std::map<std::string, std::vector<const CaseRecord*>> found;
  for (const CaseRecord* record : cases) {
    for (const std::string& clause : record->clauses) {
      auto& here = found[clause];
      if (here.empty() || here.back() != record) here.push_back(record);
    }
  }
  return found;
}

StepWindow steps_to_show(const CaseRecord& record, std::size_t limit) {
  const std::size_t size = record.steps.size();
  if (size <= limit) return {0, size};
  const auto differs = std::ranges::find_if(record.steps, &StepRecord::differs);
  const auto at = static_cast<std::size_t>(differs - record.steps.begin());
  // Mostly what led to it, a little of what came after.
  const std::size_t last = std::min(size, std::max(limit, at + 1 + limit / 10));
  return {last - limit, last};
}

std::string steps_text(const CaseRecord& record, std::size_t limit) {
  const auto [first, last] = steps_to_show(record, limit);
  std::string text;
  if (first > 0) text += fmt::format("({} earlier steps left out)\n", first);
  for (std::size_t i = first; i < last; ++i) {
    const StepRecord& step = record.steps[i];
    text += fmt::format("{:>4}  {}  ->  {}", i + 1, step.operation, step.answered);
    if (!step.expected.empty()) text += fmt::format("  (expected {})", step.expected);
    if (step.differs) text += "  <-- differs";
    text += '\n';
  }
  if (last < record.steps.size()) {
    text += fmt::format("({} later steps left out)\n", record.steps.size() - last);
  }
  return text;
}

}  // namespace lockstep::report
