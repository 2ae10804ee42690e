#include "reports/text/grouping.hpp"

#include "reports/text/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lockstep::report {
namespace {

// verdict_looks() has what is wrong first; among the rest, a pass says more than a skip.
Verdict worse_of(Verdict one, Verdict other) {
  for (const VerdictLook& look : verdict_looks()) {
    if (look.verdict == one || look.verdict == other) return look.verdict;
  }
  return one;
}

Verdict verdict_about(const CaseRecord& record, const std::string& clause) {
  const bool other_violated = record.verdict == Verdict::Fail && !record.violated_clause.empty() &&
                              record.violated_clause != clause;
  return other_violated ? Verdict::Inconclusive : record.verdict;
}

}  // namespace

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
  Verdict worst = cases.empty() ? Verdict::Error : cases.front()->verdict;
  for (const CaseRecord* record : cases) worst = worse_of(worst, record->verdict);
  return worst;
}

std::map<std::string, ClauseVerdict> by_clause(const std::vector<const CaseRecord*>& cases) {
  std::map<std::string, ClauseVerdict> found;
  for (const CaseRecord* record : cases) {
    std::set<std::string> clauses(record->clauses.begin(), record->clauses.end());
    if (!record->violated_clause.empty()) clauses.insert(record->violated_clause);
    for (const std::string& clause : clauses) {
      const Verdict verdict = verdict_about(*record, clause);
      auto& here = found.try_emplace(clause, ClauseVerdict{verdict, record, 0}).first->second;
      ++here.cases;
      if (worse_of(here.verdict, verdict) != here.verdict) {
        here.verdict = verdict;
        here.decided_by = record;
      }
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
