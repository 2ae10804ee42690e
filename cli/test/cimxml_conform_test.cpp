// Goal: over CIM-XML and iSCSI, in two processes, every case ends as it ends in process, and the
// random search finds nothing either. Method: the executable on both sides; records compared.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// The credentials that the reference itself accepts for CreateReplica.
constexpr const char* kUser = "lockstep";
constexpr const char* kPassword = "replication";
constexpr const char* kBasicToken = "bG9ja3N0ZXA6cmVwbGljYXRpb24=";

class OverCimXml : public testing::Test {
 protected:
  OverCimXml() {
    ::setenv("LOCKSTEP_CIMXML_USER", kUser, 1);
    ::setenv("LOCKSTEP_CIMXML_PASSWORD", kPassword, 1);
    target_.emplace(std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun",
                                             "1MiB", "--cimxml", "0", "--for", "600s"});
    const std::string text = target_->read_until("serving", std::chrono::seconds(20));
    url_ = word(text, "cimxml://");
    const std::size_t portal = text.rfind("iscsi://");
    EXPECT_NE(portal, std::string::npos) << text;
    portal_ = text.substr(portal, text.find('\n', portal) - portal);
  }
  ~OverCimXml() override {
    ::unsetenv("LOCKSTEP_CIMXML_USER");
    ::unsetenv("LOCKSTEP_CIMXML_PASSWORD");
  }
  static std::string word(const std::string& text, const std::string& start) {
    const std::size_t at = text.find(start);
    EXPECT_NE(at, std::string::npos) << text;
    return text.substr(at, text.find(' ', at) - at);
  }
  std::optional<RunningProgram> target_;
  std::string url_;
  std::string portal_;
};

TEST_F(OverCimXml, EveryCaseEndsAsInProcess) {
  TemporaryFolder far;
  const auto remote =
      run_lockstep({"conform", "--provider", url_, "--portal", portal_, "--allow-data-loss",
                    "--target", "*", "--out", far.path(), "--quiet"},
                   std::chrono::seconds(500));
  EXPECT_EQ(remote.exit_code, kAsExpected) << remote.output << remote.error;
  TemporaryFolder near;
  const auto local =
      run_lockstep({"conform", "--out", near.path(), "--quiet"}, std::chrono::seconds(200));
  EXPECT_EQ(local.exit_code, kAsExpected);
  const auto expected = verdicts_in(near);
  EXPECT_GE(expected.size(), 350U);
  EXPECT_EQ(verdicts_in(far), expected);

  const std::string evidence = text_of_file(far.path() + "/latest/exchanges.log");
  EXPECT_THAT(evidence, HasSubstr("CreateGroupReplicaFromElements"));
  EXPECT_EQ(evidence.find(kPassword), std::string::npos);
  for (const std::string& text : {evidence, text_of_file(far.path() + "/latest/records.jsonl")}) {
    EXPECT_THAT(text, Not(HasSubstr(kBasicToken)));
  }
}

TEST_F(OverCimXml, TheRandomSearchFindsNothing) {
  TemporaryFolder folder;
  const auto result = run_lockstep(
      {"check", "--provider", url_, "--portal", portal_, "--allow-data-loss", "--target", "*",
       "--for", "10s", "--seed", "3", "--out", folder.path(), "--quiet"},
      std::chrono::seconds(110));
  EXPECT_EQ(result.exit_code, kAsExpected) << result.output << result.error;
}

TEST_F(OverCimXml, NobodyThereIsUnreachable) {
  TemporaryFolder folder;
  EXPECT_EQ(target_->stop(), kAsExpected);
  const auto result =
      run_lockstep({"conform", "CER-01", "--provider", url_, "--out", folder.path()});
  EXPECT_EQ(result.exit_code, kUnreachable) << result.output << result.error;
  EXPECT_THAT(result.error, HasSubstr("CIM-XML server"));
}

// --cimxml and --store: the next process serves the same volumes, and every relationship.
TEST_F(OverCimXml, AStoreIsServedAgain) {
  const TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  const auto serve = [&](const std::vector<std::string>& luns) {
    std::vector<std::string> arguments{
        LOCKSTEP_EXECUTABLE, "target", "--port", "0",   "--cimxml", "0",
        "--store",           store,    "--for",  "100s"};
    arguments.insert(arguments.end(), luns.begin(), luns.end());
    target_.emplace(arguments);
    return target_->read_until("serving", std::chrono::seconds(20));
  };
  const auto lun_in = [](const std::string& text) {
    const std::size_t at = text.find("iqn.");
    return at == std::string::npos ? text : text.substr(at, text.find('\n', at) - at);
  };
  const std::string before = lun_in(serve({"--lun", "1MiB"}));
  EXPECT_THAT(before, HasSubstr("/1  1048576 bytes"));
  EXPECT_EQ(target_->stop(), kAsExpected);
  const std::string text = serve({});
  EXPECT_EQ(lun_in(text), before);
  const TemporaryFolder run;
  const auto judged =
      run_lockstep({"conform", "CER-34", "--provider", word(text, "cimxml://"), "--allow-data-loss",
                    "--target", "*", "--out", run.path(), "--quiet"});
  EXPECT_EQ(judged.exit_code, kAsExpected) << judged.output << judged.error;
  EXPECT_EQ(target_->stop(), kAsExpected);
  const auto other = run_lockstep(
      {"target", "--port", "0", "--cimxml", "0", "--store", store, "--lun", "2MiB", "--for", "1s"});
  EXPECT_EQ(other.exit_code, kUsage);
  EXPECT_THAT(other.error, HasSubstr("expected \"lun 1\" of 2097152 bytes, found one of 1048576"));
}

}  // namespace
}  // namespace lockstep::cli
