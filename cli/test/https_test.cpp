// Goal: over https a user reaches a provider, is told whom to believe, and finds in the report
// whether anybody was verified. Method: `lockstep target` with certificates made for the test, and
// `lockstep conform` and `doctor` as clients.
#include "cli/exit_codes.hpp"
#include "cli/test/run_records.hpp"
#include "target_impl/transport/tls/test/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using tls::test::Authority;

class OverHttps : public testing::Test {
 protected:
  OverHttps()
      : own_(certificates_.make("IP:127.0.0.1")),
        target_({LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "1MiB", "--cimxml", "0",
                 "--cimxml-tls", "--tls-certificate", own_.certificate_file, "--tls-key",
                 own_.key_file, "--for", "100s"}) {
    const std::string text = target_.read_until("serving", std::chrono::seconds(20));
    const std::size_t at = text.find("https://");
    EXPECT_NE(at, std::string::npos) << text;
    url_ = text.substr(at, text.find(' ', at) - at);
  }

  ProgramResult conform(const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"conform",           "CER-34",   "--provider", url_,
                                       "--allow-data-loss", "--target", "*",          "--out",
                                       folder_.path(),      "--quiet"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_lockstep(arguments, std::chrono::seconds(60));
  }
  std::string records() const { return text_of_file(folder_.path() + "/latest/records.jsonl"); }
  std::string authority(Authority which) const { return certificates_.authority_file(which); }

  tls::test::Certificates certificates_;
  tls::OwnCertificate own_;
  RunningProgram target_;
  TemporaryFolder folder_;
  std::string url_;
};

TEST_F(OverHttps, AProviderIsJudgedAndTheReportSaysWhoVouchesForIt) {
  const auto judged = conform({"--tls-ca", authority(Authority::Known)});
  EXPECT_EQ(judged.exit_code, kAsExpected) << judged.output << judged.error;
  EXPECT_THAT(judged.error, Not(HasSubstr("WARNING")));
  EXPECT_THAT(records(), HasSubstr("certificate of 127.0.0.1 verified against " +
                                   authority(Authority::Known)));
  EXPECT_THAT(text_of_file(folder_.path() + "/latest/report.html"), HasSubstr("verified against"));
  const auto doctor =
      run_lockstep({"doctor", "--provider", url_, "--tls-ca", authority(Authority::Known)});
  EXPECT_THAT(doctor.output, HasSubstr("TLSv1.3, certificate of 127.0.0.1 verified"));
}

TEST_F(OverHttps, NobodyIsBelievedWithoutAnAuthority) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{}, {"--tls-ca", authority(Authority::Other)}}) {
    const auto judged = conform(options);
    EXPECT_EQ(judged.exit_code, kUnreachable) << judged.output << judged.error;
    EXPECT_THAT(judged.error, HasSubstr("--tls-ca"));
  }
}

TEST_F(OverHttps, SwitchingVerificationOffIsLoudAndRecorded) {
  const auto judged = conform({"--tls-insecure"});
  EXPECT_EQ(judged.exit_code, kAsExpected) << judged.output << judged.error;
  EXPECT_THAT(judged.error, HasSubstr("WARNING: the server's certificate is NOT VERIFIED"));
  EXPECT_THAT(records(), HasSubstr("NOT VERIFIED"));
  EXPECT_THAT(text_of_file(folder_.path() + "/latest/report.html"), HasSubstr("NOT VERIFIED"));
}

// A client that knows nothing of this project believes the authority, and nobody without it.
TEST_F(OverHttps, WbemcliReadsTheModel) {
  const std::string object = "https://nobody:none@" + url_.substr(8) + ":CIM_StorageVolume";
  const auto read =
      run_program({"wbemcli", "-nl", "-cacert", authority(Authority::Known), "ein", object});
  EXPECT_EQ(read.exit_code, 0) << read.error;
  EXPECT_THAT(read.output, HasSubstr("MSISCSITARGET_StorageVolume"));
  const auto refused = run_program({"wbemcli", "-nl", "ein", object});
  EXPECT_NE(refused.exit_code, 0) << refused.output;
  EXPECT_THAT(refused.output, Not(HasSubstr("MSISCSITARGET_StorageVolume")));
}

TEST_F(OverHttps, OptionsThatMakeNoSenseAreNamed) {
  const auto no_tls = run_lockstep(
      {"conform", "--provider", "cimxml://127.0.0.1:1/x", "--tls-ca", authority(Authority::Known)});
  EXPECT_EQ(no_tls.exit_code, kUsage);
  EXPECT_THAT(no_tls.error, HasSubstr("tls-ca with https:// only"));
  const auto no_file = conform({"--tls-ca", "/nowhere.pem"});
  EXPECT_EQ(no_file.exit_code, kUsage);
  EXPECT_THAT(no_file.error, HasSubstr("/nowhere.pem"));
  const auto no_certificate = run_lockstep({"target", "--cimxml", "0", "--cimxml-tls"});
  EXPECT_EQ(no_certificate.exit_code, kUsage);
  EXPECT_THAT(no_certificate.error, HasSubstr("--tls-certificate"));
  const auto no_key =
      run_lockstep({"target", "--port", "0", "--cimxml", "0", "--cimxml-tls", "--tls-certificate",
                    own_.certificate_file, "--tls-key", "/nowhere.key"});
  EXPECT_EQ(no_key.exit_code, kUsage);
  EXPECT_THAT(no_key.error, HasSubstr("/nowhere.key"));
}

}  // namespace
}  // namespace lockstep::cli
