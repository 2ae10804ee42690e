// The renderers: each turns a run's records into one text, and the same records into the same text.
#pragma once

#include "reports/record/record.hpp"

#include <string>
#include <vector>

namespace lockstep::report {

// JUnit XML: a testsuite per method section, counts right at both levels, skips as skips.
[[nodiscard]] std::string to_junit(const Run& run);
// What the catalogue of the version that made the run says of a clause.
struct ClauseText {
  std::string id;          // "CER-34"
  std::string level;       // shall, stated, inferred, should, may, open
  std::string statement;   // what it says, in the project's words
  std::string observable;  // where a breach is seen
  std::string source;      // document and section
  std::string freedom;     // what it leaves to the provider
};
// One self-contained HTML page, readable without script. `clauses`: what is known of them, in the
// order in which they are told; of those that the run's cases check, the others are only named.
[[nodiscard]] std::string to_html(const Run& run, const std::vector<ClauseText>& clauses = {});
// A summary for CI pages.
[[nodiscard]] std::string to_markdown(const Run& run);

// What was measured, as plots: throughput, latency, shares of limits, cost and growth; several runs
// side by side, with their records to take away. One self-contained page of the same kind.
[[nodiscard]] std::string to_characterization(const std::vector<Run>& runs);

// Several runs side by side, the first being what the others are compared with: claims, what
// changed, every case run by run. One self-contained page of the same kind.
[[nodiscard]] std::string to_html(const std::vector<Run>& runs);
// What changed between two runs, for CI pages.
[[nodiscard]] std::string changes_to_markdown(const Run& before, const Run& after);

}  // namespace lockstep::report
