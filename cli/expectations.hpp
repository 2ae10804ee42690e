// Files of expected results, as the subcommands use them.
#pragma once

#include "conformance/suite/baseline.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lockstep::cli {

// Not readable or not of the form: Origin::Config, naming the file. `may_be_new`: a file that is
// not there counts as empty.
[[nodiscard]] Result<conformance::Baseline> read_baseline(const std::string& file,
                                                          bool may_be_new = false);
// Against all the cases of this lockstep, and today's date.
[[nodiscard]] conformance::Expectations expectations_of(conformance::Baseline baseline,
                                                        const report::RunHeader& header);
// Counts, overall verdict and exit code of the cases; with expectations, the exit code is theirs.
[[nodiscard]] report::RunSummary summary_of(
    const std::vector<report::CaseRecord>& records,
    const std::optional<conformance::Expectations>& expectations);
// "stale: known.txt, line 4, …"
[[nodiscard]] std::vector<std::string> lines_of(
    const std::vector<conformance::BaselineProblem>& problems);
// For people; `expected` is how many results the file excused.
[[nodiscard]] std::string baseline_text(const std::string& file, std::size_t expected,
                                        const std::vector<std::string>& problems);
[[nodiscard]] std::size_t excused_among(const std::vector<report::CaseRecord>& records);

}  // namespace lockstep::cli
