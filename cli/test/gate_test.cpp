// Goal: the gate's exit code says what the runs say. Method: runs written as records, and the
// program itself measured against itself.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

class Gate : public testing::Test {
 protected:
  // Sixteen repetitions around `ns`, two in a hundred apart.
  std::string run(const std::string& name, double ns, const std::string& cpu = "a cpu",
                  int repetitions = 16) {
    const auto writer = report::RecordWriter::create(folder_.path() + "/" + name);
    EXPECT_TRUE(writer) << writer.error().message;
    report::RunHeader header;
    header.run_id = name;
    header.host["cpu"] = cpu;
    report::BenchmarkRecord record;
    record.name = "copy/engine";
    record.real_time_ns = ns;
    for (int at = 0; at < repetitions; ++at) {
      record.samples[report::kRealTimeNs].push_back(ns * (1 + 0.0025 * (at * 7 % 8)));
    }
    EXPECT_TRUE(writer.value()->append(report::Line{header}));
    EXPECT_TRUE(writer.value()->append(report::Line{record}));
    return writer.value()->folder().string();
  }

  TemporaryFolder folder_;
};

TEST_F(Gate, IsGreenWhereNothingChanged) {
  const auto result = run_lockstep({"gate", run("base", 1000), run("new", 1010)});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("1 same"));
}

TEST_F(Gate, FailsOnATenth) {
  const std::string markdown = folder_.path() + "/gate.md";
  const auto result =
      run_lockstep({"gate", run("base", 1000), run("new", 1100), "--markdown", markdown});
  EXPECT_EQ(result.exit_code, kUnexpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("+10.0 %"));
  EXPECT_THAT(result.output, HasSubstr("1 worse"));
  std::ostringstream written;
  written << std::ifstream(markdown).rdbuf();
  EXPECT_THAT(written.str(), HasSubstr("| `copy/engine` | 1.01 us | 1.11 us | +10.0 %"));
}

TEST_F(Gate, TakesLimitsFromAFile) {
  const std::string file = folder_.path() + "/limits.toml";
  std::ofstream(file) << "[[rule]]\nname = \"^copy/\"\nworse_percent = 15\n";
  const auto result =
      run_lockstep({"gate", run("base", 1000), run("new", 1100), "--thresholds", file});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  std::ofstream(file) << "[[rule]]\nname = \"^copy/\"\nworse_percent = 0\n";
  const auto refused =
      run_lockstep({"gate", run("base2", 1000), run("new2", 1100), "--thresholds", file});
  EXPECT_EQ(refused.exit_code, kUsage);
  EXPECT_THAT(refused.error, HasSubstr("worse_percent"));
}

TEST_F(Gate, IsInconclusiveOverThreeRepetitions) {
  const auto result =
      run_lockstep({"gate", run("base", 1000, "a cpu", 3), run("new", 1500, "a cpu", 3)});
  EXPECT_EQ(result.exit_code, kInconclusive) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("too few repetitions"));
}

TEST_F(Gate, RefusesAnotherMachine) {
  const auto result = run_lockstep({"gate", run("base", 1000), run("new", 1000, "another cpu")});
  EXPECT_EQ(result.exit_code, kUsage);
  EXPECT_THAT(result.error, HasSubstr("'a cpu' and 'another cpu'"));
}

TEST_F(Gate, SaysWhatItNeeds) {
  for (const auto& [arguments, names] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"gate"}, "--against REVISION"},
           {{"gate", "one-run"}, "runs"},
           {{"gate", "no-run", "no-run"}, "no-run"},
           {{"gate", "a", "b", "--against", "main"}, "--against"},
           {{"gate", "--against", "no-such-revision", "--out", folder_.path()}, "no-such-revision"},
           {{"gate", "--programs", "no-such-program", "b", "--out", folder_.path()},
            "no-such-program"}}) {
    const auto result = run_lockstep(arguments);
    EXPECT_EQ(result.exit_code, kUsage) << result.output << result.error;
    EXPECT_THAT(result.error, HasSubstr(names));
  }
}

// Two rounds cannot rule chance out; what they measured can be judged again.
TEST_F(Gate, MeasuresTwoProgramsInTurn) {
  const auto result =
      run_lockstep({"gate", "--programs", LOCKSTEP_EXECUTABLE, LOCKSTEP_EXECUTABLE, "--filter",
                    "snapshot/create/volume:1GiB", "--rounds", "2", "--most-rounds", "2",
                    "--min-time-s", "0.001", "--out", folder_.path()},
                   std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, kInconclusive) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("snapshot/create"));
  std::string again;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    again = entry.path().string();
  }
  const auto judged = run_lockstep(
      {"gate", again + "/base", again + "/new", "--again", again + "/again", "--in-turn"});
  EXPECT_EQ(judged.exit_code, kInconclusive) << judged.output << judged.error;
}

}  // namespace
}  // namespace lockstep::cli
