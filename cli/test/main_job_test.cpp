// Goal: the main jobs do what people run them for, and their exit codes and files say so. Method:
// the executable against the built-in providers, its records and reports read back.
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
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t kFewestCases = 180;

report::Run latest_run(const TemporaryFolder& folder) {
  auto run = report::read_run(folder.path() + "/latest");
  EXPECT_TRUE(run) << run.error().message;
  return run ? std::move(run).value() : report::Run{};
}

TEST(MainJob, ConformFindsTheReferenceConformant) {
  TemporaryFolder folder;
  const auto result =
      run_lockstep({"conform", "--provider", "reference", "--json", "--out", folder.path()},
                   std::chrono::seconds(110));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  const report::Run run = latest_run(folder);
  EXPECT_GE(run.cases.size(), kFewestCases);
  ASSERT_TRUE(run.summary.has_value());
  for (const report::CaseRecord& record : run.cases) {
    EXPECT_FALSE(report::is_bad(record.verdict)) << record.id << ": " << record.message;
    EXPECT_THAT(record.clauses, Not(IsEmpty())) << record.id;
  }
  for (const char* file : {"report.html", "junit.xml", "summary.md"}) {
    EXPECT_GT(std::filesystem::file_size(folder.path() + "/latest/" + file), 0U) << file;
  }
}

TEST(MainJob, ConformPrintsASummaryByMethodAndTheReportsPath) {
  TemporaryFolder folder;
  const auto result =
      run_lockstep({"conform", "ATT", "--out", folder.path()}, std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("AttachReplica"));
  EXPECT_THAT(result.output, HasSubstr("report.html"));
}

TEST(MainJob, AProviderThatRefusesEverythingDoesNotPass) {
  TemporaryFolder folder;
  const auto result = run_lockstep({"conform", "--provider", "null", "--out", folder.path()},
                                   std::chrono::seconds(60));
  EXPECT_NE(result.exit_code, kUnexpected) << result.output;
  const report::Run run = latest_run(folder);
  ASSERT_TRUE(run.summary.has_value());
  EXPECT_NE(run.summary->overall, report::Overall::Conformant);
  std::size_t skipped = 0;
  for (const report::CaseRecord& record : run.cases)
    skipped += report::is_skip(record.verdict) ? 1U : 0U;
  EXPECT_GT(skipped, run.cases.size() / 2);
}

TEST(MainJob, ConformFailsAProviderWithAPlantedBugAndNamesTheClause) {
  TemporaryFolder folder;
  const auto result =
      run_lockstep({"conform", "--provider", "faulty:wrong-copy-state", "--out", folder.path()},
                   std::chrono::seconds(110));
  EXPECT_EQ(result.exit_code, kUnexpected) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("clause"));
  EXPECT_THAT(result.output, HasSubstr("replay:"));
}

TEST(MainJob, ExcludedCasesAreDisabledNotPassed) {
  TemporaryFolder folder;
  const auto result = run_lockstep({"conform", "ATT", "--exclude", "ATT*", "--out", folder.path()},
                                   std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, kNothingRan) << result.output << result.error;
  for (const report::CaseRecord& record : latest_run(folder).cases) {
    EXPECT_EQ(record.verdict, report::Verdict::Disabled) << record.id;
  }
}

TEST(MainJob, CheckFindsNothingInTheReference) {
  TemporaryFolder folder;
  const auto result = run_lockstep({"check", "--provider", "reference", "--for", "12s", "--seed",
                                    "7", "--stats", "--out", folder.path()},
                                   std::chrono::seconds(110));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  const report::Run run = latest_run(folder);
  ASSERT_FALSE(run.coverage.empty());
  EXPECT_GT(run.coverage.front().sequences, 50U);
}

