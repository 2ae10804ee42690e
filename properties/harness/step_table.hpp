// The step table: what people see of a failing sequence.
#pragma once

#include "properties/harness/search.hpp"
#include "properties/harness/trace.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::properties {

// The steps worth showing: every command, and of what the harness did by itself at the end only the
// step that failed.
[[nodiscard]] std::vector<report::StepRecord> steps_to_show(const Trace& trace);

// Columns: number, operation, what the provider answered, what the model expected, what changed in
// the model. The failing step is marked.
[[nodiscard]] std::string step_table(const std::vector<report::StepRecord>& steps);

// The table with its head (property, step, how it was found, clause) and the replay line.
[[nodiscard]] std::string failure_text(const Failure& failure,
                                       const std::optional<std::filesystem::path>& saved);

}  // namespace lockstep::properties
