// The harness as a whole, against a small provider in memory with and without planted bugs.
#include "properties/harness/check.hpp"

#include "model/vocab/names.hpp"
#include "properties/harness/rapidcheck_entry.hpp"
#include "properties/harness/runner.hpp"
#include "properties/harness/saved_case.hpp"
#include "properties/test/fake_provider.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

namespace lockstep::properties {
namespace {

ProviderFactory fake(FakeBug bug) {
  return [bug]() -> Result<std::unique_ptr<Provider>> {
    return std::unique_ptr<Provider>(std::make_unique<FakeProvider>(bug));
  };
}

class Check : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("check-") + test->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] CheckOptions options() const {
    CheckOptions options;
    options.provider_spec = "fake";
    options.seed = 5;
    options.budget = std::chrono::milliseconds(20'000);
    options.shrink_budget = std::chrono::milliseconds(10'000);
    options.max_sequences = 400;
    options.case_folder = folder_;
    options.regression_folder = folder_ / "regressions";
    return options;
  }

  std::filesystem::path folder_;
};

const report::CaseRecord* failed(const CheckReport& report) {
  for (const report::CaseRecord& record : report.properties) {
    if (record.verdict == report::Verdict::Fail) return &record;
  }
  return nullptr;
}

TEST_F(Check, PassesAnHonestProvider) {
  const auto report = check(fake(FakeBug::None), options());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report.value().failure_text, "");
  for (const report::CaseRecord& record : report.value().properties) {
    EXPECT_EQ(record.verdict, report::Verdict::Pass) << record.id << ' ' << record.message;
  }
  EXPECT_EQ(report.value().coverage.sequences, 400u);
  EXPECT_GT(report.value().coverage.copy_states.at("Synchronized"), 100u);
  EXPECT_FALSE(report.value().coverage.transitions.empty());
}

TEST_F(Check, FindsShrinksAndSavesADataLie) {
  const auto report = check(fake(FakeBug::SnapshotFollowsSource), options());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const report::CaseRecord* record = failed(report.value());
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->violated_clause.starts_with("DS-SN")) << record->violated_clause;
  EXPECT_LE(record->steps.size(), 4u) << report.value().failure_text;
  EXPECT_NE(report.value().failure_text.find("fails 5/5 re-runs"), std::string::npos)
      << report.value().failure_text;
  EXPECT_NE(report.value().failure_text.find("<-- differs"), std::string::npos);
  ASSERT_TRUE(report.value().saved_case.has_value());
  EXPECT_EQ(record->replay, "lockstep replay " + report.value().saved_case->string());

  const auto again = replay(*report.value().saved_case, fake(FakeBug::SnapshotFollowsSource));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again.value().reproduced);
  EXPECT_GT(again.value().executed, 0u);
  EXPECT_EQ(again.value().provider_spec, "fake");

  const auto fixed = replay(*report.value().saved_case, fake(FakeBug::None));
  ASSERT_TRUE(fixed.has_value());
  EXPECT_FALSE(fixed.value().reproduced);
  EXPECT_EQ(fixed.value().record.verdict, report::Verdict::Pass);

  const auto nothing = replay(*report.value().saved_case, fake(FakeBug::RefusesEverything));
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing.value().reproduced);
}

TEST_F(Check, FindsACopyThatMissesItsLastBlock) {
  const auto report = check(fake(FakeBug::MirrorLosesLastBlock), options());
  ASSERT_TRUE(report.has_value());
  const report::CaseRecord* record = failed(report.value());
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->violated_clause.starts_with("DS-") || record->violated_clause == "CER-40")
      << record->violated_clause;
  EXPECT_LE(record->steps.size(), 5u) << report.value().failure_text;
}

TEST_F(Check, FindsAReservedReturnCode) {
  const auto report = check(fake(FakeBug::ReservedCode), options());
  ASSERT_TRUE(report.has_value());
  const report::CaseRecord* record = failed(report.value());
  ASSERT_NE(record, nullptr);
  EXPECT_LE(record->steps.size(), 3u) << report.value().failure_text;
}

TEST_F(Check, LabelsAFailureThatComesAndGoes) {
  // Every other provider has the bug, so every other run of a failing sequence fails.
  int made = 0;
  const ProviderFactory factory = [&]() -> Result<std::unique_ptr<Provider>> {
    const FakeBug bug = ++made % 2 == 1 ? FakeBug::ReservedCode : FakeBug::None;
    return std::unique_ptr<Provider>(std::make_unique<FakeProvider>(bug));
  };
  const auto report = check(factory, options());
  ASSERT_TRUE(report.has_value());
  const report::CaseRecord* record = failed(report.value());
  ASSERT_NE(record, nullptr);
  EXPECT_NE(report.value().failure_text.find(" flaky:"), std::string::npos)
      << report.value().failure_text;
  EXPECT_TRUE(record->notes.front().starts_with("flaky: fails")) << record->notes.front();
}

