// Baselines: what is expected counts as such, and everything else in them fails the run.
#include "conformance/suite/baseline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::conformance {
namespace {

using report::CaseRecord;
using report::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = BaselineProblem::Kind;

const std::vector<BaselineSubject> kKnown{
    {"CER/one", {"CER-01", "GEN-01"}}, {"CER/two", {"CER-02", "GEN-01"}}, {"CLR/one", {"CLR-01"}}};

CaseRecord result(const std::string& id, Verdict verdict, const std::string& clause = {}) {
  CaseRecord record;
  record.id = id;
  record.verdict = verdict;
  record.violated_clause = clause;
  record.message = "because";
  for (const BaselineSubject& known : kKnown) {
    if (known.id == id) record.clauses = known.clauses;
  }
  return record;
}

Baseline baseline_of(const std::string& text) {
  auto read = parse_baseline(text, "known.txt");
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(read).value() : Baseline{};
}

Expectations expecting(const std::string& text) {
  report::RunHeader provider;
  provider.provider_spec = "cimxml://array:5988/root/vendor";
  provider.provider_organisation = "Example";
  provider.provider_product = "Array";
  provider.provider_version = "2.1";
  return Expectations(baseline_of(text), provider, kKnown, "2026-11-27");
}

std::vector<Kind> kinds(const std::vector<BaselineProblem>& problems) {
  std::vector<Kind> all;
  for (const BaselineProblem& problem : problems) all.push_back(problem.kind);
  return all;
}

std::vector<Kind> kinds_for(const std::string& text, const std::vector<CaseRecord>& records) {
  return kinds(expecting(text).problems(records));
}

TEST(Baseline, ReadsEntriesWithAllTheirParts) {
  const Baseline baseline = baseline_of(
      "# Example Array 2.1\n\n# asked for\nCER/one Fail clause=CER-01 until=2027-03-31 "
      "provider=Example* # EX-1: soon # really\n\nCLR-01  Error\n# that is all\n");
  EXPECT_THAT(baseline.heading, ElementsAre("# Example Array 2.1"));
  EXPECT_THAT(baseline.ending, ElementsAre("# that is all"));
  ASSERT_EQ(baseline.entries.size(), 2U);
  const BaselineEntry& first = baseline.entries.front();
  EXPECT_EQ(first.subject, "CER/one");
  EXPECT_EQ(first.verdict, Verdict::Fail);
  EXPECT_EQ(first.clause, "CER-01");
  EXPECT_EQ(first.until, "2027-03-31");
  EXPECT_EQ(first.provider, "Example*");
  EXPECT_EQ(first.reason, "EX-1: soon # really");
  EXPECT_EQ(first.line, 4U);
  EXPECT_THAT(first.comments, ElementsAre("# asked for"));
  EXPECT_EQ(baseline.entries[1].verdict, Verdict::Error);
}

TEST(Baseline, RefusesWhatItCannotReadAndNamesTheLine) {
  const auto refused = [](const std::string& text) {
    const auto read = parse_baseline(text, "known.txt");
    EXPECT_FALSE(read) << text;
    return read ? std::string() : read.error().message;
  };
  EXPECT_THAT(refused("# x\nCER/one\n"), HasSubstr("known.txt, line 2"));
  EXPECT_THAT(refused("CER/one Failed # x"), HasSubstr("Failed"));
  EXPECT_THAT(refused("CER/one Pass # x"), HasSubstr("Pass"));
  EXPECT_THAT(refused("CER/one Fail until=2027-13-01 # x"), HasSubstr("until=2027-13-01"));
  EXPECT_THAT(refused("CER/one Fail until=soon # x"), HasSubstr("2027-03-31"));
  EXPECT_THAT(refused("CER/one Fail owner=me # x"), HasSubstr("owner=me"));
  EXPECT_THAT(refused("CER/one Fail clause= # x"), HasSubstr("clause="));
  EXPECT_THAT(refused("CER/one Error clause=CER-01 # x"), HasSubstr("only a Fail"));
  EXPECT_THAT(refused(std::string(kLargestBaselineBytes + 1, '#')), HasSubstr("1 MiB"));
}

TEST(Baseline, WritesOneOrderAndReadsItBack) {
  const std::string text =
      "# heading\n\n# c\nCLR/one Fail # b\nCER/one NotSupported provider=x # a\n# end\n";
  const std::string written = to_text(baseline_of(text));
  EXPECT_EQ(written,
            "# heading\n\n"
            "CER/one  NotSupported  provider=x  # a\n"
            "# c\n"
            "CLR/one  Fail  # b\n"
            "# end\n");
  EXPECT_EQ(to_text(baseline_of(written)), written);
}

// Found by the fuzzer: the gap went, and heading and ending became one.
TEST(Baseline, KeepsHeadingAndEndingApartWithoutEntries) {
  const std::string text = "# Example Array 2.1\n\n# nothing is known\n";
  const Baseline baseline = baseline_of(text);
  EXPECT_THAT(baseline.heading, ElementsAre("# Example Array 2.1"));
  EXPECT_THAT(baseline.ending, ElementsAre("# nothing is known"));
  EXPECT_EQ(to_text(baseline), text);
}

// The same, of an entry that sorting brings to the top.
TEST(Baseline, KeepsTheCommentsOfAnEntryThatBecomesTheFirst) {
  const Baseline read = baseline_of(
      to_text(baseline_of("CLR-01 Error # why\n# known\n\n# to the vendor\nCER/one Fail # why\n")));
  EXPECT_THAT(read.heading, IsEmpty());
  ASSERT_EQ(read.entries.size(), 2U);
  EXPECT_EQ(read.entries.front().subject, "CER/one");
  EXPECT_THAT(read.entries.front().comments, ElementsAre("# known", "# to the vendor"));
}

TEST(Baseline, ExcusesExactlyWhatItNames) {
  const std::vector<CaseRecord> fails{result("CER/one", Verdict::Fail, "CER-01")};
  EXPECT_THAT(kinds_for("", {result("CER/one", Verdict::Warning)}), IsEmpty());
  EXPECT_THAT(kinds_for("", fails), ElementsAre(Kind::Unexpected));
  EXPECT_THAT(kinds_for("CER/one Fail # x", fails), IsEmpty());
  EXPECT_THAT(kinds_for("CER/one Fail clause=CER-01 # x", fails), IsEmpty());
  EXPECT_THAT(kinds_for("CER/o* Fail # x", fails), IsEmpty());
  EXPECT_THAT(kinds_for("CER-01 Fail # x", fails), IsEmpty());
  EXPECT_EQ(expecting("CER/one Fail # EX-1").excuse(fails.front()), "EX-1");
  // Another clause, another verdict, another provider: not what was reviewed.
  EXPECT_THAT(kinds_for("CER/one Fail clause=GEN-01 # x", fails),
              ElementsAre(Kind::Unexpected, Kind::Stale));
  EXPECT_THAT(kinds_for("CER/one Error # x", fails), ElementsAre(Kind::Unexpected, Kind::Stale));
  EXPECT_THAT(kinds_for("GEN-01 Fail # x", fails), ElementsAre(Kind::Unexpected));
  EXPECT_THAT(kinds_for("CER/one Fail provider=Other* # x", fails), ElementsAre(Kind::Unexpected));
  EXPECT_THAT(kinds_for("CER/one Fail provider=Example?Array* # x", fails), IsEmpty());
  EXPECT_THAT(kinds_for("CER/one Fail provider=cimxml://array* # x", fails), IsEmpty());
}

TEST(Baseline, FailsAnEntryThatPassesNow) {
  EXPECT_THAT(kinds_for("CER/one Fail # x", {result("CER/one", Verdict::Pass)}),
              ElementsAre(Kind::Stale));
  EXPECT_THAT(kinds_for("CER/one Fail # x", {result("CER/one", Verdict::NotSupported)}),
              ElementsAre(Kind::Stale));
  EXPECT_THAT(kinds_for("CER/one NotSupported # x", {result("CER/one", Verdict::Pass)}),
              ElementsAre(Kind::Stale));
  EXPECT_THAT(kinds_for("CER/* Fail # x", {result("CER/one", Verdict::Fail, "CER-01"),
                                           result("CER/two", Verdict::Pass)}),
              ElementsAre(Kind::Stale));
}

TEST(Baseline, JudgesNoEntryThatTheRunCannotTellAbout) {
  EXPECT_THAT(kinds_for("CLR/one Fail # x", {result("CER/one", Verdict::Pass)}), IsEmpty());
  EXPECT_THAT(kinds_for("CER/one Fail # x", {result("CER/one", Verdict::Disabled)}), IsEmpty());
  // One case of the clause was not run; it may be the one that breaks it.
  EXPECT_THAT(kinds_for("GEN-01 Fail # x", {result("CER/one", Verdict::Pass)}), IsEmpty());
  EXPECT_THAT(kinds_for("GEN-01 Fail # x",
                        {result("CER/one", Verdict::Pass), result("CER/two", Verdict::Pass)}),
              ElementsAre(Kind::Stale));
  EXPECT_THAT(kinds_for("GEN-01 Fail # x", {result("CER/one", Verdict::Pass),
                                            result("CER/two", Verdict::Fail, "GEN-01")}),
              IsEmpty());
}

TEST(Baseline, FailsEntriesThatNobodyAnswersFor) {
  const std::vector<CaseRecord> fails{result("CER/one", Verdict::Fail, "CER-01")};
  EXPECT_THAT(kinds_for("CER/one Fail #", fails), ElementsAre(Kind::Unexplained));
  EXPECT_THAT(kinds_for("CER/one Fail until=2026-11-27 # x", fails), IsEmpty());
  EXPECT_THAT(kinds_for("CER/one Fail until=2026-11-26 # x", fails),
              ElementsAre(Kind::Expired, Kind::Unexpected));
  EXPECT_THAT(kinds_for("CER/on Fail # x", {}), ElementsAre(Kind::Unknown));
  EXPECT_THAT(expecting("CER/on Fail # x").problems().front().text, HasSubstr("CER/one"));
  EXPECT_THAT(kinds_for("CER/one Fail # x\nCER/one Fail # y", fails), ElementsAre(Kind::Repeated));
}

TEST(Baseline, FailsAGlobThatFitsTooMuch) {
  std::vector<BaselineSubject> many;
  for (std::size_t i = 0; i <= kWidestGlob; ++i) many.push_back({"CER/" + std::to_string(i), {}});
  const Expectations wide(baseline_of("CER/* Fail # x"), {}, many, "2026-11-27");
  EXPECT_THAT(kinds(wide.problems()), ElementsAre(Kind::TooWide));
  many.pop_back();
  const Expectations fits(baseline_of("CER/* Fail # x"), {}, many, "2026-11-27");
  EXPECT_THAT(kinds(fits.problems()), IsEmpty());
}

TEST(Baseline, CountsUndecidedCasesApart) {
  const auto code = [](const std::vector<CaseRecord>& records) {
    return exit_code_of(expecting("").problems(records));
  };
  EXPECT_EQ(code({result("CER/one", Verdict::Pass)}), 0);
  EXPECT_EQ(code({result("CER/one", Verdict::Inconclusive)}), 2);
  EXPECT_EQ(code({result("CER/one", Verdict::Inconclusive), result("CER/two", Verdict::Error)}), 1);
}

TEST(Baseline, UpdateKeepsCommentsAndReasonsAndInventsNone) {
  const std::string text =
      "# heading\n\n"
      "# of the first\nCER/one Fail clause=CER-01 # EX-1\n"
      "# of the second\nCER/two Fail clause=CER-02 # EX-2\n"
      "CLR/one Fail provider=Other* # theirs\n";
  const std::vector<CaseRecord> records{result("CER/one", Verdict::Fail, "CER-01"),
                                        result("CER/two", Verdict::Pass),
                                        result("CLR/one", Verdict::Crash)};
  EXPECT_EQ(to_text(expecting(text).updated(records)),
            "# heading\n\n"
            "# of the first\nCER/one  Fail   clause=CER-01  # EX-1\n"
            "CLR/one  Crash  #\n"
            "CLR/one  Fail   provider=Other*  # theirs\n");
}

TEST(Baseline, UpdateAsksForANewReasonWhenTheFailureIsAnother) {
  EXPECT_EQ(to_text(expecting("CER/one Fail clause=CER-01 until=2027-01-01 # EX-1\n")
                        .updated({result("CER/one", Verdict::Fail, "GEN-01")})),
            "# was Fail of CER-01: EX-1\nCER/one  Fail  clause=GEN-01 until=2027-01-01  #\n");
  // What expired is somebody's to look at, not the tool's to renew.
  const std::string expired = "CER/one  Fail  until=2026-01-01  # EX-1\n";
  EXPECT_EQ(to_text(expecting(expired).updated({result("CER/one", Verdict::Fail, "GEN-01")})),
            expired);
}

}  // namespace
}  // namespace lockstep::conformance
