// Goal: lockstep's own initiator leaves TCP by itself towards a target in another process, and only
// when it may. Method: doctor reads a LUN of a running target and says which way it went.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kThroughMemory = "shared memory";

class Bypass : public testing::Test {
 protected:
  // Starts a target; doctor, with `arguments` before it, looks at its LUN.
  static ProgramResult look(std::vector<std::string> arguments) {
    RunningProgram target(
        {LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "1MiB", "--for", "60s"});
    const std::string said = target.read_until("serving", std::chrono::seconds(20));
    const std::size_t at = said.find("iscsi://");
    if (at == std::string::npos) {
      ADD_FAILURE() << said;
      return {};
    }
    const TemporaryFolder folder;
    arguments.insert(arguments.end(), {"doctor", "--out", folder.path(), "--url",
                                       said.substr(at, said.find(' ', at) - at)});
    return run_lockstep(arguments, std::chrono::seconds(30));
  }
};

TEST_F(Bypass, IsTakenByItself) {
  const auto result = look({"--bypass", "verbose"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(result.error, HasSubstr(kThroughMemory));
}

TEST_F(Bypass, IsSwitchedOffByOptionAndEnvironment) {
  // Off says nothing at all, so it is told from verbose, which the other one asks for.
  ::setenv("LOCKSTEP_BYPASS", "verbose", 1);
  const auto by_option = look({"--bypass", "off"});
  ::setenv("LOCKSTEP_BYPASS", "off", 1);
  const auto by_environment = look({});
  const auto option_goes_before = look({"--bypass", "verbose"});
  ::unsetenv("LOCKSTEP_BYPASS");
  for (const auto* result : {&by_option, &by_environment}) {
    EXPECT_EQ(result->exit_code, kAsExpected) << result->output << result->error;
    EXPECT_THAT(result->error, Not(HasSubstr("lockstep-bypass")));
  }
  EXPECT_THAT(option_goes_before.error, HasSubstr(kThroughMemory));
}

TEST_F(Bypass, IsNothingElseThanItsValues) {
  const auto result = run_lockstep({"--bypass", "perhaps", "explain", "CER-21"});
  EXPECT_EQ(result.exit_code, kUsage);
  EXPECT_THAT(result.error, HasSubstr("--bypass"));
}

}  // namespace
}  // namespace lockstep::cli
