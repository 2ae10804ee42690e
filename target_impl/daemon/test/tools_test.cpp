// The tools that users have, run as they are against a target of ours on loopback.
#include "target_impl/daemon/test/served_volume.hpp"

#include <gmock/gmock.h>

namespace lockstep::target::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kMebibyte = 1ULL << 20;

TEST(DebianTools, LsListsTheTargetAndItsUnit) {
  ServedVolume served(16 * kMebibyte);
  const Ran ran = run_tool("iscsi-ls -s iscsi://" + served.server().portal());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr(kTargetName));
  EXPECT_THAT(ran.output, HasSubstr("Portal:" + served.server().portal() + ",1"));
  EXPECT_THAT(ran.output, HasSubstr("Lun:0"));
}

TEST(DebianTools, InqShowsStandardData) {
  ServedVolume served(16 * kMebibyte);
  const Ran ran = run_tool("iscsi-inq " + served.url());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("lockstep"));
  EXPECT_THAT(ran.output, HasSubstr("DIRECT_ACCESS"));
}

TEST(DebianTools, Readcapacity16ShowsTheSize) {
  ServedVolume served(16 * kMebibyte);
  const Ran ran = run_tool("iscsi-readcapacity16 " + served.url());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("Total size:16777216"));
}

TEST(DebianTools, PerfReadsForASecond) {
  ServedVolume served(16 * kMebibyte);
  const Ran ran = run_tool("iscsi-perf -m 32 -b 8 -t 1 " + served.url());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("iops average"));
}

// libiscsi's own test program, its family about the protocol: numbering, residuals, task
// management.
TEST(DebianTools, TestProgramFindsTheProtocolSound) {
  ServedVolume served(16 * kMebibyte);
  const Ran ran = run_tool("iscsi-test-cu --dataloss --fail --normal --test=iSCSI " + served.url());
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, ::testing::ContainsRegex("tests +15 +15 +15 +0 +0")) << ran.output;
}

}  // namespace
}  // namespace lockstep::target::test
