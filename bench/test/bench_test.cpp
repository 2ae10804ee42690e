// Goal: every benchmark of the suite runs, verifies its data and yields the counters it promises.
// Method: the shortest possible run of each.
#include "bench/bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lockstep::bench {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;

BenchOptions smoke(std::string filter) {
  BenchOptions options;
  options.filter = std::move(filter);
  options.min_time_s = 0.01;
  options.repetitions = 1;
  return options;
}

std::vector<report::BenchmarkRecord> run(const BenchOptions& options) {
  auto records = run_benchmarks(options);
  EXPECT_TRUE(records.has_value()) << records.error().message;
  if (!records) return {};
  EXPECT_EQ(records.value().size(), list_benchmarks(options).size());
  for (const auto& record : records.value()) {
    EXPECT_EQ(record.error, "") << record.name;
    EXPECT_GT(record.real_time_ns, 0) << record.name;
    EXPECT_GT(record.iterations, 0U) << record.name;
    for (const auto& [name, value] : record.counters) {
      // The kernel counts processor time too coarsely for the shortest ones, what costs no system
      // call counts none, a fitted slope of what does not grow has either sign, and a mirror need
      // not lag.
      if (!name.starts_with("cpu_s_per_gib") && name.find("_per_io_") == std::string::npos &&
          !name.starts_with("slope_") && !record.name.starts_with("lag/")) {
        EXPECT_GT(value, 0) << record.name << ' ' << name;
      }
    }
  }
  return std::move(records).value();
}

void expect_the_figures_of_a_load(const report::BenchmarkRecord& record) {
  for (const char* name :
       {"bytes_per_second", "io_per_second", "p50_us", "p99_us", "p99_9_us", "cpu_s_per_gib",
        "cpu_s_per_gib_initiator", "cpu_s_per_gib_target", "switches_per_io_initiator",
        "switches_per_io_target", "syscalls_per_io_target"}) {
    ASSERT_THAT(record.counters, Contains(Key(name))) << record.name;
  }
  EXPECT_LE(record.counters.at("p50_us"), record.counters.at("p99_us")) << record.name;
  EXPECT_LE(record.counters.at("p99_us"), record.counters.at("p99_9_us")) << record.name;
  EXPECT_FALSE(record.percentiles_us.empty()) << record.name;
}

TEST(BenchmarkNames, AreUniquePaths) {
  const auto names = list_benchmarks({});
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_THAT(names, Contains("data_path/read/random/bs:4KiB/qd:16"));
  EXPECT_THAT(names, Contains("data_path/write/sequential/bs:256KiB/qd:64"));
  EXPECT_THAT(names, Contains("copy/through_initiator/bs:256KiB/qd:8"));
  EXPECT_THAT(names, Contains("copy/share_extents"));
  EXPECT_THAT(names, Contains("snapshot/create/volume:1TiB"));
}

TEST(BenchmarkFilter, SelectsAndExcludes) {
  EXPECT_THAT(list_benchmarks(smoke("^copy/share")), testing::ElementsAre("copy/share_extents"));
  const auto others = list_benchmarks(smoke("-^copy/"));
  EXPECT_EQ(others.size() + list_benchmarks(smoke("^copy/")).size(), list_benchmarks({}).size());
}

TEST(BenchmarkFilter, MustSelectSomething) {
  const auto none = run_benchmarks(smoke("no such thing"));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().origin, Origin::Usage);
  EXPECT_THAT(none.error().message, HasSubstr("no such thing"));
  EXPECT_TRUE(list_benchmarks(smoke("no such thing")).empty());
}

TEST(BenchmarkFilter, MustBeARegularExpression) {
  const auto wrong = run_benchmarks(smoke("read("));
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().origin, Origin::Usage);
  EXPECT_THAT(wrong.error().message, HasSubstr("regular expression"));
}

TEST(BenchmarkOptions, AreChecked) {
  BenchOptions options = smoke(".");
  options.repetitions = 0;
  EXPECT_EQ(run_benchmarks(options).error().origin, Origin::Usage);
  options = smoke(".");
  options.min_time_s = 0;
  EXPECT_EQ(run_benchmarks(options).error().origin, Origin::Usage);
}

TEST(DataPathBenchmarks, RunAndVerifyTheirData) {
  std::size_t told = 0;
  BenchOptions options = smoke("^data_path/");
  options.finished = [&](const report::BenchmarkRecord&) { ++told; };
  const auto records = run(options);
  EXPECT_EQ(told, records.size());
  for (const auto& record : records) {
    EXPECT_EQ(record.group, "data path");
    expect_the_figures_of_a_load(record);
  }
}

