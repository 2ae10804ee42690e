// Goal: behind a child process every case ends as it ends in process, planted bugs are caught by
// the same clauses, and what happens to the process is an Error with a reason. Method: the
// executable on both sides, and scripted adapters; records compared.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"
#include "conformance/providers/factory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace lockstep::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kServe = std::string("exec:'") + LOCKSTEP_EXECUTABLE + "' adapter serve";

std::string scripted(const std::string& mode) {
  return "exec:/usr/bin/python3 conformance/providers/process/test/scripted_adapter.py " + mode;
}

TEST(OverAnAdapter, EveryCaseEndsAsInProcess) {
  TemporaryFolder far;
  const auto remote = run_lockstep({"conform", "--provider", kServe, "--allow-data-loss",
                                    "--target", "*", "--out", far.path(), "--quiet"},
                                   std::chrono::seconds(300));
  EXPECT_EQ(remote.exit_code, kAsExpected) << remote.output << remote.error;
  TemporaryFolder near;
  const auto local =
      run_lockstep({"conform", "--out", near.path(), "--quiet"}, std::chrono::seconds(200));
  EXPECT_EQ(local.exit_code, kAsExpected);
  const auto expected = verdicts_in(near);
  EXPECT_GE(expected.size(), 350U);
  EXPECT_EQ(verdicts_in(far), expected);
  EXPECT_THAT(text_of_file(far.path() + "/latest/exchanges.log"),
              AllOf(HasSubstr("\"method\":\"CreateGroupReplicaFromElements\""),
                    HasSubstr("\"password\":\"(removed)\"")));
}

// Some methods with all that they can say.
TEST(OverAnAdapter, EveryMessageFollowsTheSchema) {
  const std::string validate = "cmake/checks/validate_lines.py";
  const std::string schema = "docs/process-provider.schema.json";
  TemporaryFolder folder;
  const auto conform = run_lockstep(
      {"conform", "CER-21", "CLR-17", "CGE-14", "MCR-01", "ATT-01", "MRS-14", "--provider", kServe,
       "--allow-data-loss", "--target", "*", "--out", folder.path(), "-q"},
      std::chrono::seconds(60));
  EXPECT_EQ(conform.exit_code, kAsExpected) << conform.output << conform.error;
  const std::string log = folder.path() + "/latest/exchanges.log";
  const auto good =
      run_program({"/usr/bin/python3", validate, schema, log}, std::chrono::seconds(100));
  EXPECT_EQ(good.exit_code, 0) << good.output << good.error;
  const std::string doctored = folder.path() + "/doctored.log";
  std::ofstream(doctored) << R"({"id":1,"result":{"return_value":0,"out":{"Jobb":"j"}}})" << '\n';
  const auto bad = run_program({"/usr/bin/python3", validate, schema, doctored});
  EXPECT_EQ(bad.exit_code, 1) << bad.output << bad.error;
}

TEST(OverAnAdapter, TheRandomSearchFindsNothing) {
  TemporaryFolder folder;
  const auto result =
      run_lockstep({"check", "--provider", kServe, "--allow-data-loss", "--target", "*", "--for",
                    "3s", "--seed", "3", "--out", folder.path(), "-q"},
                   std::chrono::seconds(100));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
}

TEST(OverAnAdapter, PlantedBugsAreCaughtByTheirClauses) {
  constexpr const char* kFaulty[] = {
      "wrong-return-code",          "job-missing",
      "last-of-list-missing",       "percent-out-of-range",
      "source-group-name-changed",  "reserved-sync-type-accepted",
      "missing-sync-type-accepted", "malformed-settings-accepted",
      "mode-silently-changed",      "pool-ignored",
      "list-names-shifted",         "relationship-name-lost",
  };
  const auto& all = conformance::faulty_providers();
  for (const char* name : kFaulty) {
    const auto faulty =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    ASSERT_NE(faulty, all.end()) << name;
    TemporaryFolder folder;
    std::vector<std::string> arguments{"conform",
                                       "--provider",
                                       kServe + " --provider faulty:" + name,
                                       "--allow-data-loss",
                                       "--target",
                                       "*",
                                       "--out",
                                       folder.path(),
                                       "--quiet"};
    arguments.insert(arguments.end(), faulty->clauses.begin(), faulty->clauses.end());
    const auto result = run_lockstep(arguments, std::chrono::seconds(60));
    EXPECT_EQ(result.exit_code, kUnexpected) << name << result.output << result.error;
    bool named = false;
    for (const report::CaseRecord& record : records_in(folder)) {
      named = named || std::find(faulty->clauses.begin(), faulty->clauses.end(),
                                 record.violated_clause) != faulty->clauses.end();
    }
    EXPECT_TRUE(named) << name << ":\n" << result.output;
  }
}

