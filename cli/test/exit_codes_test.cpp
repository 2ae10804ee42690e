// Goal: every exit code means what the help says, because something provokes it; and what a run
// would need and be given can be asked for first. Method: the executable, one situation for each
// code.
#include "cli/exit_codes.hpp"

#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExitCode : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> conform(const std::string& selector,
                                                 const std::string& provider) const {
    return {"conform", selector, "--provider", provider, "--quiet", "--out", folder_.path()};
  }
  TemporaryFolder folder_;
};

TEST_F(ExitCode, Is0WhenEverythingIsAsExpected) {
  const auto result = run_lockstep(conform("CER/sync-type-null", "reference"));
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error;
}

TEST_F(ExitCode, Is1WhenSomethingIsNot) {
  const auto result = run_lockstep(conform("CER-01", "faulty:missing-sync-type-accepted"));
  EXPECT_EQ(result.exit_code, 1) << result.output << result.error;
}

TEST_F(ExitCode, Is2WhenNothingWasDecided) {
  // The case builds on a clone, which this provider refuses.
  const auto result =
      run_lockstep(conform("CER/wait-synchronized-clone", "faulty:reported-kind-refused"));
  EXPECT_EQ(result.exit_code, 2) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("Inconclusive"));
}

TEST_F(ExitCode, Is64WhenTheCommandLineIsWrong) {
  EXPECT_EQ(run_lockstep({"conform", "--sed", "1"}).exit_code, 64);
  EXPECT_EQ(run_lockstep(conform("CER-01", "refrence")).exit_code, 64);
}

TEST_F(ExitCode, Is69WhenTheProviderCannotBeReached) {
  const auto result = run_lockstep({"conform", "CER-01", "--provider", "cimxml://127.0.0.1:1/root",
                                    "--allow-data-loss", "--target", "*", "--out", folder_.path()});
  EXPECT_EQ(result.exit_code, 69) << result.output << result.error;
  EXPECT_THAT(result.error, HasSubstr("127.0.0.1:1"));
}

TEST_F(ExitCode, Is70WhenLockstepItselfIsAtFault) {
  // No thread can be had, which no part of lockstep expects: their stacks do not fit into memory.
  std::vector<std::string> arguments{"prlimit", "--as=17179869184", "--stack=1099511627776",
                                     LOCKSTEP_EXECUTABLE};
  const auto rest = conform("CER-01", "reference");
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  const auto result = run_program(arguments);
  EXPECT_EQ(result.exit_code, 70) << result.output << result.error;
  EXPECT_THAT(result.error, HasSubstr("this is a bug of lockstep"));
}

TEST_F(ExitCode, Is77WhenNothingRan) {
  EXPECT_EQ(run_lockstep(conform("CER-99", "reference")).exit_code, 77);
  EXPECT_EQ(run_lockstep(conform("CER-01", "null")).exit_code, 77);
}

TEST_F(ExitCode, Is130WhenInterrupted) {
  RunningProgram program({LOCKSTEP_EXECUTABLE, "check", "--for", "60s", "--out", folder_.path()});
  while (std::filesystem::is_empty(folder_.path()))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(program.end_with(SIGINT), 130);
}

TEST(PrintConfig, SaysWhereEachValueComesFromAndNoSecret) {
  ::setenv("LOCKSTEP_SEED", "7", 1);
  ::setenv("LOCKSTEP_CIMXML_USER", "operator", 1);
  ::setenv("LOCKSTEP_CIMXML_PASSWORD", "hunter2", 1);
  const auto result = run_lockstep({"conform", "CER", "--tag", "wait,mode", "--out=here", "-q",
                                    "--baseline", "known.txt", "--print-config"});
  ::unsetenv("LOCKSTEP_SEED");
  ::unsetenv("LOCKSTEP_CIMXML_USER");
  ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  EXPECT_EQ(result.exit_code, kAsExpected) << result.error;
  const auto says = [&](const std::string& pattern) {
    EXPECT_THAT(result.output, testing::ContainsRegex(pattern)) << result.output;
  };
  says("provider = \"reference\" +# default");
  says("seed = 7 +# environment LOCKSTEP_SEED");
  says("out = \"here\" +# command line");
  says("tag = \\[\"wait\", \"mode\"\\] +# command line");
  says("quiet = true +# command line");
  says("json = false +# default");
  says("resume is not set +# default");
  says("LOCKSTEP_CIMXML_USER = \"operator\" +# environment");
  says("LOCKSTEP_CIMXML_PASSWORD = \"\\(secret\\)\" +# environment");
  EXPECT_THAT(result.output, Not(HasSubstr("hunter2")));
  EXPECT_EQ(run_lockstep({"check", "--print-config"}).exit_code, kAsExpected);
}

TEST(Doctor, FollowsTheWayToAnOutsideProviderAndSaysWhereItEnds) {
  TemporaryFolder folder;
  const auto doctor = [&](const std::string& url, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"doctor", "--provider", url, "--out", folder.path()});
    return run_lockstep(more, std::chrono::seconds(30));
  };
  RunningProgram array({LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "1MiB", "--cimxml",
                        "0", "--for", "60s"});
  const std::string text = array.read_until("serving", std::chrono::seconds(20));
  const std::size_t at = text.find("cimxml://");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string url = text.substr(at, text.find(' ', at) - at);
  const std::size_t host_end = url.find('/', 9);
  const std::string server = url.substr(0, host_end);

  const auto good = doctor(url);
  EXPECT_EQ(good.exit_code, kAsExpected) << good.output << good.error;
  for (const char* fact : {"endpoint", "namespace", "services", "pools", "--allow-data-loss",
                           "cases would be skipped"}) {
    EXPECT_THAT(good.output, HasSubstr(fact));
  }
  EXPECT_EQ(doctor(server).exit_code, kAsExpected);  // finds the namespace
  const auto astray = doctor(server + "/root/nowhere");
  EXPECT_NE(astray.exit_code, kAsExpected);
  EXPECT_THAT(astray.output, testing::ContainsRegex("BAD +namespace"));
  const auto silent = doctor("cimxml://127.0.0.1:1/root");
  EXPECT_EQ(silent.exit_code, kUnreachable) << silent.output;
  EXPECT_THAT(silent.output, testing::ContainsRegex("BAD +endpoint"));
  EXPECT_EQ(doctor("cimxml://user:secret@127.0.0.1/root").exit_code, kUsage);
}

}  // namespace
}  // namespace lockstep::cli
