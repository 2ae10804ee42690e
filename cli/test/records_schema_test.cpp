// Goal: every line of a run's records follows the published schema, and the schema says no to what
// does not. Method: Debian's python3-jsonschema, over real runs of each kind and broken copies.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace lockstep::cli {
namespace {

ProgramResult validated(const std::string& file) {
  return run_program(
      {"/usr/bin/python3", "cmake/checks/validate_lines.py", "docs/records.schema.json", file},
      std::chrono::seconds(60));
}

TEST(RecordsSchema, TakesWhatRunsLeave) {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& run : std::vector<std::vector<std::string>>{
           {"conform", "CER-21", "ATT", "--provider", "faulty:pool-ignored", "--exclude", "ATT-06"},
           {"conform", "CER-21", "--provider", "null"},
           {"check", "--for", "1s"},
           {"bench", "--filter", "^wire/.*qd:16$", "--repetitions", "1", "--limits"}}) {
    std::vector<std::string> arguments = run;
    arguments.insert(arguments.end(), {"--out", folder.path(), "--quiet"});
    static_cast<void>(run_lockstep(arguments, std::chrono::seconds(100)));
    const auto result = validated(folder.path() + "/latest/records.jsonl");
    EXPECT_EQ(result.exit_code, 0) << run.front() << result.output << result.error;
  }
}

TEST(RecordsSchema, SaysNoToWhatIsNone) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/records.jsonl";
  for (const char* line :
       {R"({"type":"case","id":"CER/x"})", R"({"type":"case","id":"CER/x","verdict":"Passed"})",
        R"({"type":"case","id":7,"verdict":"Pass"})",
        R"({"type":"caze","id":"x","verdict":"Pass"})", R"({"type":"run","run_id":"r","schema":2})",
        R"({"type":"summary","overall":"Good"})",
        R"({"type":"benchmark","name":"b","counters":{"x":"fast"}})",
        R"({"type":"case","id":"x","verdict":"Pass","steps":[{"differs":1}]})",
        R"({"type":"case","id":"x","verdict":"Pass","duration_us":-1})"}) {
    std::ofstream(file) << line << '\n';
    EXPECT_EQ(validated(file).exit_code, 1) << line;
  }
  // What a later version adds is passed over.
  std::ofstream(file) << R"({"type":"case","id":"x","verdict":"Pass","new_member":1})" << '\n';
  EXPECT_EQ(validated(file).exit_code, 0);
}

TEST(RecordsSchema, IsPrinted) {
  const auto printed = run_lockstep({"report", "--schema"});
  EXPECT_EQ(printed.exit_code, kAsExpected) << printed.error;
  EXPECT_EQ(printed.output, text_of_file("docs/records.schema.json"));
  EXPECT_EQ(run_lockstep({"report"}).exit_code, kUsage);
  EXPECT_EQ(run_lockstep({"report", "out", "--schema"}).exit_code, kUsage);
}

}  // namespace
}  // namespace lockstep::cli
