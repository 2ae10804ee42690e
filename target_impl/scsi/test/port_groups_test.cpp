// Asymmetric access: REPORT TARGET PORT GROUPS and what a port answers in each state; logical units
// that an initiator may not see.
#include "target_impl/scsi/test/rig.hpp"

#include <gmock/gmock.h>

namespace lockstep::scsi::test {
namespace {

constexpr unsigned kWhole = 255;

class PortGroupsTest : public ::testing::Test {
 protected:
  Answer report(unsigned format = 0, unsigned allocation = kWhole) {
    return rig.run({0xa3, 0x0a | format << 5, 0, 0, 0, 0, 0, 0, 0, allocation});
  }
  // As group 1, whose nexus is the rig's.
  void set_state(AccessState state) {
    ASSERT_TRUE(rig.server.set_access_state(1, state));
    EXPECT_EQ(rig.run({0x00}).verdict(), "6/2a06");
  }
  Rig rig;
};

TEST_F(PortGroupsTest, OneGroupByDefault) {
  const Answer answer = report();
  ASSERT_TRUE(answer.good());
  ASSERT_EQ(answer.data.size(), 16U);
  EXPECT_EQ(number_at(answer.data, 0, 4), 12U);
  EXPECT_EQ(number_at(answer.data, 4, 2), 0x008fU);  // active/optimized; supported states
  EXPECT_EQ(number_at(answer.data, 6, 2), 1U);       // group
  EXPECT_EQ(number_at(answer.data, 11, 1), 1U);      // ports
  EXPECT_EQ(number_at(answer.data, 14, 2), 1U);      // relative target port
}

TEST_F(PortGroupsTest, EveryAllocationLengthIsAPrefix) {
  rig.server.set_port_groups({7, 2, 7});
  const Answer whole = report();
  ASSERT_EQ(whole.data.size(), 28U);
  EXPECT_EQ(number_at(whole.data, 6, 2), 2U);
  EXPECT_EQ(number_at(whole.data, 18, 2), 7U);
  for (unsigned allocation = 0; allocation <= 64; ++allocation) {
    const Answer answer = report(0, allocation);
    ASSERT_TRUE(answer.good());
    const std::size_t bytes = std::min<std::size_t>(allocation, whole.data.size());
    EXPECT_EQ(answer.data,
              Bytes(whole.data.begin(), whole.data.begin() + static_cast<std::ptrdiff_t>(bytes)));
  }
}

TEST_F(PortGroupsTest, ExtendedHeaderAndNoOther) {
  const Answer answer = report(1);
  ASSERT_EQ(answer.data.size(), 20U);
  EXPECT_EQ(number_at(answer.data, 0, 4), 16U);
  EXPECT_EQ(number_at(answer.data, 4, 1), 0x10U);
  EXPECT_EQ(number_at(answer.data, 10, 2), 1U);
  EXPECT_EQ(report(2).verdict(), "5/2400");
  EXPECT_EQ(report(7).verdict(), "5/2400");
}

TEST_F(PortGroupsTest, InquiryAnnouncesImplicitAccess) {
  const Answer answer = rig.run({0x12, 0, 0, 0, 96});
  EXPECT_EQ(number_at(answer.data, 5, 1) >> 4 & 3U, 1U);
  EXPECT_EQ(rig.run({0xa4, 0x0a}).verdict(), "5/2000");  // SET TARGET PORT GROUPS
}

TEST_F(PortGroupsTest, ChangesAreToldToEveryNexusOnce) {
  rig.server.nexus_started(Rig::nexus(2));
  EXPECT_EQ(rig.run_on(2, 0, {0x00}).verdict(), "6/2900");
  EXPECT_TRUE(rig.server.set_access_state(1, AccessState::ActiveNonOptimized));
  EXPECT_TRUE(rig.server.set_access_state(1, AccessState::ActiveNonOptimized));
  for (const std::uint64_t nexus : {1U, 2U}) {
    EXPECT_EQ(rig.run_on(nexus, 0, {0x00}).verdict(), "6/2a06");
    EXPECT_EQ(rig.run_on(nexus, 0, {0x00}).verdict(), "good");
  }
  EXPECT_TRUE(rig.server.set_access_state(1, AccessState::ActiveNonOptimized));
  EXPECT_EQ(rig.run({0x00}).verdict(), "good");
  EXPECT_FALSE(rig.server.set_access_state(9, AccessState::Standby));
  EXPECT_EQ(number_at(report().data, 4, 1), 1U);
}

TEST_F(PortGroupsTest, StandbyAnswersWhatAPathIsSetUpWith) {
  set_state(AccessState::Standby);
  EXPECT_EQ(rig.run({0x00}).verdict(), "2/040b");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "2/040b");
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(), "2/040b");
  EXPECT_TRUE(rig.run({0x12, 0, 0, 0, 96}).good());
  EXPECT_TRUE(rig.run({0x1a, 8, 0x3f, 0, 192}).good());
  EXPECT_TRUE(rig.run({0x25}).good());
  EXPECT_TRUE(rig.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64}).good());
  EXPECT_EQ(number_at(report().data, 4, 1), 2U);
}

