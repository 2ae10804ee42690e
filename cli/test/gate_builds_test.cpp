// Goal: `lockstep gate --against` builds both sides and judges what they measured. Method: a clone
// of a tiny project whose build puts a script where the gate looks for the program; the script
// answers with records that are part of its revision.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{60};

constexpr const char* kPresets = R"({
  "version": 6,
  "configurePresets": [
    {"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release"}
  ]
})";

constexpr const char* kProject = R"(cmake_minimum_required(VERSION 3.25)
project(tiny LANGUAGES NONE)
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/cli")
add_custom_target(lockstep COMMAND cp "${CMAKE_SOURCE_DIR}/measure" "${CMAKE_BINARY_DIR}/cli/lockstep")
)";

// Called as a build is by the gate: bench … --out FOLDER.
constexpr const char* kMeasure = R"(#!/bin/sh
while [ "$1" != --out ]; do shift; done
mkdir -p "$2" && cp -r "$(dirname "$0")/../../../records" "$2/latest"
)";

class GateOfBuilds : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(clone_ / "inside");
    put("CMakePresets.json", kPresets);
    put("CMakeLists.txt", kProject);
    put("measure", kMeasure);
    std::filesystem::permissions(clone_ / "measure", std::filesystem::perms::owner_all);
    put(".gitignore", "/build\n");
    put("inside/file", "");
    measures(1000);
    ASSERT_EQ(git({"init", "-q"}), "");
    ASSERT_EQ(git({"add", "."}), "");
    ASSERT_EQ(
        git({"-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "first"}),
        "");
  }

  void put(const std::string& file, const std::string& content) const {
    std::ofstream(clone_ / file) << content;
  }
  // What the working tree answers with from now on.
  void measures(double ns) const {
    std::filesystem::remove_all(clone_ / "records");
    const auto writer = report::RecordWriter::create((clone_ / "records").string());
    ASSERT_TRUE(writer) << writer.error().message;
    report::RunHeader header;
    header.run_id = "tiny";
    report::BenchmarkRecord record;
    record.name = "copy/engine";
    record.real_time_ns = ns;
    record.samples[report::kRealTimeNs] = {ns, ns};
    ASSERT_TRUE(writer.value()->append(report::Line{header}));
    ASSERT_TRUE(writer.value()->append(report::Line{record}));
  }
  std::string git(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"git", "-C", clone_.string()});
    const auto result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.output;
  }
  // From a folder inside the clone, as somebody who works there would.
  ProgramResult gate(const std::string& revision) const {
    return run_program(
        {"env", "-C", (clone_ / "inside").string(), LOCKSTEP_EXECUTABLE, "gate", "--against",
         revision, "--rounds", "16", "--most-rounds", "16", "--out", (folder_.path() + "/out")},
        kPatience);
  }

  TemporaryFolder folder_;
  const std::filesystem::path clone_ = std::filesystem::path(folder_.path()) / "clone";
};

TEST_F(GateOfBuilds, FailsWhereTheWorkingTreeIsSlower) {
  measures(1100);
  const auto result = gate("HEAD");
  EXPECT_EQ(result.exit_code, kUnexpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("building HEAD"));
  EXPECT_THAT(result.output, HasSubstr("+10.0 %"));
  EXPECT_THAT(result.output, HasSubstr("1 worse"));
  EXPECT_THAT(git({"worktree", "list"}), Not(HasSubstr("base-sources")));
  EXPECT_THAT(git({"status", "--porcelain"}), HasSubstr(" M records/records.jsonl"));
}

TEST_F(GateOfBuilds, IsGreenAgainstItself) {
  const auto result = gate("HEAD");
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("1 same"));
}

TEST_F(GateOfBuilds, NamesTheStepThatFailsAndItsOutput) {
  put("CMakeLists.txt",
      std::string(kProject) + "add_custom_command(TARGET lockstep COMMAND false)\n");
  const auto result = gate("HEAD");
  EXPECT_EQ(result.exit_code, kUsage) << result.output << result.error;
  EXPECT_THAT(result.error, HasSubstr("building " + std::filesystem::canonical(clone_).string()));
  EXPECT_THAT(result.error, HasSubstr("build.log"));
  EXPECT_THAT(git({"worktree", "list"}), Not(HasSubstr("base-sources")));
}

}  // namespace
}  // namespace lockstep::cli
