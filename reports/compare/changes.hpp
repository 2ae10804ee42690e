// Two runs held against each other, case by case: what a change of the provider did.
#pragma once

#include "reports/record/record.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::report {

enum class ChangeKind : std::uint8_t {
  Regressed,  // passed before, and now does not
  Lost,       // ran before, and now is skipped
  Missing,    // not in the later run at all
  New,        // not in the earlier run
  Shifted,    // another verdict of the same worth: Pass and Warning, Fail and Error
  Reworded,   // the verdict is the same, the message is not
  Gained,     // skipped before, and now passes
  Mended,     // did not pass before, and now does
};
[[nodiscard]] const char* to_text(ChangeKind kind) noexcept;
[[nodiscard]] const char* meaning_of(ChangeKind kind) noexcept;

struct Change {
  ChangeKind kind;
  std::string id;
  const CaseRecord* before;  // nullptr: not in the earlier run
  const CaseRecord* after;   // nullptr: not in the later run
  // Something that held no longer does, or can no longer be told; also a new case that fails.
  [[nodiscard]] bool is_worse() const noexcept;
};

struct Changes {
  std::vector<Change> cases;  // by kind, then in the order of the records; into the two runs
  std::uint64_t unchanged = 0;
  // What besides the provider's behaviour may be the reason, as "seed: 1, then 2": versions of the
  // suite and of the provider, configuration, machine, a run that was cut off.
  std::vector<std::string> circumstances;
  [[nodiscard]] bool is_worse() const noexcept;
};

// Cases of one id are matched in their order. The runs must outlive the answer.
[[nodiscard]] Changes changes_between(const Run& before, const Run& after);

// A row of the matrix of several runs: what each says about one case.
struct CaseRow {
  std::string id;
  std::string method;
  std::vector<const CaseRecord*> in_runs;  // nullptr: not in that run
  [[nodiscard]] bool is_uniform() const noexcept;
};
// In the order in which the cases first appear. The runs must outlive the answer.
[[nodiscard]] std::vector<CaseRow> side_by_side(const std::vector<Run>& runs);

}  // namespace lockstep::report
