// Runs against each other: every way in which a case can change, and the page that shows them.
#include "reports/compare/changes.hpp"

#include "reports/render.hpp"
#include "reports/test/sample_runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

CaseRecord with(const std::string& id, Verdict verdict, const std::string& message = "") {
  CaseRecord record;
  record.id = id;
  record.method = id.substr(0, id.find('/'));
  record.verdict = verdict;
  record.message = message;
  return record;
}

Run run_of(std::vector<CaseRecord> cases) {
  Run run;
  run.header.run_id = "run-x";
  run.cases = std::move(cases);
  run.summary = summarise(run.cases);
  return run;
}

struct Expected {
  Verdict before;
  Verdict after;
  const char* kind;  // nullptr: no change
  bool is_worse;
};

class EveryChange : public testing::TestWithParam<Expected> {};

TEST_P(EveryChange, HasItsKind) {
  const auto before = run_of({with("CER/a", GetParam().before)});
  const auto after = run_of({with("CER/a", GetParam().after)});
  const Changes changes = changes_between(before, after);
  if (GetParam().kind == nullptr) {
    EXPECT_TRUE(changes.cases.empty());
    EXPECT_EQ(changes.unchanged, 1U);
  } else {
    ASSERT_EQ(changes.cases.size(), 1U);
    EXPECT_STREQ(to_text(changes.cases[0].kind), GetParam().kind);
  }
  EXPECT_EQ(changes.is_worse(), GetParam().is_worse);
}

INSTANTIATE_TEST_SUITE_P(
    Verdicts, EveryChange,
    testing::Values(Expected{Verdict::Pass, Verdict::Pass, nullptr, false},
                    Expected{Verdict::Pass, Verdict::Fail, "regressed", true},
                    Expected{Verdict::Warning, Verdict::Crash, "regressed", true},
                    Expected{Verdict::Pass, Verdict::Inconclusive, "regressed", true},
                    Expected{Verdict::NotTestable, Verdict::Fail, "regressed", true},
                    Expected{Verdict::Pass, Verdict::NotSupported, "lost", true},
                    Expected{Verdict::Fail, Verdict::Disabled, "lost", true},
                    Expected{Verdict::Pass, Verdict::Warning, "shifted", false},
                    Expected{Verdict::Fail, Verdict::Error, "shifted", false},
                    Expected{Verdict::Disabled, Verdict::NotTestable, "shifted", false},
                    Expected{Verdict::NotTestable, Verdict::Pass, "gained", false},
                    Expected{Verdict::Fail, Verdict::Informational, "mended", false}));

TEST(Changes, NameWhatIsMissingAndNew) {
  const auto before = run_of({with("CER/gone", Verdict::Pass), with("CER/kept", Verdict::Pass)});
  const auto after = run_of({with("CER/kept", Verdict::Pass), with("CER/came", Verdict::Pass)});
  const Changes changes = changes_between(before, after);
  ASSERT_EQ(changes.cases.size(), 2U);
  EXPECT_EQ(changes.cases[0].kind, ChangeKind::Missing);
  EXPECT_EQ(changes.cases[0].id, "CER/gone");
  EXPECT_EQ(changes.cases[1].kind, ChangeKind::New);
  EXPECT_EQ(changes.cases[1].id, "CER/came");
  EXPECT_TRUE(changes.is_worse());
}

TEST(Changes, TakeANewCaseThatFailsForWorse) {
  const auto before = run_of({});
  EXPECT_TRUE(changes_between(before, run_of({with("CER/a", Verdict::Fail)})).is_worse());
  EXPECT_FALSE(changes_between(before, run_of({with("CER/a", Verdict::Pass)})).is_worse());
}

TEST(Changes, ShowAnotherReasonForTheSameFailure) {
  const auto before = run_of({with("CER/a", Verdict::Fail, "answered 5")});
  const auto after = run_of({with("CER/a", Verdict::Fail, "lost a write")});
  const Changes changes = changes_between(before, after);
  ASSERT_EQ(changes.cases.size(), 1U);
  EXPECT_EQ(changes.cases[0].kind, ChangeKind::Reworded);
  EXPECT_FALSE(changes.is_worse());
}

