// The helpers of the renderers: escaping, quantities, ticks, windows of steps.
#include "reports/html/chart.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/quantity.hpp"
#include "reports/text/words.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

namespace lockstep::report {
namespace {

TEST(Escape, LeavesNoMarkupAndNoControlCharacter) {
  EXPECT_EQ(escape("a<b>&\"'\n\t"), "a&lt;b&gt;&amp;&quot;&#39;\n\t");
  EXPECT_EQ(escape_attribute("a\n\tb"), "a&#10;&#9;b");
  EXPECT_EQ(escape(std::string("\0\x1F\x7F", 3)), "\u2400\u241F\u2421");
  EXPECT_EQ(escape("\xC2\x85|\xEF\xBF\xBE|\xFF"), "\uFFFD|\uFFFD|\uFFFD");
  EXPECT_EQ(escape("größer → ≥"), "größer → ≥");
}

TEST(Escape, NeverLetsABracketOrQuoteThrough) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const std::string text = escape(bytes);
    RC_ASSERT(text.find_first_of("<>\"'\r") == std::string::npos);
  }));
}

TEST(Quantity, ReadsWell) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(1234567), "1\u202F234\u202F567");
  EXPECT_EQ(count_of(1, "case", "cases"), "1 case");
  EXPECT_EQ(duration_text(999), "999 µs");
  EXPECT_EQ(duration_text(1500), "1.50 ms");
  EXPECT_EQ(duration_text(125'000'000), "2 min 05 s");
  EXPECT_EQ(duration_text(3'725'000'000), "1 h 02 min");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(number_text(0), "0.00");
  EXPECT_EQ(number_text(-1234.4), "-1\u202F234");
}

TEST(Quantity, SharesOneUnitThatKeepsTheSmallerDigits) {
  EXPECT_EQ(quantity_of("bytes_per_second", 1.1 * 1024 * 1024 * 1024).unit, "MiB/s");
  EXPECT_EQ(quantity_of("bytes_per_second", 11.0 * 1024 * 1024 * 1024).unit, "GiB/s");
  EXPECT_EQ(quantity_of("p99_us", 900).unit, "µs");
  EXPECT_DOUBLE_EQ(quantity_of("p99_us", 900).scale * 900, 900);
  EXPECT_EQ(quantity_of("p99_us", 90'000).unit, "ms");
  EXPECT_DOUBLE_EQ(quantity_of("p99_us", 90'000).scale * 90'000, 90);
  EXPECT_EQ(quantity_of("blocks_moved", 3).title, "blocks moved");
}

TEST(Ticks, ReachTheLargestValueInAtMostSixRoundSteps) {
  EXPECT_EQ(html::ticks_to(1000), (std::vector<double>{0, 200, 400, 600, 800, 1000}));
  EXPECT_EQ(html::ticks_to(0), (std::vector<double>{0, 1}));
  EXPECT_EQ(html::ticks_to(std::numeric_limits<double>::infinity()), (std::vector<double>{0, 1}));
  EXPECT_TRUE(rc::check([] {
    const double mantissa = *rc::gen::inRange(1, 1'000'000);
    const double largest = mantissa * std::pow(10.0, *rc::gen::inRange(-12, 12));
    const auto ticks = html::ticks_to(largest);
    RC_ASSERT(ticks.front() == 0);
    RC_ASSERT(ticks.back() >= largest * (1 - 1e-9));
    RC_ASSERT(ticks.size() >= 3U);
    RC_ASSERT(ticks.size() <= 7U);
  }));
}

TEST(Steps, WindowHoldsTheDifferenceWhereverItIs) {
  for (std::size_t at = 0; at < 100; ++at) {
    CaseRecord record;
    record.steps.resize(100);
    record.steps[at].differs = true;
    const auto [first, last] = steps_to_show(record, 20);
    EXPECT_EQ(last - first, 20U);
    EXPECT_TRUE(first <= at && at < last) << at;
  }
}

TEST(Conclusion, NeverClaimsMoreThanWasSeen) {
  report::Run run;
  run.summary = RunSummary{};
  EXPECT_EQ(conclusion_of(run).headline, "Nothing ran");
  run.cases.emplace_back().verdict = Verdict::Pass;
  run.summary->overall = Overall::Conformant;
  EXPECT_EQ(conclusion_of(run).headline, "Conformant");
  run.summary.reset();
  EXPECT_EQ(conclusion_of(run).headline, "Cut off: Conformant so far");
  EXPECT_STREQ(conclusion_of(run).tone, "open");
  run.cases.emplace_back().verdict = Verdict::NotTestable;
  run.summary = summarise(run.cases);
  EXPECT_EQ(conclusion_of(run).headline, "Conformant with skips");
  EXPECT_TRUE(conclusion_of(run).cautions.empty());
}

TEST(Section, TitlesFollowTheClausePrefixes) {
  EXPECT_EQ(section_title("CER"), "CreateElementReplica");
  EXPECT_EQ(section_title("XYZ"), "XYZ");
  EXPECT_EQ(section_title(""), "Other cases");
}

}  // namespace
}  // namespace lockstep::report