TEST(MainJob, ACounterexampleIsShrunkSavedAndReplays) {
  TemporaryFolder folder;
  const auto found = run_lockstep(
      {"check", "--provider", "faulty:following-snapshot", "--for", "30s", "--out", folder.path()},
      std::chrono::seconds(110));
  ASSERT_EQ(found.exit_code, kUnexpected) << found.output << found.error;
  EXPECT_THAT(found.output, HasSubstr("<-- differs"));
  std::string saved;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/latest/")) {
    if (entry.path().string().ends_with(".case.json")) saved = entry.path().string();
  }
  ASSERT_THAT(saved, Not(IsEmpty())) << found.output;
  const auto again = run_lockstep({"replay", saved}, std::chrono::seconds(60));
  EXPECT_EQ(again.exit_code, kAsExpected) << again.output << again.error;
  // The reference has no such bug: the same operations pass there, and replay says so.
  const auto fixed =
      run_lockstep({"replay", saved, "--provider", "reference"}, std::chrono::seconds(60));
  EXPECT_EQ(fixed.exit_code, kUnexpected) << fixed.output << fixed.error;

  std::string history = saved;
  history.replace(history.find(".case.json"), std::string::npos, ".history.jsonl");
  const auto judged = run_lockstep({"replay", "--history", history});
  EXPECT_EQ(judged.exit_code, kAsExpected) << judged.output << judged.error;
  EXPECT_THAT(judged.output, HasSubstr("the verdict is the same"));
  // As if the judge of then had found nothing.
  std::ifstream in(history);
  std::string header;
  std::getline(in, header);
  std::ostringstream rest;
  rest << in.rdbuf();
  const std::size_t clause = header.find("\"clause\":\"") + 10;
  header.erase(clause, header.find('"', clause) - clause);
  std::ofstream(history) << header << '\n' << rest.str();
  const auto changed = run_lockstep({"replay", "--history", history});
  EXPECT_EQ(changed.exit_code, kUnexpected) << changed.output << changed.error;
  EXPECT_THAT(changed.output, HasSubstr("then:  no violation"));
}

TEST(MainJob, ListsAndExplainsWhatThereIs) {
  for (const char* what : {"cases", "clauses", "rules", "providers", "benchmarks"}) {
    const auto plain = run_lockstep({"list", what});
    EXPECT_EQ(plain.exit_code, kAsExpected) << what;
    const auto json = run_lockstep({"list", what, "--json"});
    EXPECT_EQ(json.exit_code, kAsExpected) << what;
    EXPECT_THAT(json.output, HasSubstr("\"id\"")) << what;
  }
  for (const char* id : {"CER-34", "DS-MS-14", "T-010", "following-snapshot"}) {
    EXPECT_EQ(run_lockstep({"explain", id}).exit_code, kAsExpected) << id;
  }
}

TEST(MainJob, HelpOfEverySubcommandHasExamplesAndExitCodes) {
  for (const char* name :
       {"conform", "check", "bench", "target", "report", "replay", "list", "baseline", "merge",
        "sweep", "recover", "explain", "doctor", "killmatrix"}) {
    const auto help = run_lockstep({name, "--help"});
    EXPECT_EQ(help.exit_code, kAsExpected) << name;
    EXPECT_THAT(help.output, HasSubstr("Examples:")) << name;
    EXPECT_THAT(help.output, HasSubstr("Exit codes:")) << name;
  }
}

TEST(MainJob, BenchPeersRecordsWhatItMeasured) {
  TemporaryFolder folder;
  const auto result =
      run_lockstep({"bench", "peers", "--filter", "peers/(read|write)/.*bs:4KiB/qd:16", "--volume",
                    "16MiB", "--for", "10ms", "--rounds", "2", "--out", folder.path()},
                   std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  const report::Run run = latest_run(folder);
  const bool without_tgtd = result.output.find("without tgtd") != std::string::npos;
  EXPECT_EQ(run.benchmarks.size(), without_tgtd ? 4U : 6U);
  for (const report::BenchmarkRecord& record : run.benchmarks) {
    EXPECT_EQ(record.group, "peers");
    EXPECT_EQ(record.repetitions, 2U);
    EXPECT_EQ(record.error, "");
    EXPECT_THAT(result.output, HasSubstr(record.name));
    const bool ours = record.name.find("target:lockstep") != std::string::npos;
    const bool bypass = record.name.ends_with("target:lockstep_bypass");
    EXPECT_EQ(record.counters.contains("io_per_second_vs_tgtd"), ours && !without_tgtd);
    EXPECT_EQ(record.counters.contains("io_per_second_vs_lockstep"), bypass);
  }
  EXPECT_EQ(run_lockstep({"bench", "peers", "--filter", "no such case", "--out", folder.path()})
                .exit_code,
            kNothingRan);
}

TEST(MainJob, DoctorApprovesOfTheReference) {
  TemporaryFolder folder;
  const auto result = run_lockstep({"doctor", "--out", folder.path() + "/out"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
}

}  // namespace
}  // namespace lockstep::cli
