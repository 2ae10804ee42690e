// Goal: people can choose cases in every way that the help names, and see what they chose before it
// runs. Method: the executable, with selections of a few cases.
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

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The first column of what a list prints.
std::vector<std::string> listed(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"list", "cases"});
  const auto result = run_lockstep(arguments);
  EXPECT_EQ(result.exit_code, kAsExpected) << result.error;
  std::vector<std::string> ids;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) ids.push_back(line.substr(0, line.find(' ')));
  return ids;
}

TEST(Selecting, ListShowsWhatConformWouldRun) {
  TemporaryFolder folder;
  const std::vector<std::string> selection{"CER",       "CLR-41",    "--level",   "shall,open",
                                           "--tag",     "wait",      "--feature", "Snapshot",
                                           "--exclude", "tag:faults"};
  const auto ids = listed(selection);
  EXPECT_GT(ids.size(), 1U);
  EXPECT_LT(ids.size(), 30U);
  std::vector<std::string> arguments = selection;
  arguments.insert(arguments.begin(), "conform");
  arguments.insert(arguments.end(), {"--out", folder.path()});
  const auto result = run_lockstep(arguments, std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  const auto run = report::read_run(folder.path() + "/latest");
  ASSERT_TRUE(run) << run.error().message;
  std::vector<std::string> ran;
  for (const auto& record : run.value().cases) ran.push_back(record.id);
  EXPECT_EQ(ran, ids);
}

TEST(Selecting, AFileHoldsOneSelectorALine) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/cases.txt";
  std::ofstream(file) << "# one of each\nGEN-21\nATT-06  # copy types\n";
  const auto from_file = listed({"@" + file});
  EXPECT_EQ(from_file, listed({"GEN-21", "ATT-06"}));
  EXPECT_EQ(run_lockstep({"list", "cases", "@" + file + ".none"}).exit_code, kUsage);
}

TEST(Selecting, AnEarlierRunGivesWhatFailedInIt) {
  TemporaryFolder folder;
  const std::vector<std::string> out{"--out", folder.path()};
  const auto failing = run_lockstep(
      {"conform", "CER-21", "CER-22", "--provider", "faulty:pool-ignored", "--out", folder.path()},
      std::chrono::seconds(60));
  ASSERT_EQ(failing.exit_code, kUnexpected) << failing.output << failing.error;
  const std::string latest = folder.path() + "/latest";
  const auto run = report::read_run(latest);
  ASSERT_TRUE(run) << run.error().message;
  std::vector<std::string> failed;
  std::vector<std::string> passed;
  for (const auto& record : run.value().cases) {
    if (report::is_bad(record.verdict)) failed.push_back(record.id);
    if (record.verdict == report::Verdict::Pass) passed.push_back(record.id);
  }
  ASSERT_FALSE(failed.empty());
  ASSERT_FALSE(passed.empty());
  EXPECT_EQ(listed({"--failed", latest}), failed);
  EXPECT_EQ(listed({"--failed", latest + "/records.jsonl"}), failed);
  EXPECT_EQ(listed({"--from", latest, "--verdict", "Fail,Error"}), failed);
  EXPECT_EQ(listed({"--from", latest, "--verdict", "Pass"}), passed);
  EXPECT_EQ(run_lockstep({"list", "cases", "--from", latest, "--verdict", "Good"}).exit_code,
            kUsage);
  EXPECT_EQ(run_lockstep({"list", "cases", "--from", latest}).exit_code, kUsage);
  // The reference has no such bug; then nothing is left to run again.
  const auto fixed = run_lockstep({"conform", "--failed", latest, "--out", folder.path()});
  EXPECT_EQ(fixed.exit_code, kAsExpected) << fixed.output << fixed.error;
  const auto nothing = run_lockstep({"conform", "--failed", latest, "--out", folder.path()});
  EXPECT_EQ(nothing.exit_code, kNothingRan) << nothing.output;
  EXPECT_THAT(nothing.error, HasSubstr("--failed"));
}

TEST(Selecting, CasesThatAreNoMoreAreNamed) {
  TemporaryFolder folder;
  auto writer = report::RecordWriter::create(folder.path() + "/run");
  ASSERT_TRUE(writer);
  report::CaseRecord gone;
  gone.id = "CER/of-long-ago";
  gone.verdict = report::Verdict::Fail;
  report::CaseRecord known = gone;
  known.id = "CER/sync-type-null";
  for (const report::Line& line :
       {report::Line{report::RunHeader{}}, report::Line{gone}, report::Line{known}}) {
    ASSERT_TRUE(writer.value()->append(line));
  }
  const auto result = run_lockstep({"list", "cases", "--failed", folder.path() + "/run"});
  EXPECT_EQ(result.exit_code, kAsExpected);
  EXPECT_THAT(result.error, HasSubstr("CER/of-long-ago"));
  EXPECT_THAT(result.output, HasSubstr("CER/sync-type-null"));
}

TEST(Selecting, ListSaysWhatAProviderWouldHaveSkipped) {
  const auto marked = run_lockstep({"list", "cases", "CER-21", "--provider", "null"});
  EXPECT_EQ(marked.exit_code, kAsExpected) << marked.error;
  EXPECT_THAT(marked.output, HasSubstr("[NotSupported: "));
  const auto all = run_lockstep({"list", "cases", "CER-21", "--provider", "reference", "--json"});
  EXPECT_THAT(all.output, Not(HasSubstr("\"skip\"")));
  EXPECT_EQ(run_lockstep({"list", "cases", "--provider", "nul"}).exit_code, kUsage);
}

TEST(Selecting, AnEmptySelectionRanNothingAndNamesTheNearest) {
  TemporaryFolder folder;
  for (const char* command : {"conform", "list"}) {
    std::vector<std::string> arguments{command};
    if (arguments.front() == "list") arguments.emplace_back("cases");
    arguments.emplace_back("CER/sync-tipe-null");
    const auto result = run_lockstep(arguments);
    EXPECT_EQ(result.exit_code, kNothingRan) << command;
    EXPECT_THAT(result.error, HasSubstr("nearest: CER/sync-type-null")) << command;
  }
  const auto together = run_lockstep({"conform", "CER", "--tag", "peer", "--out", folder.path()});
  EXPECT_EQ(together.exit_code, kNothingRan);
  EXPECT_THAT(together.error, HasSubstr("tag:peer"));
  // Nothing ran, nothing is left.
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(run_lockstep({"conform", "lvel:shall", "--out", folder.path()}).exit_code, kUsage);
}

}  // namespace
}  // namespace lockstep::cli
