// Goal: the real reference, with its target, copy engine and worker threads, survives a short
// lockstep run; under the sanitizers this is where they meet. Method: what fits into six seconds,
// over real iSCSI.
#include "target_impl/reference.hpp"

#include "properties/harness/check.hpp"
#include "reports/record/record.hpp"

#include <gtest/gtest.h>

namespace lockstep::properties {
namespace {

TEST(Reference, SurvivesAShortLockstepRun) {
  CheckOptions options;
  options.provider_spec = "reference";
  options.seed = 20261121;
  options.budget = std::chrono::seconds(6);
  options.max_sequences = 300;
  const auto factory = []() -> Result<std::unique_ptr<Provider>> {
    LOCKSTEP_TRY(auto reference, make_reference());
    return std::unique_ptr<Provider>(std::move(reference));
  };
  const auto report = check(factory, options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report.value().coverage.sequences, 5U);
  for (const report::CaseRecord& record : report.value().properties) {
    EXPECT_FALSE(report::is_bad(record.verdict)) << report.value().failure_text;
  }
}

}  // namespace
}  // namespace lockstep::properties
