// Goal: a run with a baseline is green exactly when everything is as the reviewed file says, and
// the file can be kept up to date without losing or inventing words. Method: the executable against
// a provider with a planted bug and against the reference, which has not got it.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kBuggy = "faulty:pool-ignored";

class BaselineFile : public testing::Test {
 protected:
  void hold(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string held() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  [[nodiscard]] ProgramResult conform(const std::string& provider,
                                      std::vector<std::string> more = {"CER-21"}) const {
    more.insert(more.begin(), {"conform", "--provider", provider, "--baseline", path_, "--out",
                               folder_.path() + "/out"});
    return run_lockstep(more, std::chrono::seconds(60));
  }
  [[nodiscard]] report::Run latest() const {
    auto run = report::read_run(folder_.path() + "/out/latest");
    EXPECT_TRUE(run) << run.error().message;
    return run ? std::move(run).value() : report::Run{};
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path() + "/known.txt";
};

TEST_F(BaselineFile, MakesAKnownFailureExpectedAndNothingElse) {
  hold("CER-21 Fail # EX-1234: the pool is ignored\n");
  const auto known = conform(kBuggy);
  EXPECT_EQ(known.exit_code, kAsExpected) << known.output << known.error;
  EXPECT_THAT(known.output, HasSubstr("EX-1234"));
  const report::Run run = latest();
  ASSERT_TRUE(run.summary.has_value());
  // Expected is not conformant.
  EXPECT_EQ(run.summary->overall, report::Overall::NotConformant);
  EXPECT_EQ(run.summary->exit_code, kAsExpected);
  std::size_t excused = 0;
  for (const auto& record : run.cases) excused += record.excuse.empty() ? 0U : 1U;
  EXPECT_GT(excused, 0U);
  std::stringstream junit;
  junit << std::ifstream(folder_.path() + "/out/latest/junit.xml").rdbuf();
  EXPECT_THAT(junit.str(), HasSubstr("expected Fail: EX-1234"));
  EXPECT_THAT(junit.str(), Not(HasSubstr("<failure")));

  const auto other = conform("faulty:target-and-pool-accepted", {"CER-19"});
  EXPECT_EQ(other.exit_code, kUnexpected) << other.output << other.error;
  EXPECT_THAT(other.output, HasSubstr("unexpected: "));
}

TEST_F(BaselineFile, FailsTheRunForEveryEntryThatIsNotInOrder) {
  const auto fails = [&](const std::string& text, const std::string& why) {
    hold(text);
    const auto result = conform("reference");
    EXPECT_EQ(result.exit_code, kUnexpected) << text << result.output << result.error;
    EXPECT_THAT(result.output, HasSubstr(why)) << text;
    EXPECT_THAT(latest().summary->problems, testing::Contains(HasSubstr(why))) << text;
  };
  fails("CER-21 Fail # EX-1234\n", "stale: ");
  fails("GEN-21 Fail #\n", "unexplained: ");
  fails("GEN-21 Fail until=2026-01-01 # EX-1234\n", "expired: ");
  fails("GEN-99 Fail # EX-1234\n", "unknown: ");
  hold("GEN-21 Fail provider=faulty:* # only theirs\n");
  EXPECT_EQ(conform("reference").exit_code, kAsExpected);
  hold("GEN-21 Failed # EX-1234\n");
  const auto unreadable = conform("reference");
  EXPECT_EQ(unreadable.exit_code, kUsage);
  EXPECT_THAT(unreadable.error, HasSubstr("known.txt, line 1"));
}

TEST_F(BaselineFile, CanBeCheckedWithoutARunAndAgainstOne) {
  static_cast<void>(conform(kBuggy));  // There is no file yet.
  hold("CER-21 Fail # EX-1234\n");
  EXPECT_EQ(run_lockstep({"baseline", "check", path_}).exit_code, kAsExpected);
  EXPECT_EQ(conform(kBuggy).exit_code, kAsExpected);
  const std::string latest_run = folder_.path() + "/out/latest";
  EXPECT_EQ(run_lockstep({"baseline", "check", path_, "--run", latest_run}).exit_code, kAsExpected);
  hold("");
  const auto differs = run_lockstep({"baseline", "check", path_, "--run", latest_run});
  EXPECT_EQ(differs.exit_code, kUnexpected);
  EXPECT_THAT(differs.output, HasSubstr("unexpected: "));
  hold("CER-21 Fail #\n");
  EXPECT_EQ(run_lockstep({"baseline", "check", path_}).exit_code, kUnexpected);
  EXPECT_EQ(run_lockstep({"baseline", "check", path_ + ".none"}).exit_code, kUsage);
  EXPECT_EQ(run_lockstep({"baseline", "update", path_}).exit_code, kUsage);
}

TEST_F(BaselineFile, IsUpdatedFromAWholeRunOnly) {
  hold("# Known of the pool bug\n\nATT-06 Fail # repaired since\n");
  static_cast<void>(conform(kBuggy));
  const std::string run = folder_.path() + "/out/latest";
  const auto part = run_lockstep({"baseline", "update", path_, "--run", run});
  EXPECT_EQ(part.exit_code, kUsage);
  EXPECT_THAT(part.error, HasSubstr("whole run"));

  const auto whole = conform(kBuggy, {});
  ASSERT_EQ(whole.exit_code, kUnexpected) << whole.output << whole.error;
  const auto updated = run_lockstep({"baseline", "update", path_, "--run", run});
  EXPECT_EQ(updated.exit_code, kAsExpected) << updated.error;
  EXPECT_THAT(updated.output, HasSubstr("- ATT-06"));
  EXPECT_THAT(updated.output, HasSubstr("without a reason"));
  EXPECT_THAT(held(), HasSubstr("# Known of the pool bug\n"));
  EXPECT_THAT(held(), HasSubstr("clause=CER-21  #\n"));
  EXPECT_THAT(held(), Not(HasSubstr("ATT-06")));
  const std::string once = held();
  static_cast<void>(run_lockstep({"baseline", "update", path_, "--run", run}));
  EXPECT_EQ(held(), once);
  // Nobody has explained the new entries.
  const auto unexplained = run_lockstep({"baseline", "check", path_, "--run", run});
  EXPECT_EQ(unexplained.exit_code, kUnexpected);
  EXPECT_THAT(unexplained.output, HasSubstr("unexplained: "));
  EXPECT_THAT(unexplained.output, Not(HasSubstr("unexpected: ")));
}

}  // namespace
}  // namespace lockstep::cli
