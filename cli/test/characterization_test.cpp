// Goal: what `lockstep bench --report` shows is what its run recorded, and others can read it.
// Method: a short run; every value that the page marks as recorded is looked up in records.jsonl.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "cli/test/run_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <regex>
#include <string>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

double recorded_value(const report::BenchmarkRecord& record, const std::string& figure) {
  if (figure == report::kRealTimeNs) return record.real_time_ns;
  if (figure.starts_with("percentile ")) return record.percentiles_us.at(figure.substr(11));
  if (figure.starts_with("progress ")) return record.progress.at(std::stoul(figure.substr(9)));
  if (figure.starts_with("copied in ")) {
    const auto end = record.progress.begin() + std::stol(figure.substr(10));
    return std::accumulate(record.progress.begin(), end, 0.0);
  }
  return record.counters.at(figure);
}

// How many values the page shows.
std::size_t compare(const std::string& page, const report::Run& run) {
  const std::regex pattern(
      R"re(value="([^"]*)" data-run="0" data-benchmark="([^"]*)" data-figure="([^"]*)")re");
  std::size_t values = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), pattern), end; at != end; ++at, ++values) {
    const auto record =
        std::ranges::find(run.benchmarks, (*at)[2].str(), &report::BenchmarkRecord::name);
    if (record == run.benchmarks.end()) {
      ADD_FAILURE() << "no record of " << (*at)[2];
      continue;
    }
    EXPECT_EQ(std::stod((*at)[1]), recorded_value(*record, (*at)[3])) << (*at)[0];
  }
  return values;
}

TEST(CharacterizationPage, AgreesWithTheRecordsOfItsRun) {
  const TemporaryFolder folder;
  const auto result =
      run_lockstep({"bench", "--report", "--filter", "^wire/.*/read/random", "--min-time-s", "0.05",
                    "--repetitions", "1", "--benchmark-json", folder.path() + "/google.json",
                    "--out", folder.path()},
                   std::chrono::seconds(60));
  ASSERT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("characterization: "));
  EXPECT_THAT(result.output, HasSubstr("wire/tcp/read/random/bs:4KiB/qd:*"));
  const auto run = report::read_run(folder.path() + "/latest");
  ASSERT_TRUE(run) << run.error().message;
  const std::string page = text_of_file(folder.path() + "/latest/characterization.html");
  EXPECT_GT(compare(page, run.value()), 50U);
  EXPECT_THAT(page, HasSubstr("against limit/ring_ping_pong/bs:4KiB"));
  EXPECT_THAT(text_of_file(folder.path() + "/google.json"), HasSubstr("\"benchmarks\": ["));

  const std::string latest = folder.path() + "/latest";
  const auto both = run_lockstep({"report", latest, latest, "--format", "characterization",
                                  "--output", folder.path() + "/both.html"});
  ASSERT_EQ(both.exit_code, kAsExpected) << both.error;
  EXPECT_THAT(text_of_file(folder.path() + "/both.html"), HasSubstr("2 runs side by side"));
}

TEST(CharacterizationPage, IsTheOnlyOneOfSeveralRuns) {
  const auto result = run_lockstep({"report", "a", "b", "--format", "html"});
  EXPECT_EQ(result.exit_code, kUsage);
  EXPECT_THAT(result.error, HasSubstr("--format characterization"));
}

}  // namespace
}  // namespace lockstep::cli
