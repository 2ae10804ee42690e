// Goal: on somebody else's array a run does only what it was allowed to, leaves nothing behind, and
// what a killed one left can be swept away. Method: the executable against the reference served
// over CIM-XML by another process, a few cases at a time.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "reports/record/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class OnSomebodysArray : public testing::Test {
 protected:
  OnSomebodysArray() {
    ::setenv("LOCKSTEP_CIMXML_USER", "lockstep", 1);
    ::setenv("LOCKSTEP_CIMXML_PASSWORD", "replication", 1);
    array_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                            "1MiB", "--cimxml", "0", "--for", "100s"});
    const std::string text = array_->read_until("serving", std::chrono::seconds(20));
    const std::size_t at = text.find("cimxml://");
    EXPECT_NE(at, std::string::npos) << text;
    if (at != std::string::npos) url_ = text.substr(at, text.find(' ', at) - at);
  }
  ~OnSomebodysArray() override {
    ::unsetenv("LOCKSTEP_CIMXML_USER");
    ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  }

  [[nodiscard]] ProgramResult lockstep_there(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--provider", url_, "--out", out_});
    return run_lockstep(arguments, std::chrono::seconds(60));
  }
  // What can be seen on the array, as another client sees it.
  [[nodiscard]] Inventory there() const {
    conformance::CimXmlOptions options;
    options.url = conformance::parse_cimxml_url(url_).value();
    options.credentials = conformance::cimxml_credentials_from_environment().value();
    const auto client = conformance::make_cimxml(options);
    EXPECT_TRUE(client) << client.error().message;
    if (!client) return {};
    auto inventory = client.value()->inventory();
    EXPECT_TRUE(inventory) << inventory.error().message;
    return inventory ? std::move(inventory).value() : Inventory{};
  }
  [[nodiscard]] std::size_t objects_there() const {
    const Inventory now = there();
    return now.elements.size() + now.groups.size() + now.relationships.size();
  }
  [[nodiscard]] std::string a_pool() const {
    const Inventory now = there();
    EXPECT_FALSE(now.pools.empty());
    return now.pools.empty() ? std::string() : now.pools.front().name;
  }
  [[nodiscard]] fs::path only_run() const {
    for (const auto& entry : fs::directory_iterator(out_)) {
      if (entry.path().filename().string().starts_with("run-")) return entry.path();
    }
    return {};
  }
  // Ends a run by the signal when volumes of it are there.
  void end_amid_work(int signal) const {
    RunningProgram program({LOCKSTEP_EXECUTABLE, "conform", "CGE-1?", "CLR-1?", "--provider", url_,
                            "--allow-data-loss", "--target", "*", "--quiet", "--out", out_});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::size_t made = 0;
    while (made < 3 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (!fs::exists(out_) || only_run().empty()) continue;
      std::ifstream ledger(only_run() / "resources.jsonl");
      made = 0;
      for (std::string line; std::getline(ledger, line);) {
        if (line.find("\"op\":\"made\"") != std::string::npos) ++made;
        if (line.find("\"op\":\"gone\"") != std::string::npos) --made;
      }
    }
    EXPECT_GE(made, 3U);
    static_cast<void>(program.end_with(signal));
  }

  TemporaryFolder folder_;
  std::string out_ = folder_.path() + "/out";
  std::optional<RunningProgram> array_;
  std::string url_;
};

TEST_F(OnSomebodysArray, NothingHappensWithoutPermission) {
  const std::size_t before = objects_there();
  for (const char* command : {"conform", "check"}) {
    const auto without = lockstep_there({command});
    EXPECT_EQ(without.exit_code, kUsage) << without.output;
    EXPECT_THAT(without.error, HasSubstr("--allow-data-loss"));
    const auto half = lockstep_there({command, "--allow-data-loss"});
    EXPECT_EQ(half.exit_code, kUsage) << half.output;
    EXPECT_THAT(half.error, HasSubstr("--target"));
    EXPECT_FALSE(fs::exists(out_));
    const auto wrong = lockstep_there({command, "--allow-data-loss", "--target", "no-such-pool"});
    EXPECT_EQ(wrong.exit_code, kUsage) << wrong.output;
    EXPECT_THAT(wrong.error, HasSubstr(a_pool()));
    fs::remove_all(out_);
  }
  EXPECT_EQ(objects_there(), before);
}

