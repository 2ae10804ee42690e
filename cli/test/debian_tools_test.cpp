// Goal: the initiators that people have at hand work against `lockstep target`. Method: Debian's
// libiscsi tools and QEMU's iSCSI driver, each on a freshly started target.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

class DebianTools : public testing::Test {
 protected:
  void SetUp() override {
    const std::string said = target_.read_until("serving", std::chrono::seconds(10));
    const std::size_t at = said.find("iscsi://");
    ASSERT_NE(at, std::string::npos) << said;
    url_ = said.substr(at, said.find_first_of(" \n", at) - at);
    portal_url_ = url_.substr(0, url_.find('/', 8));
  }

  RunningProgram target_{
      {LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "64MiB", "--for", "100s"}};
  std::string url_;
  std::string portal_url_;
};

TEST_F(DebianTools, IscsiLsShowsTheTargetAndItsLun) {
  const auto result = run_program({"iscsi-ls", "-s", portal_url_});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.output, HasSubstr("Target:iqn."));
  EXPECT_THAT(result.output, HasSubstr("Lun:"));
}

TEST_F(DebianTools, IscsiInqReadsStandardAndVitalProductData) {
  const auto standard = run_program({"iscsi-inq", url_});
  EXPECT_EQ(standard.exit_code, 0) << standard.error;
  EXPECT_THAT(standard.output, HasSubstr("DIRECT_ACCESS"));
  for (const char* page : {"0", "131", "176", "177", "178"}) {
    const auto vital = run_program({"iscsi-inq", "-e", "1", "-c", page, url_});
    EXPECT_EQ(vital.exit_code, 0) << "page " << page << ": " << vital.error;
  }
}

TEST_F(DebianTools, IscsiReadcapacity16AgreesWithTheSizeAskedFor) {
  const auto result = run_program({"iscsi-readcapacity16", url_});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.output, HasSubstr("512"));
  EXPECT_THAT(result.output, HasSubstr("67108864"));
}

TEST_F(DebianTools, IscsiPerfReadsForASecond) {
  const auto result = run_program({"iscsi-perf", "-m", "16", "-b", "8", "-t", "1", "-r", url_},
                                  std::chrono::seconds(20));
  EXPECT_EQ(result.exit_code, 0) << result.error << result.output;
  EXPECT_THAT(result.output, HasSubstr("iops"));
}

TEST_F(DebianTools, QemuImgSeesAZeroedDisk) {
  const auto result = run_program({"qemu-img", "info", "--output=json", url_});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.output, HasSubstr("67108864"));
}

TEST_F(DebianTools, StopsCleanlyOnSigterm) { EXPECT_EQ(target_.stop(), kAsExpected); }

}  // namespace
}  // namespace lockstep::cli
