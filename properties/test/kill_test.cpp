// Who checks the checker: the check against the reference with one planted bug at a time. Each bug
// has to be caught in a short time, with one of its clauses named and the sequence made small.
#include "conformance/providers/factory.hpp"
#include "properties/harness/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::properties {
namespace {

class KillTest : public ::testing::TestWithParam<const char*> {};

TEST_P(KillTest, PlantedBugIsCaughtWithItsClause) {
  const std::string name = GetParam();
  const auto& all = conformance::faulty_providers();
  const auto about =
      std::find_if(all.begin(), all.end(), [&](const auto& faulty) { return faulty.name == name; });
  ASSERT_NE(about, all.end()) << name;
  CheckOptions options;
  options.provider_spec = "faulty:" + name;
  options.budget = std::chrono::milliseconds(40'000);
  options.shrink_budget = std::chrono::milliseconds(10'000);
  const auto report =
      check([&] { return conformance::make_provider(options.provider_spec); }, options);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const auto& records = report.value().properties;
  const auto failed = std::find_if(records.begin(), records.end(), [](const auto& record) {
    return record.verdict == report::Verdict::Fail;
  });
  ASSERT_NE(failed, records.end())
      << "not caught in " << report.value().coverage.sequences << " sequences";
  EXPECT_NE(std::find(about->clauses.begin(), about->clauses.end(), failed->violated_clause),
            about->clauses.end())
      << failed->violated_clause << '\n'
      << report.value().failure_text;
  EXPECT_LE(failed->steps.size(), 8u) << report.value().failure_text;
}

INSTANTIATE_TEST_SUITE_P(Bugs, KillTest,
                         ::testing::Values("zero-with-live-job", "missing-association",
                                           "detach-keeps-association", "wait-ignored", "torn-write",
                                           "mode-silently-changed", "ends-swapped"),
                         [](const ::testing::TestParamInfo<const char*>& bug) {
                           std::string name = bug.param;
                           std::replace(name.begin(), name.end(), '-', 'x');
                           return name;
                         });

}  // namespace
}  // namespace lockstep::properties