TEST_F(OnSomebodysArray, ARunWorksInTheListedPoolAndLeavesNothing) {
  const std::size_t before = objects_there();
  const auto result = lockstep_there({"conform", "CER-05", "CER-21", "GEN-21", "--allow-data-loss",
                                      "--target", a_pool(), "--quiet"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_EQ(objects_there(), before);
  const auto run = report::read_run(out_ + "/latest");
  ASSERT_TRUE(run);
  std::size_t passed = 0;
  for (const auto& record : run.value().cases) passed += report::is_pass(record.verdict) ? 1U : 0U;
  EXPECT_GT(passed, 3U);
  const auto nothing = run_lockstep({"sweep", "--dry-run", out_ + "/latest"});
  EXPECT_EQ(nothing.exit_code, kAsExpected) << nothing.output << nothing.error;
  EXPECT_THAT(nothing.output, HasSubstr("0 objects"));
}

TEST_F(OnSomebodysArray, AnInterruptedRunCleansUpAfterItself) {
  const std::size_t before = objects_there();
  end_amid_work(SIGINT);
  EXPECT_EQ(objects_there(), before);
  EXPECT_TRUE(fs::exists(only_run() / "report.html"));
}

TEST_F(OnSomebodysArray, WhatAKilledRunLeftIsSweptAway) {
  const std::size_t before = objects_there();
  end_amid_work(SIGKILL);
  EXPECT_GT(objects_there(), before);
  const std::string run = only_run().string();
  const auto dry = run_lockstep({"sweep", "--dry-run", run}, std::chrono::seconds(30));
  EXPECT_EQ(dry.exit_code, kUnexpected) << dry.output << dry.error;
  EXPECT_GT(objects_there(), before);
  const auto swept = run_lockstep({"sweep", "--provider", url_, run}, std::chrono::seconds(60));
  EXPECT_EQ(swept.exit_code, kAsExpected) << swept.output << swept.error;
  EXPECT_EQ(objects_there(), before);
  // Elsewhere, and without a ledger, there is nothing to sweep.
  EXPECT_EQ(run_lockstep({"sweep", "--provider", "null", run}).exit_code, kUsage);
  EXPECT_EQ(run_lockstep({"sweep", folder_.path()}).exit_code, kUsage);
}

TEST_F(OnSomebodysArray, AResumedRunSweepsFirst) {
  const std::size_t before = objects_there();
  const auto permission = std::vector<std::string>{"--allow-data-loss", "--target", "*", "--quiet"};
  end_amid_work(SIGKILL);
  const std::string run = only_run().string();
  std::vector<std::string> arguments{"conform", "--resume", run};
  EXPECT_EQ(run_lockstep(arguments).exit_code, kUsage);  // no permission
  arguments.insert(arguments.end(), permission.begin(), permission.end());
  const auto resumed = run_lockstep(arguments, std::chrono::seconds(100));
  EXPECT_EQ(resumed.exit_code, kAsExpected) << resumed.output << resumed.error;
  EXPECT_EQ(objects_there(), before);
  const auto records = report::read_run(run);
  ASSERT_TRUE(records);
  EXPECT_EQ(records.value().cases.size(), records.value().header.selected.size());
}

TEST_F(OnSomebodysArray, CheckLeavesNothingEither) {
  const std::size_t before = objects_there();
  const auto result =
      lockstep_there({"check", "--for", "1s", "--allow-data-loss", "--target", "*", "--quiet"});
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
  EXPECT_EQ(objects_there(), before);
}

}  // namespace
}  // namespace lockstep::cli
