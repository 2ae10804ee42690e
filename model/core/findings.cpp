#include "model/core/findings.hpp"

#include <algorithm>

namespace lockstep::model {

bool has_violation(const Findings& findings) noexcept {
  return std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::Violation; });
}

}  // namespace lockstep::model
