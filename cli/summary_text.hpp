// The tables that a run ends with, on a terminal or in a log.
#pragma once

#include "reports/record/record.hpp"

#include <string>
#include <vector>

namespace lockstep::cli {

// One line per method section: cases, passed, warnings, failed, errors, skipped.
[[nodiscard]] std::string summary_by_method(const std::vector<report::CaseRecord>& cases);
// Every case that did not pass: what was expected, what was seen, the steps, how to run it again.
[[nodiscard]] std::string failures_text(const std::vector<report::CaseRecord>& cases);
// How often each operation, CopyState and transition was reached, and what was not, with the
// reason.
[[nodiscard]] std::string coverage_text(const report::CoverageRecord& coverage);
// {"cases": 212, "counts": {...}, "overall": "Conformant", "folder": "..."}
[[nodiscard]] std::string summary_json(const report::RunSummary& summary,
                                       const std::vector<report::CaseRecord>& cases,
                                       const std::string& folder);
// "Conformant: 200 passed, 12 skipped"
[[nodiscard]] std::string overall_line(const report::RunSummary& summary);
// 0, 1, 2 or 77.
[[nodiscard]] int exit_code_of(report::Overall overall) noexcept;

}  // namespace lockstep::cli
