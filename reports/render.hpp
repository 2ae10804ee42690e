// The renderers: each turns a run's records into one text, and the same records into the same text.
#pragma once

#include "reports/record/record.hpp"

#include <string>

namespace lockstep::report {

// JUnit XML: a testsuite per method section, counts right at both levels, skips as skips.
[[nodiscard]] std::string to_junit(const Run& run);
// One self-contained HTML page, readable without script.
[[nodiscard]] std::string to_html(const Run& run);
// A summary for CI pages.
[[nodiscard]] std::string to_markdown(const Run& run);

}  // namespace lockstep::report
