// Runs any list of cases: what run_cases does with the registered ones.
#pragma once

#include "conformance/suite/case.hpp"
#include "conformance/suite/oracle.hpp"
#include "conformance/suite/runner.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace lockstep::conformance {

using OracleMaker = std::function<std::unique_ptr<Oracle>(Capabilities)>;

[[nodiscard]] Result<std::vector<report::CaseRecord>> run_these(
    const std::vector<Case>& cases, const std::shared_ptr<Provider>& provider,
    const RunOptions& options, const OracleMaker& make_oracle);

}  // namespace lockstep::conformance
