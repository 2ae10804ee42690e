// Verdicts and the overall verdict, which must not claim more than was seen.
#include "reports/record/record.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lockstep::report {
namespace {

constexpr std::array kAll{Verdict::Pass,         Verdict::Informational, Verdict::Warning,
                          Verdict::Fail,         Verdict::Error,         Verdict::Crash,
                          Verdict::Inconclusive, Verdict::NotSupported,  Verdict::NotTestable,
                          Verdict::Disabled};

std::vector<CaseRecord> cases_of(std::initializer_list<Verdict> verdicts) {
  std::vector<CaseRecord> cases;
  for (const Verdict verdict : verdicts) {
    CaseRecord& record = cases.emplace_back();
    record.verdict = verdict;
    record.duration_us = 7;
  }
  return cases;
}

Overall overall(std::initializer_list<Verdict> verdicts) {
  return summarise(cases_of(verdicts)).overall;
}

TEST(Verdict, HasATextThatReadsBack) {
  for (const Verdict verdict : kAll) EXPECT_EQ(parse_verdict(to_text(verdict)), verdict);
  EXPECT_EQ(parse_verdict("pass"), std::nullopt);
  EXPECT_EQ(parse_verdict(""), std::nullopt);
  EXPECT_EQ(parse_verdict("unknown verdict"), std::nullopt);
}

TEST(Verdict, IsPassSkipBadOrInconclusiveAndOnlyOneOfThese) {
  for (const Verdict verdict : kAll) {
    const int sorts = (is_pass(verdict) ? 1 : 0) + (is_skip(verdict) ? 1 : 0) +
                      (is_bad(verdict) ? 1 : 0) + (verdict == Verdict::Inconclusive ? 1 : 0);
    EXPECT_EQ(sorts, 1) << to_text(verdict);
  }
  EXPECT_TRUE(is_pass(Verdict::Warning));
  EXPECT_TRUE(is_bad(Verdict::Error));
  EXPECT_TRUE(is_skip(Verdict::Disabled));
}

TEST(Summary, OfNothingIsThatNothingRan) {
  EXPECT_EQ(overall({}), Overall::NothingRan);
  EXPECT_EQ(summarise({}).exit_code, 77);
}

TEST(Summary, OfSkipsAloneIsThatNothingRan) {
  EXPECT_EQ(overall({Verdict::NotSupported, Verdict::NotTestable, Verdict::Disabled}),
            Overall::NothingRan);
}

TEST(Summary, IsConformantOnlyWithoutAnySkip) {
  EXPECT_EQ(overall({Verdict::Pass, Verdict::Informational, Verdict::Warning}),
            Overall::Conformant);
  for (const Verdict verdict : kAll) {
    if (!is_skip(verdict)) continue;
    EXPECT_EQ(overall({Verdict::Pass, verdict}), Overall::ConformantWithSkips) << to_text(verdict);
  }
}

TEST(Summary, IsNotConformantWithOneBadVerdictAmongAnyOthers) {
  for (const Verdict bad : {Verdict::Fail, Verdict::Error, Verdict::Crash}) {
    for (const Verdict other : kAll) {
      EXPECT_EQ(overall({other, bad, other}), Overall::NotConformant)
          << to_text(bad) << " beside " << to_text(other);
    }
    EXPECT_EQ(summarise(cases_of({bad})).exit_code, 1);
  }
}

TEST(Summary, IsInconclusiveRatherThanConformant) {
  EXPECT_EQ(overall({Verdict::Pass, Verdict::Inconclusive, Verdict::NotSupported}),
            Overall::Inconclusive);
  EXPECT_EQ(summarise(cases_of({Verdict::Inconclusive})).exit_code, 2);
}

TEST(Summary, CountsByVerdictAndAddsUpTime) {
  const RunSummary summary = summarise(cases_of({Verdict::Pass, Verdict::Fail, Verdict::Pass}));
  EXPECT_EQ(summary.counts, (std::map<std::string, std::uint64_t>{{"Pass", 2}, {"Fail", 1}}));
  EXPECT_EQ(summary.duration_us, 21U);
}

}  // namespace
}  // namespace lockstep::report
