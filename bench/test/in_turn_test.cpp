// Measuring in turn, with scripts in place of the two builds.
#include "bench/compare/in_turn.hpp"

#include "bench/process/child.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lockstep::bench::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InTurn : public testing::Test {
 protected:
  void SetUp() override {
    auto made = ScratchFolder::make();
    ASSERT_TRUE(made) << made.error().message;
    folder_.emplace(std::move(made).value());
  }

  // A program that answers `bench ... --out DIR` with one record, `ns` and a growing number apart.
  std::string program(const std::string& name, const std::string& body) {
    const std::string path = folder_->path() + "/" + name;
    std::ofstream(path)
        << "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = --out ] && out=$2; shift; done\n"
        << "echo " << name << " >> " << folder_->path() << "/order\n"
        << body;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  static std::string recording(const std::string& ns, const std::string& more = "") {
    return "mkdir -p $out/latest\n"
           "echo '{\"type\":\"run\",\"schema\":1,\"run_id\":\"r\"}' > $out/latest/records.jsonl\n"
           "echo '{\"type\":\"benchmark\",\"name\":\"a\",\"real_time_ns\":" +
           ns + more + "}' >> $out/latest/records.jsonl\n";
  }
  InTurnOptions options(const std::string& base, const std::string& fresh) const {
    InTurnOptions options;
    options.base_program = base;
    options.new_program = fresh;
    options.folder = folder_->path();
    options.least_rounds = 2;
    options.most_rounds = 3;
    return options;
  }
  std::vector<std::string> order() const {
    std::ifstream file(folder_->path() + "/order");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::optional<ScratchFolder> folder_;
};

TEST_F(InTurn, AsksEachSideOnceARoundForthAndBack) {
  const auto runs =
      measure_in_turn(options(program("base", recording("10")), program("new", recording("20"))));
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_THAT(order(), ElementsAre("base", "new", "base", "base", "new", "base"));
  const auto samples = [](const report::Run& run) {
    return run.benchmarks.at(0).samples.at(report::kRealTimeNs);
  };
  EXPECT_THAT(samples(runs.value().base), ElementsAre(10, 10));
  EXPECT_THAT(samples(runs.value().again), ElementsAre(10, 10));
  EXPECT_THAT(samples(runs.value().fresh), ElementsAre(20, 20));
  EXPECT_EQ(runs.value().fresh.benchmarks[0].real_time_ns, 20);
  EXPECT_EQ(runs.value().fresh.header.run_id, "r");
}

TEST_F(InTurn, TakesTheBestOfARound) {
  const std::string several =
      recording("20", R"(,"samples":{"real_time_ns":[30,10,20],"io_per_second":[1,3,2]})");
  const auto runs = measure_in_turn(options(program("base", several), program("new", several)));
  ASSERT_TRUE(runs) << runs.error().message;
  const auto& samples = runs.value().base.benchmarks.at(0).samples;
  EXPECT_THAT(samples.at(report::kRealTimeNs), ElementsAre(10, 10));
  EXPECT_THAT(samples.at("io_per_second"), ElementsAre(3, 3));
}

TEST_F(InTurn, GoesOnUntilTheRoundsAreEnough) {
  auto chosen = options(program("base", recording("10")), program("new", recording("20")));
  int asked = 0;
  chosen.most_rounds = 12;
  chosen.is_enough = [&](const Runs&) { return ++asked == 2; };
  const auto runs = measure_in_turn(chosen);
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(runs.value().fresh.benchmarks[0].samples.at(report::kRealTimeNs).size(), 6U);
}

TEST_F(InTurn, DropsARoundThatWasStopped) {
  auto chosen = options(program("base", recording("10")), program("new", recording("20")));
  int asked = 0;
  chosen.stop_requested = [&] { return ++asked > 4; };
  const auto runs = measure_in_turn(chosen);
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(runs.value().base.benchmarks[0].samples.at(report::kRealTimeNs).size(), 1U);
  EXPECT_EQ(runs.value().fresh.benchmarks[0].samples.at(report::kRealTimeNs).size(), 1U);
}

TEST_F(InTurn, KeepsThatABenchmarkFailed) {
  const auto runs = measure_in_turn(
      options(program("base", recording("10")),
              program("new", recording("0", ",\"error\":\"no connection\"") + "exit 1\n")));
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(runs.value().fresh.benchmarks[0].error, "no connection");
  EXPECT_TRUE(runs.value().fresh.benchmarks[0].samples.empty());
}

TEST_F(InTurn, SaysWhichProgramDoesNotMeasure) {
  const std::string good = program("base", recording("10"));
  const auto crashed = measure_in_turn(options(good, program("crashes", "exit 70\n")));
  ASSERT_FALSE(crashed);
  EXPECT_THAT(crashed.error().message,
              HasSubstr("/crashes bench: expected exit code 0 or 1, found 70"));
  const auto silent = measure_in_turn(options(good, program("silent", "exit 0\n")));
  ASSERT_FALSE(silent);
  EXPECT_THAT(silent.error().message, HasSubstr("records.jsonl"));
  auto slow = options(good, program("hangs", "exec sleep 60\n"));
  slow.round_limit = std::chrono::seconds(1);
  const auto hung = measure_in_turn(slow);
  ASSERT_FALSE(hung);
  EXPECT_THAT(hung.error().message, HasSubstr("no end in time"));
  EXPECT_FALSE(measure_in_turn(options(good, "no/such/program")));
}

}  // namespace
}  // namespace lockstep::bench::compare
