// The page: self-contained, well formed, and safe whatever a record says.
#include "reports/render.hpp"
#include "reports/test/sample_runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace lockstep::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> found(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    all.push_back((*at)[1].str());
  }
  return all;
}

// Every element that is opened is closed in turn; empty when so.
std::string unbalanced(const std::string& page) {
  const std::set<std::string> void_elements{"meta", "input", "!DOCTYPE"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag without an end";
    const std::string tag = page.substr(at + 1, end - at - 1);
    const std::string name =
        tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" \n/", 1) - (tag[0] == '/' ? 1 : 0));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != name)
        return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (tag.back() != '/' && !void_elements.contains(name)) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

class Pages : public testing::Test {
 protected:
  std::vector<std::string> pages_{
      to_html(conformance_run()),
      to_html(benchmark_run()),
      to_html(cut_off_run()),
      to_html(report::Run{}),
      to_html(std::vector<report::Run>{conformance_run(), cut_off_run(), benchmark_run()}),
      to_characterization({benchmark_run(), benchmark_run()}),
      to_html(conformance_run(), clause_texts())};
};

TEST_F(Pages, NeedNothingFromOutside) {
  for (const std::string& page : pages_) {
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<link")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("://")));
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  }
}

TEST_F(Pages, CloseWhatTheyOpen) {
  for (const std::string& page : pages_) EXPECT_EQ(unbalanced(page), "");
}

TEST(ClausePages, SayWhatAClauseIsAndWhichCasesCheckIt) {
  const std::string page = to_html(conformance_run(), clause_texts());
  const std::size_t at = page.find("<div id=\"clause-CER-40\">");
  ASSERT_NE(at, std::string::npos);
  const std::string section = page.substr(at, page.find("</details>", at) - at);
  EXPECT_THAT(section, HasSubstr("A snapshot holds the bytes of one instant &lt;not two&gt;."));
  EXPECT_THAT(section, HasSubstr("<dd>CreateElementReplica, remarks</dd>"));
  EXPECT_THAT(section, HasSubstr("<dd>shall</dd>"));
  EXPECT_THAT(section, HasSubstr("Checked by 1 case of this run"));
  EXPECT_THAT(section, HasSubstr("href=\"#case-CER-snapshot-instant\""));
  EXPECT_THAT(section, HasSubstr("by this clause"));
  // The way back.
  EXPECT_THAT(page, HasSubstr("<dt>Clauses</dt><dd><a href=\"#clause-CER-40\">CER-40</a>"));
  EXPECT_THAT(page, Not(HasSubstr("CER-99")));  // nothing is claimed of it
  // A clause of which nothing is known has its cases, and no empty words.
  const std::size_t bare = page.find("<div id=\"clause-ATT-07\">");
  ASSERT_NE(bare, std::string::npos);
  EXPECT_THAT(page.substr(bare, page.find("</details>", bare) - bare), Not(HasSubstr("<dl")));
  // Several runs side by side tell cases only.
  const std::string together = to_html(std::vector<report::Run>{conformance_run(), cut_off_run()});
  EXPECT_THAT(together, Not(HasSubstr("#clause-")));
}

TEST(SideBySide, RunsOfOneProductAreToldApartByWhatTheUserCalledThem) {
  report::Run one = conformance_run();
  report::Run other = one;
  one.header.provider_spec = "cimxml://first";
  other.header.provider_spec = "cimxml://second";
  const std::string page = to_html(std::vector<report::Run>{one, other});
  EXPECT_THAT(page, HasSubstr("7.2 (cimxml://second)"));
  other.header.provider_spec = one.header.provider_spec;
  other.header.run_id = "run-later";
  EXPECT_THAT(to_html(std::vector<report::Run>{one, other}), HasSubstr("7.2, run-later"));
}

TEST_F(Pages, LeadEveryLinkSomewhere) {
  for (const std::string& page : pages_) {
    const auto ids = found(page, " id=\"([^\"]*)\"");
    const std::set<std::string> targets(ids.begin(), ids.end());
    EXPECT_EQ(targets.size(), ids.size()) << "an id is used twice";
    const auto links = found(page, " href=\"#([^\"]*)\"");
    EXPECT_FALSE(links.empty());
    for (const std::string& link : links) EXPECT_TRUE(targets.contains(link)) << link;
    for (const std::string& name : found(page, " aria-labelledby=\"([^\"]*)\"")) {
      EXPECT_TRUE(targets.contains(name)) << name;
    }
  }
}

