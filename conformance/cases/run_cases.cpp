// The registered cases, judged by the model's judge.
#include "conformance/cases/cases.hpp"
#include "conformance/suite/run.hpp"
#include "conformance/suite/runner.hpp"
#include "target_impl/reference.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

// The reference's own hidden references, or what the provider says of itself, unless the caller
// gave others.
RunOptions completed(RunOptions options, Provider& provider) {
  if (auto* outside = dynamic_cast<OutsideProvider*>(&provider)) {
    constexpr std::uint32_t kSweepValues = 512;
    constexpr std::chrono::seconds kCaseDeadline{90};
    if (!options.known.local_access_point) options.known = outside->known_references();
    options.sweep_values = std::min(options.sweep_values, kSweepValues);
    if (!options.case_deadline) options.case_deadline = kCaseDeadline;
    return options;
  }
  const bool built_in = options.provider_spec.rfind("reference", 0) == 0 ||
                        options.provider_spec.rfind("faulty:", 0) == 0;
  if (!built_in || options.known.local_access_point) return options;
  const ReferenceWellKnown& known = reference_well_known();
  options.known.local_access_point = known.local_access_point;
  options.known.target_setting_goal = known.target_setting_goal;
  options.known.local_peer = known.local_peer;
  options.known.username = known.username;
  options.known.password = known.password;
  return options;
}

}  // namespace

Result<std::vector<report::CaseRecord>> run_cases(const std::shared_ptr<Provider>& provider,
                                                  const RunOptions& options) {
  return run_these(all_cases(), provider, completed(options, *provider), make_judge);
}

Result<std::vector<report::CaseRecord>> run_cases(Provider& provider, const RunOptions& options) {
  // Borrowed: shared without ownership.
  return run_cases(std::shared_ptr<Provider>(std::shared_ptr<Provider>(), &provider), options);
}

}  // namespace lockstep::conformance
