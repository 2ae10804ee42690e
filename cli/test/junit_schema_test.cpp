// Goal: what a CI system is given is JUnit XML by a schema (reports/junit/junit.xsd), and the
// schema says no to what is not. Method: Debian's xmllint, over the reports of real runs, the
// golden texts with everything that may stand in one, and broken copies of these.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

ProgramResult validated(const std::string& file) {
  return run_program({"xmllint", "--noout", "--schema", "reports/junit/junit.xsd", file});
}

// Runs with passes, failures, skips of each kind, and a baseline that is not kept.
TEST(JunitSchema, TakesWhatRunsLeave) {
  struct RunOf {
    std::vector<std::string> options;
    int exit_code;
  };
  const TemporaryFolder folder;
  const std::string baseline = folder.path() + "/known.txt";
  std::ofstream(baseline) << "CER/wait-inactive Fail # never seen\n";
  for (const RunOf& run :
       {RunOf{{"conform", "CER", "--exclude", "CER/*sweep*"}, kAsExpected},
        RunOf{{"conform", "CER-21", "ATT", "--provider", "faulty:pool-ignored"}, kUnexpected},
        RunOf{{"conform", "CER-21", "--provider", "null"}, kNothingRan},
        RunOf{{"conform", "CER-30", "--baseline", baseline}, kUnexpected},
        RunOf{{"check", "--for", "1s"}, kAsExpected}}) {
    std::vector<std::string> arguments = run.options;
    arguments.insert(arguments.end(), {"--out", folder.path(), "--quiet"});
    const auto ran = run_lockstep(arguments, std::chrono::seconds(60));
    EXPECT_EQ(ran.exit_code, run.exit_code) << run.options[1] << ran.output << ran.error;
    const auto result = validated(folder.path() + "/latest/junit.xml");
    EXPECT_EQ(result.exit_code, 0) << result.error;
  }
}

TEST(JunitSchema, TakesEverythingThatMayStandInAReport) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator("reports/test/golden")) {
    if (entry.path().extension() != ".xml") continue;
    ++files;
    const auto result = validated(entry.path().string());
    EXPECT_EQ(result.exit_code, 0) << result.error;
  }
  EXPECT_GE(files, 3U);
}

TEST(JunitSchema, SaysNoToWhatIsNone) {
  const std::string good = text_of_file("reports/test/golden/conformance.xml");
  struct Fault {
    std::string what;
    std::string in_its_place;
  };
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/broken.xml";
  for (const Fault& fault :
       {Fault{" failures=\"1\"", ""}, Fault{" failures=\"1\"", " failures=\"one\""},
        Fault{" errors=\"3\"", " errors=\"-3\""},
        Fault{"timestamp=\"2026-11-21T09:31:12Z\"", "timestamp=\"yesterday\""},
        Fault{"<testcase name=\"CER/wait-inactive\"", "<testcase"},
        Fault{"<failure type=\"CER-40\"", "<failure"}, Fault{"<failure ", "<failed "},
        Fault{"<skipped message=\"", "<skipped because=\""},
        Fault{"    <testcase ", "    <remark/>\n    <testcase "},
        Fault{"<testsuite name=\"AttachReplica\"", "<testsuite name=\"CreateElementReplica\""},
        Fault{" time=\"0.001500\"", " time=\"soon\""}}) {
    std::string broken = good;
    const std::size_t at = broken.find(fault.what);
    ASSERT_NE(at, std::string::npos) << fault.what;
    std::ofstream(file) << broken.replace(at, fault.what.size(), fault.in_its_place);
    EXPECT_NE(validated(file).exit_code, 0) << fault.what << " -> " << fault.in_its_place;
  }
}

}  // namespace
}  // namespace lockstep::cli
