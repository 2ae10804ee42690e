// Records survive being written and read; lines that anybody may have written get a clear error.
#include "reports/record/schema.hpp"
#include "reports/record/store.hpp"
#include "reports/record/utf8.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

namespace lockstep::report {
namespace {

using testing::HasSubstr;

// Any bytes, made valid UTF-8 as the writer would.
rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::arbitrary<std::string>(),
                      [](const std::string& bytes) { return valid_utf8(bytes); });
}

rc::Gen<double> any_number() {
  return rc::gen::suchThat(
      rc::gen::oneOf(rc::gen::arbitrary<double>(),
                     rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                                  [](std::uint64_t n) { return static_cast<double>(n) / 997.0; })),
      [](double number) { return std::isfinite(number); });
}

template <class T>
rc::Gen<std::map<std::string, T>> any_map(const rc::Gen<T>& value) {
  return rc::gen::container<std::map<std::string, T>>(any_text(), value);
}

StepRecord any_step() {
  return {*any_text(), *any_text(), *any_text(), *any_text(), *rc::gen::arbitrary<bool>()};
}

CaseRecord any_case() {
  CaseRecord record;
  record.id = *any_text();
  record.method = *any_text();
  record.kind = *any_text();
  record.clauses = *rc::gen::container<std::vector<std::string>>(any_text());
  record.level = *any_text();
  record.does = *any_text();
  record.requires_text = *any_text();
  record.verdict = *rc::gen::map(rc::gen::inRange(0, 10),
                                 [](int number) { return static_cast<Verdict>(number); });
  record.message = *any_text();
  record.violated_clause = *any_text();
  record.expected = *any_text();
  record.observed = *any_text();
  record.notes = *rc::gen::container<std::vector<std::string>>(any_text());
  for (int step = *rc::gen::inRange(0, 4); step > 0; --step) record.steps.push_back(any_step());
  record.replay = *any_text();
  record.duration_us = *rc::gen::arbitrary<std::uint64_t>();
  return record;
}

Line any_line() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      RunHeader header;
      header.run_id = *any_text();
      header.provider_spec = *any_text();
      header.seed = *rc::gen::arbitrary<std::uint64_t>();
      header.selected = {*any_text(), *any_text()};
      header.shard = *any_text();
      header.configuration = *any_map(any_text());
      header.host = *any_map(any_text());
      return header;
    }
    case 1:
      return any_case();
    case 2: {
      CoverageRecord coverage;
      coverage.sequences = *rc::gen::arbitrary<std::uint64_t>();
      coverage.operations = *any_map(rc::gen::arbitrary<std::uint64_t>());
      coverage.unreached = *any_map(any_text());
      return coverage;
    }
    case 3: {
      BenchmarkRecord benchmark;
      benchmark.name = *any_text();
      benchmark.real_time_ns = *any_number();
      benchmark.repetitions = *rc::gen::arbitrary<std::uint32_t>();
      benchmark.counters = *any_map(any_number());
      return benchmark;
    }
    default: {
      RunSummary summary;
      summary.counts = *any_map(rc::gen::arbitrary<std::uint64_t>());
      summary.overall = static_cast<Overall>(*rc::gen::inRange(0, 5));
      summary.exit_code = *rc::gen::arbitrary<int>();
      return summary;
    }
  }
}

TEST(JsonLine, ReadsBackAsItWasWritten) {
  EXPECT_TRUE(rc::check([] {
    const Line line = any_line();
    const std::string text = to_json_line(line);
    RC_ASSERT(text.find('\n') == std::string::npos);
    const auto read = parse_json_line(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read.value() == line);
  }));
}

TEST(JsonLine, NeverBreaksOnAnyBytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) { (void)parse_json_line(bytes); }));
}

TEST(JsonLine, WritesBytesThatAreNotUtf8AsReplacementCharacters) {
  CaseRecord record;
  record.message = std::string("a\xFF") + '\0' + "\xC0\xAF\xED\xA0\x80z";
  const auto read = parse_json_line(to_json_line(record));
  ASSERT_TRUE(read);
  const auto& message = std::get<CaseRecord>(read.value()).message;
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(message, "a" + r + std::string(1, '\0') + r + r + r + r + r + "z");
}

TEST(JsonLine, KeepsWhatIsNotANumberApart) {
  BenchmarkRecord record;
  record.real_time_ns = std::numeric_limits<double>::infinity();
  const auto read = parse_json_line(to_json_line(record));
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(std::get<BenchmarkRecord>(read.value()).real_time_ns));
}

TEST(JsonLine, ToleratesUnknownMembersAndDefaultsMissingOnes) {
  const auto read = parse_json_line(
      R"({"future": {"x": [1]}, "type": "case", "id": "CER/x", "verdict": "Pass"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(std::get<CaseRecord>(read.value()).kind, "case");
}

struct BadLine {
  const char* text;
  const char* message;
};

TEST(JsonLine, NamesTheMemberThatIsWrong) {
  const BadLine bad[] = {
      {"", "expected one JSON value"},
      {"{", "expected one JSON value"},
      {"[]", "a JSON object"},
      {"{} {}", "more text at byte 3"},
      {"{}", "'type' is missing"},
      {R"({"type": 3})", "'type': expected a string, found int64"},
      {R"({"type": "verdict"})", "found 'verdict'"},
      {R"({"type": "case", "verdict": "Pass"})", "'id' is missing"},
      {R"({"type": "case", "id": "x"})", "'verdict' is missing"},
      {R"({"type": "case", "id": "x", "verdict": "Green"})", "no verdict is called 'Green'"},
      {R"({"type": "case", "id": "x", "verdict": "Pass", "notes": ["a", 1]})", "'notes[1]'"},
      {R"({"type": "case", "id": "x", "verdict": "Pass", "steps": [{"differs": 1}]})",
       "'steps[0].differs': expected true or false"},
      {R"({"type": "case", "id": "x", "verdict": "Pass", "duration_us": -1})",
       "whole number from 0 to 18446744073709551615"},
      {R"({"type": "case", "id": "x", "verdict": "Pass", "duration_us": 1.5})", "'duration_us'"},
      {R"({"type": "coverage", "operations": {"a": "many"}})", "'operations.a'"},
      {R"({"type": "benchmark", "name": "x", "real_time_ns": "fast"})", "expected a number"},
      {R"({"type": "summary", "overall": "Fine"})", "no overall verdict is called 'Fine'"},
      {R"({"type": "run", "schema": 2, "run_id": "r"})", "reads 1, found 2"},
      {R"({"type": "case", "x": [[[[[[[[[[[[1]]]]]]]]]]]]})", "too deep"},
      {R"({"type": "case", "id": 1e400})", "'id': expected a string"},
  };
  for (const auto& [text, message] : bad) {
    const auto read = parse_json_line(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().origin, Origin::Config);
    EXPECT_THAT(read.error().message, HasSubstr(message)) << text;
  }
}

TEST(Schema, ThePublishedOneIsTheOneThatTheCodeHas) {
  std::ifstream file("docs/records.schema.json");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), schema() + '\n')
      << "write it again: lockstep report --schema >docs/records.schema.json";
}

}  // namespace
}  // namespace lockstep::report
