// Goal: a file of options says the same as the command line, less strongly than it and the
// environment, and every mistake in it names file, line and key. Cases: each kind of option, the
// order of the three, what --print-config prints read again, mistakes, a run that follows a file.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace lockstep::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class OptionsFile : public testing::Test {
 protected:
  [[nodiscard]] std::string write(const std::string& text) const {
    const std::string path = folder_.path() + "/lockstep.toml";
    std::ofstream(path) << text;
    return path;
  }
  [[nodiscard]] ProgramResult print(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"conform", "--config", file, "--print-config"});
    return run_lockstep(more);
  }
  TemporaryFolder folder_;
};

TEST_F(OptionsFile, GivesWhatNeitherTheCommandLineNorTheEnvironmentGives) {
  const std::string file = write(
      "[conform]\nselect = [\"CER-34\", \"CLR\"]\ntag = [\"wait\", \"mode\"]\nseed = 7\n"
      "out = \"there\"\nquiet = true\njson = false\ncase-timeout = \"3s\"\nallow-data-loss = "
      "false\n"
      "[check]\nfor = \"1s\"\n");
  ::setenv("LOCKSTEP_SEED", "9", 1);
  const auto result = print(file, {"--out", "here"});
  ::unsetenv("LOCKSTEP_SEED");
  ASSERT_EQ(result.exit_code, kAsExpected) << result.error;
  for (const char* line :
       {"select = \\[\"CER-34\", \"CLR\"\\] +# file", "tag = \\[\"wait\", \"mode\"\\] +# file",
        "seed = 9 +# environment LOCKSTEP_SEED", "out = \"here\" +# command line",
        "quiet = true +# file", "json = false +# default", "case-timeout = \"3s\" +# file"}) {
    EXPECT_THAT(result.output, ContainsRegex(line));
  }
  const auto cases = print(file, {"ATT"});
  EXPECT_THAT(cases.output, ContainsRegex("select = \\[\"ATT\"\\] +# command line"));
}

TEST_F(OptionsFile, IsWhatPrintConfigPrints) {
  const auto values = [](std::string text) {
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      kept += line.substr(0, line.find(" # ")) + "\n";
      at = end + 1;
    }
    return kept;
  };
  const auto first = run_lockstep({"conform", "CER", "ATT-06", "--level", "shall", "-q", "--target",
                                   "a \\\"b", "--target", "c", "--seed", "5", "--print-config"});
  ASSERT_EQ(first.exit_code, kAsExpected) << first.error;
  const auto second = print(write(first.output));
  ASSERT_EQ(second.exit_code, kAsExpected) << second.error;
  EXPECT_EQ(values(second.output), values(first.output));
}

TEST_F(OptionsFile, NamesEachMistakeAndItsPlace) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"[conform]\n\nsede = 1\n",
       ":3: 'sede' is no option of `lockstep conform`; did you mean 'seed'"},
      {"[conform]\nseed = [1]\n", ":2: seed: expected one value"},
      {"[conform]\nseed = 1.5\n", ":2: seed: expected a text, a number"},
      {"[conform]\nquiet = \"yes\"\n", ":2: quiet: expected true or false"},
      {"[conform]\ntarget = [[1]]\n", ":2: target: expected texts, numbers"},
      {"[conform]\nselect = [\"-q\"]\n", ":2: select: expected no option, found '-q'"},
      {"[conform]\nallow-data-loss = true\n",
       ":2: allow-data-loss: expected this permission on the"},
      {"[conform]\nconfig = \"x\"\n", ":2: 'config' is no option"},
      {"[conformity]\n",
       ":1: expected a table such as [conform], found 'conformity'; did you mean [conform]?"},
      {"[target]\nport = 0\n", ":1: expected a table such as [conform], found 'target'"},
      {"seed = 1\n", ":1: expected a table such as [conform], found 'seed'"},
      {"[conform\n", ":1: "},
      {"[conform]\nseed = \"many\"\n", "--seed"},
  };
  for (const auto& [text, complaint] : mistakes) {
    const auto result = print(write(text));
    EXPECT_EQ(result.exit_code, kUsage) << text;
    EXPECT_THAT(result.error, HasSubstr(complaint)) << text;
  }
  const auto missing = print(folder_.path() + "/none.toml");
  EXPECT_EQ(missing.exit_code, kUsage);
  EXPECT_THAT(missing.error, HasSubstr("expected a file that can be read: No such file"));
  const auto large = print(write(std::string(64 * 1024, '#')));
  EXPECT_THAT(large.error, HasSubstr("expected less than 64 KiB"));
}

TEST_F(OptionsFile, IsFollowedByARun) {
  const std::string file =
      write("[conform]\nselect = \"CER-21\"\nprovider = \"faulty:pool-ignored\"\nquiet = true\n");
  const auto result = run_lockstep({"conform", "--config", file, "--out", folder_.path()});
  EXPECT_EQ(result.exit_code, kUnexpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("CER-21"));
  const auto good = run_lockstep(
      {"conform", "--config=" + file, "--provider", "reference", "--out", folder_.path()});
  EXPECT_EQ(good.exit_code, kAsExpected) << good.output << good.error;
  const auto resumed = run_lockstep({"conform", "--config", file, "--resume", folder_.path()});
  EXPECT_EQ(resumed.exit_code, kUsage);
  EXPECT_THAT(resumed.error, HasSubstr("--config"));
}

}  // namespace
}  // namespace lockstep::cli