TEST_F(Pages, HaveCaptionsAndScopesForEveryTable) {
  for (const std::string& page : pages_) {
    EXPECT_EQ(found(page, "(<table)").size(), found(page, "(<caption>)").size());
    for (const std::string& cell : found(page, "<th([ >][^>]*)")) {
      if (cell.starts_with("ead")) continue;
      EXPECT_THAT(cell, HasSubstr("scope="));
    }
    EXPECT_EQ(found(page, "(<svg)").size(), found(page, "<svg[^>]* (aria-label)=").size());
  }
}

TEST_F(Pages, SayWhatTheVerdictDoesNotShow) {
  EXPECT_THAT(pages_[0], HasSubstr(">Not conformant</p>"));
  EXPECT_THAT(pages_[1], HasSubstr("Nothing is said about conformance"));
  EXPECT_THAT(pages_[2], HasSubstr("The run was cut off before its end"));
  EXPECT_THAT(pages_[2], HasSubstr(">Cut off: Conformant so far</p>"));
  EXPECT_THAT(pages_[3], HasSubstr("Nothing ran"));
}

TEST_F(Pages, MarkTheStepThatDiffers) {
  EXPECT_EQ(found(pages_[0], "(<tr class=\"differs\">)").size(), 1U);
  EXPECT_THAT(pages_[0], HasSubstr("◀ differs"));
}

TEST_F(Pages, ShowOtherClausesOfAFailedCaseAsUndecided) {
  EXPECT_THAT(pages_[0], HasSubstr("title=\"CER-40: Fail, 1 case\""));
  EXPECT_THAT(pages_[0], HasSubstr("title=\"GEN-04: Inconclusive, 1 case\""));
}

TEST(Page, EscapesEveryTextOfEveryRecord) {
  const std::string evil = "<i>&\"'</i>";
  report::Run run;
  run.header = {1,    evil, evil, evil, evil,           evil,
                evil, evil, evil, 1,    {{evil, evil}}, {{evil, evil}}};
  for (const Verdict verdict : {Verdict::Pass, Verdict::Fail, Verdict::Disabled}) {
    CaseRecord record{evil,    evil, evil, {evil}, evil, evil,   evil,
                      verdict, evil, evil, evil,   evil, {evil}, {{evil, evil, evil, evil, true}},
                      evil,    1};
    run.cases.push_back(record);
  }
  run.coverage.push_back({1, 1, {{evil, 1}}, {{evil, 1}}, {{evil, 1}}, {{evil, evil}}});
  for (const char* depth : {"/qd:1", "/qd:2", "", "/qd:x"}) {
    run.benchmarks.push_back({evil + depth,
                              evil,
                              1,
                              1,
                              1,
                              {{"bytes_per_second", 1}, {"p50_us", 1}, {"p99_us", 2}, {evil, 3}},
                              ""});
  }
  run.benchmarks.push_back({evil, evil, 1, 1, 1, {}, evil});
  EXPECT_THAT(to_characterization({run, run}), Not(HasSubstr("<i>")));
  const std::string page = to_html(run);
  EXPECT_THAT(page, Not(HasSubstr("<i>")));
  EXPECT_EQ(unbalanced(page), "");
  // In Markdown, a code span shows markup as it is.
  const std::string markdown = std::regex_replace(to_markdown(run), std::regex("`[^`]*`"), "");
  EXPECT_THAT(markdown, Not(HasSubstr("<i>")));
}

TEST(Page, CapsTheStepsOfALongCaseAroundTheDifference) {
  report::Run run;
  CaseRecord& record = run.cases.emplace_back();
  record.id = "long";
  record.verdict = Verdict::Fail;
  for (int i = 0; i < 1000; ++i)
    record.steps.push_back({"step-" + std::to_string(i), "", "", "", i == 700});
  const std::string page = to_html(run);
  EXPECT_EQ(found(page, "(step-[0-9]+)").size(), 200U);
  EXPECT_THAT(page, HasSubstr("step-700<"));
  EXPECT_THAT(page, HasSubstr("left out here; records.jsonl has them"));
}

TEST(Page, FollowsTheCasesWhereTheSummarySaysOtherwise) {
  report::Run run = conformance_run();
  run.summary->overall = Overall::Conformant;
  const std::string page = to_html(run);
  EXPECT_THAT(page, HasSubstr(">Not conformant</p>"));
  EXPECT_THAT(
      page,
      HasSubstr("The recorded summary says Conformant, the recorded cases say NotConformant"));
}

}  // namespace
}  // namespace lockstep::report
