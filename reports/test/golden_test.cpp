// Each renderer against the text it is known to make, for three sample runs. After a change that is
// meant: LOCKSTEP_UPDATE_GOLDEN=1 build/dev/reports/reports_test, then look at the difference.
#include "reports/record/store.hpp"
#include "reports/render.hpp"
#include "reports/test/sample_runs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace lockstep::report {
namespace {

struct Sample {
  const char* name;
  Run (*run)();
};

constexpr Sample kSamples[] = {
    {"conformance", conformance_run}, {"benchmark", benchmark_run}, {"cut_off", cut_off_run}};

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = "reports/test/golden/" + name;
  if (std::getenv("LOCKSTEP_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

// The style sheet is long and says nothing about the records.
std::string without_style(std::string page) {
  const std::size_t first = page.find("<style>") + 7;
  return page.replace(first, page.find("</style>") - first, "...");
}

TEST(Golden, OfJunit) {
  for (const auto& [name, run] : kSamples)
    expect_golden(std::string(name) + ".xml", to_junit(run()));
}

TEST(Golden, OfMarkdown) {
  for (const auto& [name, run] : kSamples) {
    expect_golden(std::string(name) + ".md", to_markdown(run()));
  }
}

TEST(Golden, OfHtml) {
  for (const auto& [name, run] : kSamples) {
    expect_golden(std::string(name) + ".html", without_style(to_html(run(), clause_texts())));
  }
}

Run written_and_read(const Run& run) {
  Run read;
  const auto through = [](const Line& line) {
    auto parsed = parse_json_line(to_json_line(line));
    EXPECT_TRUE(parsed);
    return parsed.value();
  };
  read.header = std::get<RunHeader>(through(run.header));
  for (const auto& record : run.cases) read.cases.push_back(std::get<CaseRecord>(through(record)));
  for (const auto& record : run.coverage) {
    read.coverage.push_back(std::get<CoverageRecord>(through(record)));
  }
  for (const auto& record : run.benchmarks) {
    read.benchmarks.push_back(std::get<BenchmarkRecord>(through(record)));
  }
  if (run.summary) read.summary = std::get<RunSummary>(through(*run.summary));
  return read;
}

TEST(Renderers, MakeTheSameTextFromTheSameRecords) {
  for (const auto& [name, run] : kSamples) {
    const report::Run first = run();
    const report::Run second = written_and_read(first);
    EXPECT_EQ(to_html(first), to_html(second)) << name;
    EXPECT_EQ(to_junit(first), to_junit(second)) << name;
    EXPECT_EQ(to_markdown(first), to_markdown(second)) << name;
  }
}

}  // namespace
}  // namespace lockstep::report
