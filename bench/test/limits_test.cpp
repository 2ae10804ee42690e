// Which line a benchmark is held against, by name and by figure; and that what Google Benchmark
// would have written is what its readers expect.
#include "bench/limits.hpp"

#include "bench/bench.hpp"
#include "bench/process/child.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::bench {
namespace {

TEST(LimitOf, FollowsPathSizeAndDepth) {
  EXPECT_EQ(limit_of("data_path/read/random/bs:4KiB/qd:1"), "limit/tcp_ping_pong/bs:4KiB");
  EXPECT_EQ(limit_of("wire/tcp/write/sequential/bs:64KiB/qd:16"),
            "limit/tcp_stream/bs:64KiB/qd:16");
  EXPECT_EQ(limit_of("wire/bypass/read/random/bs:4KiB/qd:64"), "limit/ring_stream/bs:4KiB/qd:64");
  EXPECT_EQ(limit_of("copy/through_initiator/bs:1MiB/qd:8"), "copy/memcpy/bs:256KiB");
  for (const char* none : {"copy/memcpy/bs:256KiB", "copy/share_extents", "snapshot/create",
                           "limit/tcp_stream/bs:4KiB/qd:4"}) {
    EXPECT_EQ(limit_of(none), std::nullopt) << none;
  }
}

// Every line that a benchmark names is one of the suite.
TEST(LimitOf, NamesWhatIsMeasured) {
  const auto names = list_benchmarks({});
  const std::set<std::string> all(names.begin(), names.end());
  for (const std::string& name : names) {
    const auto limit = limit_of(name);
    EXPECT_TRUE(!limit || all.contains(*limit)) << name;
  }
}

TEST(ShareOfLimit, IsByLatencyOrByRate) {
  report::BenchmarkRecord record;
  record.counters = {{"p50_us", 20}, {"bytes_per_second", 300}};
  report::BenchmarkRecord limit;
  limit.name = "limit/tcp_ping_pong/bs:4KiB";
  // The best of its repetitions counts.
  limit.samples = {{"p50_us", {9, 5, 7}}, {"bytes_per_second", {300, 400, 200}}};
  EXPECT_EQ(share_of_limit(record, limit), 0.25);
  limit.name = "limit/tcp_stream/bs:4KiB/qd:4";
  EXPECT_EQ(share_of_limit(record, limit), 0.75);
  limit.error = "failed";
  EXPECT_EQ(share_of_limit(record, limit), std::nullopt);
  limit.error.clear();
  record.counters.erase("bytes_per_second");
  EXPECT_EQ(share_of_limit(record, limit), std::nullopt);
}

class GoogleFiles : public testing::Test {
 protected:
  void SetUp() override {
    auto made = ScratchFolder::make();
    ASSERT_TRUE(made) << made.error().message;
    folder_.emplace(std::move(made).value());
    options_.filter = "^snapshot/create/volume:1GiB$|^limit/ring_stream/bs:4KiB/qd:4$";
    options_.min_time_s = 0.01;
    options_.repetitions = 2;
  }
  [[nodiscard]] std::string path(const char* name) const { return folder_->path() + "/" + name; }
  static std::string content(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::optional<ScratchFolder> folder_;
  BenchOptions options_;
};

// The members that Google's own compare.py reads.
TEST_F(GoogleFiles, HoldRepetitionsAndAggregatesAsJson) {
  options_.google_json = path("out.json");
  const auto records = run_benchmarks(options_);
  ASSERT_TRUE(records) << records.error().message;
  const auto parsed = boost::json::parse(content(options_.google_json));
  EXPECT_TRUE(parsed.at("context").as_object().contains("num_cpus"));
  std::size_t repetitions = 0;
  std::size_t aggregates = 0;
  for (const auto& one : parsed.at("benchmarks").as_array()) {
    const auto& members = one.as_object();
    for (const char* name : {"name", "run_name", "run_type", "iterations", "real_time", "cpu_time",
                             "time_unit", "repetitions"}) {
      EXPECT_TRUE(members.contains(name)) << name;
    }
    (members.at("run_type").as_string() == "iteration" ? repetitions : aggregates) += 1;
  }
  EXPECT_EQ(repetitions, 4U);
  EXPECT_GT(aggregates, 0U);
}

// Benchmarks with different counters share one header.
TEST_F(GoogleFiles, HoldOneRowForEachRunAsCsv) {
  options_.google_csv = path("out.csv");
  ASSERT_TRUE(run_benchmarks(options_));
  std::ifstream stream(options_.google_csv);
  std::string header;
  std::getline(stream, header);
  EXPECT_THAT(header,
              testing::StartsWith("name,iterations,real_time,cpu_time,time_unit,bytes_per_second,"
                                  "items_per_second,label,error_occurred,error_message"));
  EXPECT_THAT(header, testing::HasSubstr("\"p99_9_us\""));
  const auto commas = [](const std::string& line) { return std::ranges::count(line, ','); };
  std::size_t rows = 0;
  for (std::string line; std::getline(stream, line); ++rows) {
    EXPECT_EQ(commas(line), commas(header)) << line;
  }
  EXPECT_GE(rows, 4U);
}

TEST_F(GoogleFiles, SayWhereTheyCannotBeWritten) {
  options_.google_json = path("no/such/folder/out.json");
  const auto records = run_benchmarks(options_);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().origin, Origin::Config);
  EXPECT_THAT(records.error().message, testing::HasSubstr("no/such/folder/out.json"));
}

}  // namespace
}  // namespace lockstep::bench
