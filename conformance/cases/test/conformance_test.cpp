// The whole suite against the reference and against the provider that refuses everything.
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

namespace lockstep::conformance {
namespace {

using report::Verdict;

std::vector<report::CaseRecord> run(const std::string& spec) {
  auto made = make_provider(spec);
  EXPECT_TRUE(made) << made.error().message;
  if (!made) return {};
  const std::shared_ptr<Provider> provider = std::move(made).value();
  RunOptions options;
  options.provider_spec = spec;
  auto records = run_cases(provider, options);
  EXPECT_TRUE(records) << records.error().message;
  return records ? std::move(records).value() : std::vector<report::CaseRecord>{};
}

std::string told(const report::CaseRecord& record) {
  std::string text = record.id + " is " + report::to_text(record.verdict) + ": " + record.message;
  for (const report::StepRecord& step : record.steps) {
    text +=
        "\n  " + std::string(step.differs ? "> " : "  ") + step.operation + " -> " + step.answered;
  }
  return text;
}

TEST(Conformance, TheReferenceConformsWithinAMinute) {
  const auto started = std::chrono::steady_clock::now();
  const auto records = run("reference");
  const auto took = std::chrono::steady_clock::now() - started;
  EXPECT_GE(records.size(), 180U);
  std::map<Verdict, int> counts;
  for (const report::CaseRecord& record : records) {
    ++counts[record.verdict];
    EXPECT_FALSE(report::is_bad(record.verdict)) << told(record);
    EXPECT_NE(record.verdict, Verdict::Inconclusive) << told(record);
  }
  EXPECT_GE(counts[Verdict::Pass] + counts[Verdict::Informational] + counts[Verdict::Warning], 180);
  EXPECT_LT(took, std::chrono::seconds(60));
}

TEST(Conformance, TheNullProviderPassesNothingAndFailsNothing) {
  const auto records = run("null");
  EXPECT_GE(records.size(), 180U);
  for (const report::CaseRecord& record : records) {
    EXPECT_TRUE(report::is_skip(record.verdict)) << told(record);
  }
  EXPECT_EQ(report::summarise(records).overall, report::Overall::NothingRan);
}

TEST(Conformance, ReplayLinesSelectTheirCase) {
  auto provider = make_provider("null");
  ASSERT_TRUE(provider);
  RunOptions options;
  options.provider_spec = "null";
  for (const CaseInfo& info : list_cases()) {
    options.select = {info.id};
    const auto records = run_cases(*provider.value(), options);
    ASSERT_TRUE(records);
    ASSERT_EQ(records.value().size(), 1U) << info.id;
    EXPECT_EQ(records.value().front().id, info.id);
    EXPECT_EQ(records.value().front().replay, "lockstep conform --provider null " + info.id);
  }
}

}  // namespace
}  // namespace lockstep::conformance
