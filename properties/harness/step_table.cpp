#include "properties/harness/step_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::properties {
namespace {

constexpr const char* kAtTheEnd = "at the end: ";
constexpr std::size_t kWidestOperation = 76;
constexpr std::size_t kWidestCell = 44;

// Wide cells do not widen the column for everyone else.
std::size_t column(const std::vector<report::StepRecord>& steps,
                   std::string report::StepRecord::*cell, const std::string& head,
                   std::size_t widest) {
  std::size_t width = head.size();
  for (const report::StepRecord& step : steps) {
    const std::size_t size = (step.*cell).size();
    if (size <= widest) width = std::max(width, size);
  }
  return width;
}

}  // namespace

std::vector<report::StepRecord> steps_to_show(const Trace& trace) {
  std::vector<report::StepRecord> steps;
  for (const Step& step : trace.steps) {
    const bool ending = step.shown.operation.starts_with(kAtTheEnd);
    if (!ending || step.shown.differs) steps.push_back(step.shown);
  }
  return steps;
}

std::string step_table(const std::vector<report::StepRecord>& steps) {
  using report::StepRecord;
  const std::size_t operation =
      column(steps, &StepRecord::operation, "operation", kWidestOperation);
  const std::size_t answered =
      column(steps, &StepRecord::answered, "provider answered", kWidestCell);
  const std::size_t expected = column(steps, &StepRecord::expected, "model expected", kWidestCell);
  std::string text = fmt::format("  {:>2}  {:<{}}  {:<{}}  {:<{}}\n", "#", "operation", operation,
                                 "provider answered", answered, "model expected", expected);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StepRecord& step = steps[i];
    std::string line = fmt::format("  {:>2}  {:<{}}  {:<{}}  {:<{}}", i + 1, step.operation,
                                   operation, step.answered, answered, step.expected, expected);
    if (step.differs) line += "  <-- differs";
    if (!step.model.empty()) line += "  model: " + step.model;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string failure_text(const Failure& failure,
                         const std::optional<std::filesystem::path>& saved) {
  const std::vector<report::StepRecord> steps = steps_to_show(failure.trace);
  const auto at = std::find_if(steps.begin(), steps.end(),
                               [](const report::StepRecord& step) { return step.differs; });
  std::string text = fmt::format(
      "{} FAILED at step {} of {} (found after {} sequences, {} shrinks, {} operations removed; "
      "fails {}/{} re-runs)  {}\n",
      failure.property, at - steps.begin() + (at == steps.end() ? 0 : 1), steps.size(),
      failure.found_after, failure.shrinks, failure.removed, failure.failed_again, kReruns,
      failure.clause.empty() ? std::string("error") : "clause " + failure.clause);
  text += step_table(steps);
  if (failure.failed_again < kReruns) {
    text += fmt::format(" flaky:   fails {}/{}; the table shows the last run that failed\n",
                        failure.failed_again, kReruns);
  }
  for (const std::string& clause : failure.other_clauses) {
    text += " also:    smaller sequences violated " + clause + ", which was not followed\n";
  }
  if (failure.shrink_cut) text += " shrink:  cut off by its time limit; may not be minimal\n";
  if (saved) {
    text +=
        fmt::format(" replay:  lockstep replay {}      seed {}\n", saved->string(), failure.seed);
  }
  return text;
}

}  // namespace lockstep::properties