TEST_F(PortGroupsTest, UnavailableAndTransitioningAnswerLess) {
  set_state(AccessState::Unavailable);
  EXPECT_EQ(rig.run({0x00}).verdict(), "2/040c");
  EXPECT_EQ(rig.run({0x25}).verdict(), "2/040c");
  EXPECT_TRUE(rig.run({0x12, 0, 0, 0, 96}).good());
  EXPECT_TRUE(report().good());
  ASSERT_TRUE(rig.server.set_access_state(1, AccessState::Transitioning));
  EXPECT_EQ(rig.run({0x25}).verdict(), "6/2a06");
  EXPECT_EQ(rig.run({0x25}).verdict(), "2/040a");
  EXPECT_EQ(number_at(report().data, 4, 1), 15U);
  set_state(AccessState::ActiveOptimized);
  EXPECT_TRUE(rig.run({0x25}).good());
}

TEST_F(PortGroupsTest, OtherGroupsGoOn) {
  rig.server.set_port_groups({1, 2});
  ASSERT_TRUE(rig.server.set_access_state(2, AccessState::Standby));
  EXPECT_EQ(rig.run({0x00}).verdict(), "6/2a06");
  EXPECT_TRUE(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).good());
  Nexus second = Rig::nexus(2);
  second.port_group = 2;
  EXPECT_EQ(rig.run_as(second, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "2/040b");
  // Groups that stay keep their state.
  rig.server.set_port_groups({2, 3});
  EXPECT_EQ(rig.run_as(second, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "2/040b");
}

TEST_F(PortGroupsTest, NamesTheTaskManagementFunctions) {
  const Answer brief = rig.run({0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255});
  ASSERT_EQ(brief.data.size(), 4U);
  EXPECT_EQ(number_at(brief.data, 0, 4), 0xde070000U);
  const Answer whole = rig.run({0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 255});
  ASSERT_EQ(whole.data.size(), 16U);
  EXPECT_EQ(number_at(whole.data, 0, 4), 0xde07000cU);
  EXPECT_EQ(number_at(whole.data, 4, 8), 0U);
  EXPECT_EQ(rig.run({0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 3}).verdict(), "5/2400");
}

TEST_F(PortGroupsTest, HiddenLogicalUnitsAreNotThere) {
  rig.server.add(3, rig.new_unit(64));
  Nexus nexus = Rig::nexus(5);
  nexus.hidden_luns.set(0);
  const Cdb report_luns = {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64};
  const Answer some = rig.run_as(nexus, 0, report_luns);  // LUN 0 answers all the same
  ASSERT_EQ(some.data.size(), 16U);
  EXPECT_EQ(number_at(some.data, 8, 2), 3U);
  EXPECT_EQ(rig.run_as(nexus, 0, {0x00}).verdict(), "5/2500");
  EXPECT_EQ(number_at(rig.run_as(nexus, 0, {0x12, 0, 0, 0, 96}).data, 0, 1), 0x7fU);
  EXPECT_EQ(rig.run_as(nexus, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "5/2500");
  EXPECT_TRUE(rig.run_as(nexus, 3, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).good());
  EXPECT_FALSE(rig.server.manage(nexus, 0, TaskManagement::LogicalUnitReset));
  EXPECT_TRUE(rig.server.manage(nexus, 3, TaskManagement::LogicalUnitReset));
  EXPECT_EQ(rig.run(report_luns).data.size(), 24U);
}

}  // namespace
}  // namespace lockstep::scsi::test