TEST(Changes, MatchCasesOfOneIdInTheirOrder) {
  const auto before = run_of({with("CER/a", Verdict::Pass), with("CER/a", Verdict::Fail)});
  const auto after = run_of({with("CER/a", Verdict::Pass), with("CER/a", Verdict::Pass)});
  const Changes changes = changes_between(before, after);
  ASSERT_EQ(changes.cases.size(), 1U);
  EXPECT_EQ(changes.cases[0].kind, ChangeKind::Mended);
  EXPECT_EQ(changes.cases[0].after, &after.cases[1]);
}

TEST(Changes, SayWhatElseDiffers) {
  auto before = run_of({});
  auto after = run_of({});
  after.header.suite_version = "0.2.0";
  before.header.configuration["wait"] = "5s";
  after.header.host["cpu"] = "another";
  after.header.seed = 7;
  after.summary.reset();
  EXPECT_THAT(
      changes_between(before, after).circumstances,
      ElementsAre("lockstep: nothing, then 0.2.0", "seed: 0, then 7",
                  "configuration wait: 5s, then nothing", "machine cpu: nothing, then another",
                  "end of the run: whole, then cut off"));
}

TEST(SideBySide, PutsEveryCaseIntoOneRow) {
  const std::vector<report::Run> runs{
      run_of({with("CER/a", Verdict::Pass), with("CER/b", Verdict::Pass)}),
      run_of({with("CER/b", Verdict::Fail), with("CER/c", Verdict::Pass)}),
      run_of({with("CER/a", Verdict::Pass), with("CER/b", Verdict::Pass)})};
  const auto rows = side_by_side(runs);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].id, "CER/a");
  EXPECT_FALSE(rows[0].is_uniform());  // not in the second run
  EXPECT_FALSE(rows[1].is_uniform());
  EXPECT_EQ(rows[1].in_runs[1]->verdict, Verdict::Fail);
  EXPECT_EQ(rows[2].in_runs[0], nullptr);
}

TEST(Comparison, LeadsFromAMarkToWhatWasSeen) {
  report::Run mended = conformance_run();
  mended.header.run_id = "run-later";
  for (CaseRecord& record : mended.cases) {
    if (record.verdict == Verdict::Fail) record.verdict = Verdict::Pass;
  }
  const std::string page = to_html(std::vector<report::Run>{conformance_run(), mended});
  EXPECT_THAT(page, HasSubstr("2 runs side by side"));
  EXPECT_THAT(page, HasSubstr("href=\"#run-1-case-CER-snapshot-instant\""));
  EXPECT_THAT(page, HasSubstr("id=\"run-1-case-CER-snapshot-instant\""));
  EXPECT_THAT(page, HasSubstr(">mended</span>"));
  EXPECT_THAT(page, HasSubstr(", run-later</th>"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(Comparison, GivesRatiosOfBenchmarksOnOneMachineOnly) {
  report::Run slower = benchmark_run();
  for (BenchmarkRecord& record : slower.benchmarks) record.real_time_ns *= 2;
  EXPECT_THAT(to_html(std::vector<report::Run>{benchmark_run(), slower}), HasSubstr("× 2"));
  slower.header.host["cpu"] = "another";
  EXPECT_THAT(to_html(std::vector<report::Run>{benchmark_run(), slower}), Not(HasSubstr("× 2")));
}

TEST(Comparison, InMarkdownSaysFirstWhetherAnythingGotWorse) {
  report::Run worse = conformance_run();
  worse.cases[0].verdict = Verdict::Fail;
  worse.cases[0].message = "answered | 5";
  const std::string text = changes_to_markdown(conformance_run(), worse);
  EXPECT_THAT(text, HasSubstr("**something got worse**"));
  EXPECT_THAT(text,
              HasSubstr("| ✗ regressed | CER/sync-type-reserved | Pass | Fail | answered \\| 5 |"));
  EXPECT_THAT(changes_to_markdown(worse, conformance_run()), HasSubstr("nothing got worse"));
}

}  // namespace
}  // namespace lockstep::report
