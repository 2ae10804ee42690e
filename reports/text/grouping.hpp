// Cases by section and by clause; shared by the renderers. The pointers are into the run.
#pragma once

#include "reports/record/record.hpp"

#include <map>
#include <string>
#include <vector>

namespace lockstep::report {

struct Section {
  std::string method;
  std::string title;
  std::vector<const CaseRecord*> cases;  // in the order of the records
};
// In the order in which the sections first appear.
[[nodiscard]] std::vector<Section> sections_of(const Run& run);

// The verdict that a reader must see where several share one cell.
[[nodiscard]] Verdict worst_of(const std::vector<const CaseRecord*>& cases);

// What a case says about one of its clauses. A failure names the clause that was violated; the
// other clauses of that case are then undecided.
struct ClauseVerdict {
  Verdict verdict;
  const CaseRecord* decided_by;
  std::uint64_t cases;
};
// By clause id, each with the worst of its cases.
[[nodiscard]] std::map<std::string, ClauseVerdict> by_clause(
    const std::vector<const CaseRecord*>& cases);

// The steps as plain text, one line each, the differing one marked. At most `limit` steps, those
// around the first that differs; what is left out is said.
[[nodiscard]] std::string steps_text(const CaseRecord& record, std::size_t limit);

// Which steps of a long case to show: [first, last).
struct StepWindow {
  std::size_t first;
  std::size_t last;
};
[[nodiscard]] StepWindow steps_to_show(const CaseRecord& record, std::size_t limit);

}  // namespace lockstep::report
