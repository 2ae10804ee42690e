// Goal: a run that ends early, in whatever way, loses nothing that it had found, says that it is
// not whole, and can be gone on with to the same verdicts; and a run in parts is whole or is
// refused. Method: the executable, interrupted, killed, resumed, sharded; records compared.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// Some dozens of cases of all kinds, in a second or two.
const std::vector<std::string> kSelection{"CER", "CLR-4*", "--exclude", "CER/*sweep*"};

std::string text_of(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

report::Run run_in(const fs::path& folder) {
  auto run = report::read_run(folder);
  EXPECT_TRUE(run) << run.error().message;
  return run ? std::move(run).value() : report::Run{};
}

std::map<std::string, std::string> verdicts_in(const fs::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& record : run_in(folder).cases) {
    found[record.id] = std::string(report::to_text(record.verdict)) + " " + record.violated_clause;
  }
  return found;
}

class EndsEarly : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> conform(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"conform", "--out", out_, "--quiet"};
    arguments.insert(arguments.end(), kSelection.begin(), kSelection.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // The whole selection at once, for comparison.
  [[nodiscard]] std::map<std::string, std::string> unbroken(const std::string& provider) const {
    TemporaryFolder other;
    auto arguments = conform({"--provider", provider});
    arguments[2] = other.path();
    static_cast<void>(run_lockstep(arguments, std::chrono::seconds(60)));
    return verdicts_in(other.path() + "/latest");
  }
  [[nodiscard]] fs::path only_run() const {
    for (const auto& entry : fs::directory_iterator(out_)) {
      if (entry.path().filename().string().starts_with("run-")) return entry.path();
    }
    return {};
  }
  // Starts a run, and ends it by the signal once it has recorded a few cases.
  int end_by(int signal, const std::string& provider) {
    auto arguments = conform({"--provider", provider});
    arguments.insert(arguments.begin(), LOCKSTEP_EXECUTABLE);
    RunningProgram program(arguments);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      if (fs::exists(out_) && !only_run().empty()) {
        const std::string text = text_of(only_run() / "records.jsonl");
        if (std::count(text.begin(), text.end(), '\n') > 8) break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return program.end_with(signal);
  }

  TemporaryFolder folder_;
  std::string out_ = folder_.path() + "/out";
};

TEST_F(EndsEarly, ByCtrlCLeavesAReportOfWhatThereIs) {
  EXPECT_EQ(end_by(SIGINT, "faulty:pool-ignored"), kInterrupted);
  const fs::path folder = only_run();
  const report::Run run = run_in(folder);
  EXPECT_FALSE(run.summary.has_value());
  EXPECT_GT(run.cases.size(), 5U);
  EXPECT_LT(run.cases.size(), run.header.selected.size());
  EXPECT_THAT(text_of(folder / "report.html"), HasSubstr("cut off"));
  EXPECT_THAT(text_of(folder / "summary.md"), HasSubstr("cut off"));
  EXPECT_THAT(text_of(folder / "junit.xml"), HasSubstr("cut-off"));
}

TEST_F(EndsEarly, ByBeingKilledLeavesRecordsToMakeOneFrom) {
  EXPECT_EQ(end_by(SIGKILL, "reference"), -1);
  const fs::path folder = only_run();
  EXPECT_GT(run_in(folder).cases.size(), 5U);
  EXPECT_FALSE(fs::exists(folder / "report.html"));
  const auto report = run_lockstep({"report", folder.string()});
  EXPECT_EQ(report.exit_code, kAsExpected) << report.error;
  EXPECT_THAT(text_of(folder / "report.html"), HasSubstr("cut off"));
}

TEST_F(EndsEarly, AndGoesOnToTheSameVerdicts) {
  for (const int signal : {SIGINT, SIGKILL}) {
    const std::string provider = "faulty:pool-ignored";
    static_cast<void>(end_by(signal, provider));
    const std::string folder = only_run().string();
    const std::size_t before = run_in(folder).cases.size();
    const auto resumed =
        run_lockstep({"conform", "--resume", folder, "--quiet"}, std::chrono::seconds(60));
    EXPECT_EQ(resumed.exit_code, kUnexpected) << resumed.output << resumed.error;
    const report::Run run = run_in(folder);
    ASSERT_TRUE(run.summary.has_value());
    EXPECT_GT(run.cases.size(), before);
    EXPECT_EQ(run.cases.size(), run.header.selected.size());
    EXPECT_EQ(verdicts_in(folder), unbroken(provider));
    EXPECT_THAT(text_of(fs::path(folder) / "report.html"), Not(HasSubstr("cut off")));
    // It is whole now.
    EXPECT_EQ(run_lockstep({"conform", "--resume", folder}).exit_code, kUsage);
    fs::remove_all(out_);
  }
}

TEST_F(EndsEarly, AndRefusesToGoOnAsAnother) {
  ASSERT_EQ(run_lockstep({"conform", "CER-01", "--out", out_}).exit_code, kAsExpected);
  const fs::path folder = only_run();
  const std::string whole = text_of(folder / "records.jsonl");
  const std::size_t summary = whole.find("{\"type\":\"summary\"");
  ASSERT_NE(summary, std::string::npos);
  const auto resume_after = [&](const std::string& what, const std::string& by) {
    std::string changed = whole.substr(0, summary);
    const std::size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    if (at != std::string::npos) changed.replace(at, what.size(), by);
    std::ofstream(folder / "records.jsonl", std::ios::trunc) << changed;
    return run_lockstep({"conform", "--resume", folder.string()});
  };
  const auto version = resume_after("\"suite_version\":\"", "\"suite_version\":\"0.0.");
  EXPECT_EQ(version.exit_code, kUsage) << version.output;
  EXPECT_THAT(version.error, HasSubstr("0.0."));
  const auto revision = resume_after("\"revision\":\"", "\"revision\":\"f00d");
  EXPECT_EQ(revision.exit_code, kUsage) << revision.output;
  EXPECT_THAT(revision.error, HasSubstr("one of revision 'f00d"));
  const auto provider = resume_after("\"provider_version\":\"", "\"provider_version\":\"9.");
  EXPECT_EQ(provider.exit_code, kUsage) << provider.output;
  EXPECT_THAT(provider.error, HasSubstr("start a new run"));
  // One header option too many.
  EXPECT_EQ(run_lockstep({"conform", "CER", "--resume", folder.string()}).exit_code, kUsage);
  EXPECT_EQ(run_lockstep({"conform", "--seed", "2", "--resume", folder.string()}).exit_code,
            kUsage);
}

TEST_F(EndsEarly, InShardsThatMakeAWholeRun) {
  const std::string provider = "faulty:pool-ignored";
  std::vector<std::string> shards;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    auto arguments = conform({"--provider", provider, "--shard", shard});
    arguments[2] = out_ + "/" + std::string(1, shard[0]);
    static_cast<void>(run_lockstep(arguments, std::chrono::seconds(60)));
    shards.push_back(arguments[2] + "/latest");
  }
  const std::string merged = folder_.path() + "/merged";
  const auto two = run_lockstep({"merge", shards[0], shards[2], "--out", merged});
  EXPECT_EQ(two.exit_code, kUnexpected);
  EXPECT_THAT(two.error, HasSubstr("recorded in no shard"));
  const auto twice =
      run_lockstep({"merge", shards[0], shards[1], shards[2], shards[0], "--out", merged});
  EXPECT_EQ(twice.exit_code, kUnexpected);
  EXPECT_THAT(twice.error, HasSubstr("expected once"));
  EXPECT_FALSE(fs::exists(merged));
  const auto whole = run_lockstep({"merge", shards[2], shards[0], shards[1], "--out", merged});
  EXPECT_EQ(whole.exit_code, kUnexpected) << whole.output << whole.error;  // the planted bug
  EXPECT_EQ(verdicts_in(merged + "/latest"), unbroken(provider));
  ASSERT_EQ(
      run_lockstep({"conform", "CER-01", "--shard", "1/3", "--out", out_ + "/other"}).exit_code,
      kAsExpected);
  const auto other = run_lockstep({"merge", shards[0], out_ + "/other/latest", "--out", merged});
  EXPECT_EQ(other.exit_code, kUsage);
  EXPECT_THAT(other.error, HasSubstr("another"));
  EXPECT_EQ(run_lockstep({"conform", "--shard", "4/3"}).exit_code, kUsage);
}

}  // namespace
}  // namespace lockstep::cli
