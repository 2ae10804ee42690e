// JUnit XML, read back by another parser: what CI systems will count.
#include "reports/render.hpp"
#include "reports/test/sample_runs.hpp"
#include "reports/text/words.hpp"

#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace lockstep::report {
namespace {

struct Counts {
  std::uint64_t tests = 0;
  std::uint64_t failures = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

void PrintTo(const Counts& counts, std::ostream* out) {
  *out << counts.tests << " tests, " << counts.failures << " failures, " << counts.errors
       << " errors, " << counts.skipped << " skipped";
}

Counts declared(const pugi::xml_node& node) {
  return {node.attribute("tests").as_ullong(), node.attribute("failures").as_ullong(),
          node.attribute("errors").as_ullong(), node.attribute("skipped").as_ullong()};
}

Counts counted(const pugi::xml_node& suite) {
  Counts counts;
  for (const auto& test : suite.children("testcase")) {
    ++counts.tests;
    counts.failures += test.child("failure") ? 1U : 0U;
    counts.errors += test.child("error") ? 1U : 0U;
    counts.skipped += test.child("skipped") ? 1U : 0U;
  }
  return counts;
}

class Parsed {
 public:
  explicit Parsed(const Run& run) {
    const std::string text = to_junit(run);
    const auto result = document_.load_buffer(text.data(), text.size(), pugi::parse_full);
    EXPECT_TRUE(result) << result.description() << " at " << result.offset;
  }
  [[nodiscard]] pugi::xml_node root() const { return document_.child("testsuites"); }
  [[nodiscard]] pugi::xml_node test(const char* name) const {
    return document_.select_node((std::string("//testcase[@name='") + name + "']").c_str()).node();
  }

 private:
  pugi::xml_document document_;
};

TEST(Junit, CountsRightAtBothLevels) {
  for (const report::Run& run :
       {conformance_run(), benchmark_run(), cut_off_run(), report::Run{}}) {
    const Parsed parsed(run);
    Counts total;
    for (const auto& suite : parsed.root().children("testsuite")) {
      EXPECT_EQ(declared(suite), counted(suite)) << suite.attribute("name").as_string();
      const Counts here = counted(suite);
      total.tests += here.tests;
      total.failures += here.failures;
      total.errors += here.errors;
      total.skipped += here.skipped;
    }
    EXPECT_EQ(declared(parsed.root()), total);
  }
}

TEST(Junit, MapsEachVerdictToItsElement) {
  const Parsed parsed(conformance_run());
  EXPECT_EQ(declared(parsed.root()), (Counts{12, 1, 3, 3}));
  for (const VerdictLook& look : verdict_looks()) {
    report::Run run;
    CaseRecord& record = run.cases.emplace_back();
    record.id = "X/one";
    record.verdict = look.verdict;
    record.message = "why it is so";
    run.summary = summarise(run.cases);
    const Parsed one(run);
    const auto test = one.test("X/one");
    ASSERT_TRUE(test) << look.word;
    const bool failed = look.verdict == Verdict::Fail;
    const bool skipped = is_skip(look.verdict);
    EXPECT_EQ(static_cast<bool>(test.child("failure")), failed) << look.word;
    EXPECT_EQ(static_cast<bool>(test.child("skipped")), skipped) << look.word;
    EXPECT_EQ(static_cast<bool>(test.child("error")), !failed && !skipped && !is_pass(look.verdict))
        << look.word;
    if (skipped) {
      EXPECT_STREQ(test.child("skipped").attribute("message").as_string(),
                   (std::string(look.word) + ": why it is so").c_str());
    }
  }
}

TEST(Junit, TakesExpectedFailuresOutAndTheBaselinesProblemsIn) {
  report::Run run = conformance_run();
  for (CaseRecord& record : run.cases) {
    if (is_bad(record.verdict)) record.excuse = "EX-1234";
  }
  ASSERT_TRUE(run.summary.has_value());
  run.summary->problems = {"stale: known.txt, line 1"};
  const Parsed parsed(run);
  const Counts counts = declared(parsed.root());
  EXPECT_EQ(counts.failures, 0U);
  std::uint64_t expected = 0;
  for (const CaseRecord& record : run.cases) {
    if (record.excuse.empty()) continue;
    ++expected;
    const std::string message =
        parsed.test(record.id.c_str()).child("skipped").attribute("message").as_string();
    EXPECT_NE(message.find("EX-1234"), std::string::npos) << record.id;
  }
  EXPECT_GT(expected, 0U);
  EXPECT_STREQ(parsed.test("baseline").child("error").attribute("message").as_string(),
               "stale: known.txt, line 1");
}

TEST(Junit, CarriesTheCounterexample) {
  const Parsed parsed(conformance_run());
  const auto failure = parsed.test("CER/snapshot-instant").child("failure");
  EXPECT_STREQ(failure.attribute("type").as_string(), "CER-40");
  const std::string body = failure.child_value();
  EXPECT_NE(body.find("</pre><script>alert(\"1\")</script>"), std::string::npos) << body;
  EXPECT_NE(body.find("<-- differs"), std::string::npos) << body;
  EXPECT_NE(body.find("replay: lockstep replay"), std::string::npos) << body;
  const std::string notes = parsed.test("CER/snapshot-instant").child_value("system-out");
  EXPECT_NE(notes.find("]]>"), std::string::npos);
  EXPECT_NE(notes.find("\u241B[31m"), std::string::npos) << "the escape character is shown";
}

TEST(Junit, KeepsLineBreaksOfMessages) {
  report::Run run;
  CaseRecord& record = run.cases.emplace_back();
  record.id = "X";
  record.verdict = Verdict::Fail;
  record.message = "one\n\ttwo\r\n";
  const Parsed parsed(run);
  EXPECT_STREQ(parsed.test("X").child("failure").attribute("message").as_string(),
               "one\n\ttwo\r\n");
}

TEST(Junit, IsNotGreenWhenNothingRanOrTheRunWasCutOff) {
  EXPECT_EQ(declared(Parsed(cut_off_run()).root()), (Counts{2, 0, 1, 0}));
  report::Run empty;
  empty.summary = RunSummary{};
  EXPECT_EQ(declared(Parsed(empty).root()), (Counts{1, 0, 1, 0}));
  report::Run skipped = empty;
  skipped.cases.emplace_back().verdict = Verdict::Disabled;
  EXPECT_EQ(declared(Parsed(skipped).root()), (Counts{2, 0, 1, 1}));
}

TEST(Junit, SurvivesEveryByte) {
  report::Run run;
  for (int byte = 0; byte < 256; ++byte) {
    CaseRecord& record = run.cases.emplace_back();
    record.id = record.method = record.message = std::string("x") + static_cast<char>(byte) + "y";
    record.verdict = Verdict::Fail;
  }
  EXPECT_EQ(counted(Parsed(run).root().child("testsuite")).failures, 1U);
  EXPECT_EQ(declared(Parsed(run).root()).failures, 256U);
}

}  // namespace
}  // namespace lockstep::report