TEST_F(Check, ReplaysRegressionsFirst) {
  const CheckOptions with = options();
  const auto found = check(fake(FakeBug::SnapshotFollowsSource), with);
  ASSERT_TRUE(found.has_value() && found.value().saved_case.has_value());
  std::filesystem::create_directories(with.regression_folder);
  std::filesystem::copy(*found.value().saved_case, with.regression_folder / "one.case.json");

  const auto fixed = check(fake(FakeBug::None), with);
  ASSERT_TRUE(fixed.has_value());
  EXPECT_EQ(fixed.value().properties.front().id, "P-REGRESSIONS");
  EXPECT_EQ(fixed.value().properties.front().verdict, report::Verdict::Pass);

  const auto broken = check(fake(FakeBug::SnapshotFollowsSource), with);
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken.value().properties.front().id, "P-REGRESSIONS");
  EXPECT_EQ(broken.value().properties.front().verdict, report::Verdict::Fail);
  EXPECT_EQ(broken.value().properties.back().verdict, report::Verdict::Disabled);

  std::ofstream(with.regression_folder / "two.case.json") << "{";
  EXPECT_TRUE(check(fake(FakeBug::None), with).has_error());
}

TEST_F(Check, DoesNotCallAProviderThatRefusesEverythingPassed) {
  const auto report = check(fake(FakeBug::RefusesEverything), options());
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report.value().properties.back().id, "P-LOCKSTEP");
  EXPECT_NE(report.value().properties.back().verdict, report::Verdict::Pass);
}

TEST_F(Check, TellsAnErrorFromAViolation) {
  const auto report = check(fake(FakeBug::CannotBeAsked), options());
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(failed(report.value()), nullptr);
  const bool error = std::any_of(
      report.value().properties.begin(), report.value().properties.end(),
      [](const report::CaseRecord& record) { return record.verdict == report::Verdict::Error; });
  EXPECT_TRUE(error);
}

TEST_F(Check, StopsWhenAsked) {
  CheckOptions with = options();
  int asked = 0;
  with.stop_requested = [&] { return ++asked > 10; };
  const auto report = check(fake(FakeBug::None), with);
  ASSERT_TRUE(report.has_value());
  EXPECT_LT(report.value().coverage.sequences, 15u);
}

TEST_F(Check, RunsTheSameSequencesForTheSameSeed) {
  CheckOptions with = options();
  with.max_sequences = 300;
  with.budget = std::chrono::minutes(5);  // ends by the number, wherever it runs
  const auto first = check(fake(FakeBug::None), with);
  const auto second = check(fake(FakeBug::None), with);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first.value().coverage.operations, second.value().coverage.operations);
  with.seed = 6;
  const auto third = check(fake(FakeBug::None), with);
  ASSERT_TRUE(third.has_value());
  EXPECT_NE(first.value().coverage.operations, third.value().coverage.operations);
}

// The canary: a property that no sequence with a volume can meet has to fail, and to shrink to one
// command. An engine that says otherwise is of no use.
TEST(RapidCheckEntry, FailsTheCanary) {
  World world;
  world.capabilities = FakeProvider::abilities();
  std::size_t smallest = 1'000;
  RapidCheckRun run;
  run.id = "P-CANARY";
  run.seed = 3;
  run.passes = [&](const Sequence& sequence) {
    const bool fails = std::any_of(sequence.begin(), sequence.end(), [](const Command& command) {
      return std::holds_alternative<CreateVolume>(command);
    });
    if (fails) smallest = std::min(smallest, sequence.size());
    return !fails;
  };
  const RapidCheckResult result =
      run_rapidcheck(random_sequences(std::make_shared<const World>(world)), run);
  EXPECT_TRUE(result.failed);
  EXPECT_EQ(smallest, 1u);
  EXPECT_NE(result.reproduce.find("reproduce="), std::string::npos) << result.reproduce;
}

// Its writes fail as they do when the LUN is gone: to a replica, once it has been returned; to
// other volumes, always.
class FailingWrites final : public FakeProvider {
 public:
  Result<DataAnswer> write(const ElementRef& element, Lba /*first*/,
                           std::span<const std::byte> /*data*/) override {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (is_target(element) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return target_error("fake LUN: expected to be there, it is gone");
  }

 private:
  [[nodiscard]] bool is_target(const ElementRef& element) {
    const auto seen = inventory();
    return std::any_of(
        seen.value().relationships.begin(), seen.value().relationships.end(),
        [&](const RelationshipView& view) { return view.target_element == element; });
  }
};

TEST(RacingWrites, MayMeetTheEndOfTheirVolume) {
  const ProviderFactory factory = []() -> Result<std::unique_ptr<Provider>> {
    return std::unique_ptr<Provider>(std::make_unique<FailingWrites>());
  };
  const Handle source{HandleKind::Volume, 1};
  const Handle replica{HandleKind::Volume, 2};
  Replicate snapshot;
  snapshot.sources = {source};
  snapshot.sync_type = number_of(SyncType::Snapshot);
  snapshot.mode = number_of(Mode::Synchronous);
  snapshot.made_relationships = {Handle{HandleKind::Relationship, 1}};
  snapshot.made_volumes = {replica};
  for (const Handle written : {replica, source}) {
    Modify parting;
    parting.relationships = snapshot.made_relationships;
    parting.operation = number_of(Operation::ReturnToResourcePool);
    parting.meanwhile = Meanwhile{written, 0, 1, 1};
    Runner runner(factory);
    ASSERT_TRUE(runner.open(4));
    const Trace trace =
        runner.run({CreateVolume{source, 128, std::nullopt}, snapshot, parting}, nullptr);
    EXPECT_EQ(trace.error.has_value(), written == source);
    EXPECT_FALSE(trace.violation) << trace.violation->observed;
  }
}

}  // namespace
}  // namespace lockstep::properties