TEST(OverAnAdapter, CrashesAndHangsAreErrorsWithAReason) {
  struct Trouble {
    const char* mode;
    const char* reason;
  };
  for (const Trouble& trouble : {Trouble{"crash", "signal 6 (SIGABRT)"},
                                 Trouble{"hang", "deadline of 500 ms, found none: it hangs"},
                                 Trouble{"garbage", "follows the protocol"}}) {
    TemporaryFolder folder;
    const auto result =
        run_lockstep({"conform", "GEN", "--provider", scripted(trouble.mode) + "?deadline=500ms",
                      "--allow-data-loss", "--target", "*", "--out", folder.path(), "--quiet"},
                     std::chrono::seconds(60));
    std::size_t errors = 0;
    for (const report::CaseRecord& record : records_in(folder)) {
      EXPECT_NE(record.verdict, report::Verdict::Fail) << record.id << ": " << record.message;
      if (record.verdict != report::Verdict::Error) continue;
      ++errors;
      EXPECT_THAT(record.message, HasSubstr(trouble.reason)) << record.id;
    }
    EXPECT_GE(errors, 1U) << result.output;
    EXPECT_EQ(result.exit_code, kUnexpected) << result.output << result.error;
  }
}

TEST(OverAnAdapter, WhoCannotBeReachedIsSoByExitCode) {
  struct Unreachable {
    std::string provider;
    int exit_code;
    const char* error;
  };
  const Unreachable all[] = {
      {"exec:./no-such-adapter", kUsage, "./no-such-adapter: expected a program to start"},
      {"exec:./README.md", kUsage, "make it executable"},
      {"exec:", kUsage, "expected a program, found none"},
      {scripted("exit-at-once"), kUnreachable, "no licence"},
  };
  for (const Unreachable& one : all) {
    TemporaryFolder folder;
    const auto result =
        run_lockstep({"conform", "GEN", "--provider", one.provider, "--out", folder.path()});
    EXPECT_EQ(result.exit_code, one.exit_code) << one.provider << ": " << result.error;
    EXPECT_THAT(result.error, HasSubstr(one.error));
  }
}

// Neither gone nor waiting for whoever has inherited it to take notice.
bool runs(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  file >> number >> name >> state;
  return file && state != "Z";
}

// The adapter hangs and ignores SIGTERM; lockstep itself is killed.
TEST(OverAnAdapter, NothingIsLeftWhenLockstepIsKilled) {
  TemporaryFolder folder;
  const std::string pid_file = folder.path() + "/pid";
  const std::string adapter =
      "exec:/bin/sh -c 'trap \"\" TERM; echo $$ >" + pid_file + "; while :; do sleep 60; done'";
  RunningProgram program({LOCKSTEP_EXECUTABLE, "conform", "GEN", "--provider", adapter, "--out",
                          folder.path(), "--quiet"});
  pid_t group = 0;
  for (int i = 0; i != 1000 && group == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream(pid_file) >> group;
  }
  ASSERT_GT(group, 0);
  ASSERT_TRUE(runs(group));
  program.kill_now();
  for (int i = 0; i != 1000 && runs(group); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(runs(group));
}

TEST(AdapterCheck, GradesByExitCode) {
  const auto good =
      run_lockstep({"adapter", "check", std::string("'") + LOCKSTEP_EXECUTABLE + "' adapter serve"},
                   std::chrono::seconds(60));
  EXPECT_EQ(good.exit_code, kAsExpected) << good.output << good.error;
  EXPECT_THAT(good.output, HasSubstr("21 rules kept, 0 broken"));
  const auto bad = run_lockstep({"adapter", "check", "/bin/cat", "--rule", "AD-02"});
  EXPECT_EQ(bad.exit_code, kUnexpected) << bad.output;
  EXPECT_THAT(bad.output, AllOf(HasSubstr("FAIL  AD-02"), HasSubstr("0 rules kept, 1 broken")));
  const auto nothing = run_lockstep({"adapter", "check", "/bin/cat", "--rule", "AD-99"});
  EXPECT_EQ(nothing.exit_code, kNothingRan) << nothing.output;
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"adapter"},
        {"adapter", "check"},
        {"adapter", "check", "'x"},
        {"adapter", "serve", "--provider", "faulty:no-such-bug"},
        {"adapter", "new", "README.md"}}) {
    EXPECT_EQ(run_lockstep(wrong).exit_code, kUsage) << wrong.back();
  }
}

}  // namespace
}  // namespace lockstep::cli
