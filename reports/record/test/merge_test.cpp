// Merging shards: complete or not merged, and what is missing is said.
#include "reports/record/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Run shard_of(const std::string& shard, const std::vector<std::string>& ids) {
  Run run;
  run.header.command = "conform";
  run.header.suite_version = "1.0";
  run.header.provider_product = "Array";
  run.header.provider_version = "7";
  run.header.seed = 3;
  run.header.shard = shard;
  run.header.selected = {"a", "b", "c", "d", "e"};
  run.header.configuration["case_deadline_ms"] = "100";
  for (const std::string& id : ids) {
    CaseRecord record;
    record.id = id;
    record.verdict = Verdict::Pass;
    run.cases.push_back(record);
  }
  return run;
}

std::vector<Run> both() { return {shard_of("1/2", {"a", "c", "e"}), shard_of("2/2", {"b", "d"})}; }

Result<MergedRun> merge_all(const std::vector<Run>& runs) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < runs.size(); ++i) names.push_back("run " + std::to_string(i));
  return merge(runs, names);
}

std::vector<std::string> gaps_of(const std::vector<Run>& runs) {
  const auto merged = merge_all(runs);
  EXPECT_TRUE(merged) << merged.error().message;
  return merged ? merged.value().gaps : std::vector<std::string>{};
}

TEST(Merge, PutsCasesIntoTheOrderOfTheSelection) {
  const auto runs = both();
  const auto merged = merge_all({runs[1], runs[0]});
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_THAT(merged.value().gaps, IsEmpty());
  std::vector<std::string> ids;
  for (const auto& record : merged.value().run.cases) ids.push_back(record.id);
  EXPECT_THAT(ids, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(merged.value().run.header.shard, "");
  EXPECT_FALSE(merged.value().run.summary.has_value());
}

TEST(Merge, SaysWhatIsMissing) {
  auto runs = both();
  EXPECT_THAT(gaps_of({runs[0]}), SizeIs(2));
  runs[0].cases.erase(runs[0].cases.begin() + 1);  // was cut off, or lost a case to a filter
  EXPECT_THAT(gaps_of(runs), ElementsAre("c: selected, and recorded in no shard"));
}

TEST(Merge, SaysWhatIsThereTwice) {
  const auto runs = both();
  EXPECT_THAT(gaps_of({runs[0], runs[1], runs[1]}),
              ElementsAre(HasSubstr("b: expected once"), HasSubstr("d: expected once")));
  auto strange = both();
  strange[1].cases.back().id = "x";
  EXPECT_THAT(gaps_of(strange), ElementsAre(HasSubstr("d: selected"), HasSubstr("x: recorded")));
}

TEST(Merge, RefusesWhatDoesNotBelongTogether) {
  const auto refused = [](auto change) {
    auto runs = both();
    change(runs[1].header);
    const auto merged = merge_all(runs);
    EXPECT_FALSE(merged);
    if (!merged) {
      EXPECT_EQ(merged.error().origin, Origin::Config);
    }
    return merged ? std::string() : merged.error().message;
  };
  EXPECT_THAT(refused([](RunHeader& header) { header.suite_version = "1.1"; }), HasSubstr("1.1"));
  EXPECT_THAT(refused([](RunHeader& header) { header.provider_version = "8"; }),
              HasSubstr("Array 8"));
  EXPECT_THAT(refused([](RunHeader& header) { header.seed = 4; }), HasSubstr("seed"));
  EXPECT_THAT(refused([](RunHeader& header) { header.selected.pop_back(); }),
              HasSubstr("selection"));
  EXPECT_THAT(refused([](RunHeader& header) { header.selected.back() = "x"; }),
              HasSubstr("selection"));
  EXPECT_THAT(refused([](RunHeader& header) { header.shard = "2/3"; }), HasSubstr("one of 3"));
  EXPECT_THAT(refused([](RunHeader& header) { header.command = "check"; }), HasSubstr("check"));
  EXPECT_THAT(refused([](RunHeader& header) { header.configuration["case_deadline_ms"] = "5"; }),
              HasSubstr("case_deadline_ms=5"));
  EXPECT_FALSE(merge({}, {}));
  report::Run bench;
  bench.header.command = "bench";
  EXPECT_FALSE(merge_all({bench}));
}

}  // namespace
}  // namespace lockstep::report