TEST(WireBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^wire/"))) {
    EXPECT_EQ(record.group, "wire");
    expect_the_figures_of_a_load(record);
    EXPECT_THAT(record.counters, Contains(Key("syscalls_per_io_initiator"))) << record.name;
    if (record.name.starts_with("wire/tcp/") && record.name.ends_with("/qd:1")) {
      // One to receive and one to send, at least, for each request alone.
      EXPECT_GE(record.counters.at("syscalls_per_io_target"), 2) << record.name;
      EXPECT_GE(record.counters.at("syscalls_per_io_initiator"), 2) << record.name;
    }
  }
}

TEST(LimitBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^limit/"))) {
    EXPECT_EQ(record.group, "limit");
    EXPECT_THAT(record.counters, Contains(Key("bytes_per_second"))) << record.name;
  }
}

TEST(ScalingBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^scaling/"))) EXPECT_EQ(record.group, "scaling");
}

TEST(Limits, AreMeasuredWithWhatIsHeldAgainstThem) {
  BenchOptions options = smoke("^wire/tcp/read/random/bs:4KiB/qd:1$|^copy/through.*bs:1MiB");
  EXPECT_EQ(list_benchmarks(options).size(), 2U);
  options.with_limits = true;
  const auto records = run(options);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0].name, "limit/tcp_ping_pong/bs:4KiB");
  EXPECT_EQ(records[1].name, "copy/memcpy/bs:256KiB");
  for (const std::size_t at : {2U, 3U}) {
    EXPECT_EQ(records[at].limit, records[at - 2].name);
    EXPECT_GT(records[at].counters.at(report::kShareOfLimit), 0);
  }
}

TEST(OutsideCases, AreMeasuredAsBenchmarks) {
  BenchOptions options = smoke("^outside/");
  options.outside = {{"outside/good",
                      [](std::chrono::milliseconds) {
                        return Result<OutsideSample>(OutsideSample{0.25, {{"steps", 4}}});
                      }},
                     {"outside/bad", [](std::chrono::milliseconds) {
                        return Result<OutsideSample>(internal_error("no such thing"));
                      }}};
  const auto records = run_benchmarks(options);
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records.value().size(), 2U);
  EXPECT_EQ(records.value()[0].group, "outside");
  EXPECT_DOUBLE_EQ(records.value()[0].real_time_ns, 0.25e9);
  EXPECT_EQ(records.value()[0].counters.at("steps"), 4);
  EXPECT_EQ(records.value()[1].error, "no such thing");
}

TEST(CopyBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^copy/"))) {
    EXPECT_EQ(record.group, "copy");
    const bool compared = record.name.starts_with("copy/in_turn/");
    EXPECT_THAT(record.counters,
                Contains(Key(compared ? "in_target_vs_memcpy" : "bytes_per_second")))
        << record.name;
  }
}

TEST(MirrorBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^mirror/"))) {
    EXPECT_EQ(record.group, "mirror");
    const bool resync = record.name.starts_with("mirror/resync/");
    EXPECT_THAT(record.counters,
                Contains(Key(resync ? "worst_vs_allowed" : "io_per_second_vs_unmirrored")))
        << record.name;
  }
}

TEST(LagBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^lag/.*:0$"))) {
    EXPECT_THAT(record.counters, Contains(Key("writes_per_second")));
  }
}

TEST(UnderLoadBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^under_load/"))) {
    EXPECT_EQ(record.group, "under load");
  }
}

TEST(SnapshotBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^snapshot/"))) {
    EXPECT_EQ(record.group, "snapshot");
    const bool fitted = record.name.starts_with("snapshot/slope/");
    EXPECT_THAT(record.counters, Contains(Key(fitted ? "slope_us_per_TiB" : "p50_us")))
        << record.name;
  }
}

TEST(ReplicaBenchmarks, RunAndVerifyTheirData) {
  for (const auto& record : run(smoke("^replica/"))) {
    EXPECT_EQ(record.group, "replica");
    EXPECT_THAT(record.counters, Contains(Key("p50_us"))) << record.name;
  }
}

TEST(Benchmarks, StopWhenAsked) {
  BenchOptions options = smoke("^data_path/read/random");
  int told = 0;
  options.finished = [&](const report::BenchmarkRecord&) { ++told; };
  options.stop_requested = [&] { return told == 1; };
  const auto records = run_benchmarks(options);
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(records.value().size(), 1U);
}

TEST(Repetitions, AreMergedIntoOneRecord) {
  BenchOptions options = smoke("^data_path/read/random/bs:4KiB/qd:16$");
  options.repetitions = 3;
  const auto records = run(options);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].name, "data_path/read/random/bs:4KiB/qd:16");
  EXPECT_EQ(records[0].repetitions, 3U);
}

}  // namespace
}  // namespace lockstep::bench
