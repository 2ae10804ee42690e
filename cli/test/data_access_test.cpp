// Goal: a user's rules lead a run to the bytes of the volumes it makes, and where they do not, that
// is what the report says, and why. Method: the executable against the reference in another
// process.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kCase = "CER/bytes-snapshot";

class ByRules : public testing::Test {
 protected:
  ByRules()
      : target_({LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "1MiB", "--cimxml", "0",
                 "--for", "100s"}) {
    const std::string text = target_.read_until("serving", std::chrono::seconds(20));
    const std::size_t at = text.find("cimxml://");
    const std::size_t portal = text.rfind("iscsi://");
    EXPECT_NE(at, std::string::npos) << text;
    url_ = text.substr(at, text.find(' ', at) - at);
    portal_ = text.substr(portal, text.find('\n', portal) - portal);
  }
  // The record of the one case.
  report::CaseRecord judged(const std::string& rules) {
    const std::string file = folder_.path() + "/rules.toml";
    std::ofstream(file) << rules;
    std::vector<std::string> arguments{"conform",           kCase,      "--provider", url_,
                                       "--allow-data-loss", "--target", "*",          "--out",
                                       folder_.path(),      "--quiet"};
    if (!rules.empty()) arguments.insert(arguments.end(), {"--data-access", file});
    result_ = run_lockstep(arguments, std::chrono::seconds(60));
    const auto records = records_in(folder_);
    EXPECT_EQ(records.size(), 1U) << result_.error;
    return records.empty() ? report::CaseRecord{} : records.front();
  }
  std::string header() const {
    const std::string records = text_of_file(folder_.path() + "/latest/records.jsonl");
    return records.substr(0, records.find('\n'));
  }

  RunningProgram target_;
  TemporaryFolder folder_;
  std::string url_;
  std::string portal_;
  ProgramResult result_;
};

TEST_F(ByRules, LeadToTheBytesOfVolumesThatTheRunMakes) {
  // The reference gives no serial numbers, and its replicas names of their own.
  const auto record = judged("portals = [\"" + portal_ + "\"]\n[[rule]]\nby = \"serial\"\n" +
                             "[[rule]]\nby = \"identifier\"\n");
  EXPECT_EQ(record.verdict, report::Verdict::Pass) << record.message << result_.error;
  EXPECT_THAT(header(), HasSubstr("by serial, by identifier under " + portal_));
}

TEST_F(ByRules, ThatLeadNowhereAreToldWithTheirReasons) {
  const auto record = judged("[[rule]]\nby = \"command\"\ncommand = [\"false\", \"{name}\"]\n" +
                             std::string("[[rule]]\nvolumes = \"other-*\"\nby = \"serial\"\n"));
  EXPECT_EQ(record.verdict, report::Verdict::NotTestable);
  EXPECT_THAT(record.message, HasSubstr("data access command false"));
  EXPECT_THAT(record.message, HasSubstr("exit code 1"));
  EXPECT_THAT(text_of_file(folder_.path() + "/latest/report.html"),
              HasSubstr("data access command false"));
}

TEST_F(ByRules, WithoutAnyTheBytesAreNotTestable) {
  const auto record = judged("");
  EXPECT_EQ(record.verdict, report::Verdict::NotTestable);
  EXPECT_THAT(record.message, HasSubstr("--data-access"));
  EXPECT_THAT(header(), HasSubstr("none: neither a portal nor rules"));
}

TEST_F(ByRules, ThatAreNoneEndTheRunBeforeItBegins) {
  const std::string file = folder_.path() + "/rules.toml";
  std::ofstream(file) << "[[rule]]\nby = \"luck\"\n";
  const auto result = run_lockstep({"doctor", "--provider", url_, "--data-access", file});
  EXPECT_EQ(result.exit_code, kUsage) << result.output;
  EXPECT_THAT(result.output, HasSubstr("rule 1: by: expected identifier, serial"));
}

}  // namespace
}  // namespace lockstep::cli
