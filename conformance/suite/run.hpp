// Runs any list of cases: what run_cases does with the registered ones.
#pragma once

#include "conformance/suite/case.hpp"
#include "conformance/suite/oracle.hpp"
#include "conformance/suite/runner.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lockstep::conformance {

using OracleMaker = std::function<std::unique_ptr<Oracle>(Capabilities)>;

[[nodiscard]] Result<std::vector<report::CaseRecord>> run_these(
    const std::vector<Case>& cases, const std::shared_ptr<Provider>& provider,
    const RunOptions& options, const OracleMaker& make_oracle);

// Why such a case would be skipped, and as what; nothing when it runs.
struct Skip {
  report::Verdict verdict = report::Verdict::NotSupported;
  std::string reason;
};
[[nodiscard]] std::optional<Skip> skip_of(const Needs& needs, const Capabilities& capabilities,
                                          Provider& provider);

}  // namespace lockstep::conformance
