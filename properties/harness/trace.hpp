// What happened when a sequence ran, step by step.
#pragma once

#include "model/core/findings.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace lockstep::properties {

struct Step {
  report::StepRecord shown;
  model::Findings findings;  // with symbolic handles
  bool carried_out = true;   // false: a handle was never bound; not judged
};

struct Trace {
  std::vector<Step> steps;
  std::size_t carried_out = 0;              // commands that were really carried out
  std::optional<model::Finding> violation;  // the first; the run ends with it
  std::optional<Error> error;               // the provider could not be asked or understood
  bool leaked = false;                      // objects were left over after cleaning up

  [[nodiscard]] bool failed() const noexcept { return violation.has_value() || error.has_value(); }
};

}  // namespace lockstep::properties
