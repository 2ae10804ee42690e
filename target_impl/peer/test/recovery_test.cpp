// Goal: what a dead service has reserved is taken over whole or not at all, nothing of that service
// arrives afterwards, and in the end hosts can use it.
// Method: a group that lost its service, whose link may still be there; sessions of whoever
// recovers it, and of hosts.
#include "target_impl/peer/recovery.hpp"

#include "target_impl/peer/test/lost_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace lockstep::peer::test {
namespace {

using testing::HasSubstr;
using Is = UnitHolder::Is;

constexpr std::uint8_t kReservationConflict = 0x18;

class RecoveryTest : public ::testing::Test {
 protected:
  std::unique_ptr<initiator::Session> session() {
    initiator::SessionOptions options;
    options.credentials = {kPeerUser, kPeerPassword};
    auto made = initiator::Session::connect(group.rig.direct_portal(), kPeerTarget, options);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(made).value();
  }
  static Recovery look(initiator::Session& session, const std::set<std::uint16_t>& left_out = {}) {
    auto recovery = Recovery::look(session, LostGroup::kJournal, left_out);
    EXPECT_TRUE(recovery) << recovery.error().message;
    return std::move(recovery).value();
  }
  static std::vector<Is> holders(const Recovery& recovery) {
    std::vector<Is> all;
    for (const UnitHolder& unit : recovery.holders()) all.push_back(unit.is);
    return all;
  }
  // Of a host that reads it.
  std::uint8_t status(std::uint16_t lun) {
    const auto host = session();
    std::array<std::byte, 512> data{};
    std::uint8_t status = 0xFF;
    host->read(lun, Lba{0}, BlockSize{512}, data,
               [&](const initiator::Completion& c) { status = c.answer.scsi_status; });
    EXPECT_TRUE(host->run_until_idle());
    return status;
  }
  void expect_open() {
    const auto host = session();
    for (std::uint16_t lun = 1; lun <= LostGroup::kJournal; ++lun) {
      const auto keys = registrations(*host, lun);
      ASSERT_TRUE(keys) << keys.error().message;
      EXPECT_TRUE(keys.value().empty()) << "LUN " << lun;
      EXPECT_EQ(status(lun), 0) << "LUN " << lun;
    }
  }
  static void recover(Recovery recovery) {
    const Status taken = recovery.take_over();
    ASSERT_TRUE(taken) << taken.error().message;
    const auto rolled = recovery.roll_forward(to_the_end);
    ASSERT_TRUE(rolled) << rolled.error().message;
    ASSERT_TRUE(recovery.give_back());
  }
  void expect_recovered_by_the_next() {
    const auto next = session();
    const Recovery recovery = look(*next);
    EXPECT_EQ(holders(recovery), kAllOfTheService);
    recover(recovery);
    EXPECT_TRUE(group.is_whole());
    expect_open();
  }
  const std::vector<Is> kAllOfTheService{Is::TheService, Is::TheService, Is::TheService};
  LostGroup group;
};

TEST_F(RecoveryTest, HostsCanUseWhatWasTakenOver) {
  group.rig.proxy().cut();
  const auto own = session();
  const Recovery recovery = look(*own);
  EXPECT_EQ(holders(recovery), kAllOfTheService);
  EXPECT_EQ(recovery.holders().back().lun, LostGroup::kJournal);
  const auto& holder = recovery.holders().front().holder;
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->key, group.service->claimant().key);
  EXPECT_THAT(holder->initiator_port, HasSubstr("iqn.2026-11.net.lockstep:initiator,i,0x"));
  EXPECT_EQ(status(1), kReservationConflict);
  EXPECT_TRUE(group.is_untouched());
  recover(recovery);
  EXPECT_TRUE(group.is_whole());
  expect_open();
  EXPECT_FALSE(look(*own).plan().in_force);
  EXPECT_TRUE(look(*own).holders().empty());
}

TEST_F(RecoveryTest, NothingOfTheServiceArrivesAfterwards) {
  const auto own = session();
  Recovery recovery = look(*own);
  ASSERT_TRUE(recovery.take_over());
  EXPECT_FALSE(group.publish());
  EXPECT_FALSE(group.journal->close());
  ASSERT_TRUE(recovery.roll_forward(to_the_end));
  EXPECT_TRUE(group.is_whole());
}

TEST_F(RecoveryTest, AServiceThatLivesIsNoticed) {
  const auto own = session();
  Recovery recovery = look(*own);
  group.put_in_force('c');
  const Status taken = recovery.take_over();
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("the service lives"));
  EXPECT_TRUE(group.is_untouched());
}

TEST_F(RecoveryTest, OneThatWasStoppedIsGoneOnWithByTheNext) {
  group.rig.proxy().cut();
  {
    const auto first = session();
    Recovery recovery = look(*first);
    ASSERT_TRUE(recovery.take_over());
    const auto rolled = recovery.roll_forward([](std::uint64_t) { return false; });
    ASSERT_TRUE(rolled);
    EXPECT_EQ(rolled.value(), Rolled::Stopped);
  }
  EXPECT_EQ(status(1), kReservationConflict) << "a host sees a mixture";
  expect_recovered_by_the_next();
}

TEST_F(RecoveryTest, OneThatWasStoppedWhileItTookOverIsGoneOnWithByTheNext) {
  group.rig.proxy().cut();
  const auto first = session();
  constexpr std::uint64_t kOfARecovery = 0x6c6b'7263'0000'0001;
  ASSERT_TRUE(register_key(*first, 1, kOfARecovery));
  const auto taken =
      preempt(*first, 1, kOfARecovery, group.service->claimant().key, KeepsOut::Readers);
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken.value(), Reserved::Ours);
  expect_recovered_by_the_next();
}

TEST_F(RecoveryTest, WhatWasNotGivenBackIsByTheNext) {
  group.rig.proxy().cut();
  {
    const auto first = session();
    Recovery recovery = look(*first);
    ASSERT_TRUE(recovery.take_over());
    ASSERT_TRUE(recovery.roll_forward(to_the_end));
  }
  const auto second = session();
  Recovery recovery = look(*second);
  EXPECT_FALSE(recovery.plan().in_force);
  EXPECT_EQ(holders(recovery), kAllOfTheService);
  ASSERT_TRUE(recovery.take_over());
  ASSERT_TRUE(recovery.give_back());
  expect_open();
  EXPECT_TRUE(group.is_whole());
}

TEST_F(RecoveryTest, SaysWhatTheServiceDoesNotHoldAnyMore) {
  group.rig.proxy().cut();
  const auto host = session();
  const std::uint64_t key = group.service->claimant().key;
  ASSERT_TRUE(register_key(*host, 1, 7));
  ASSERT_TRUE(preempt(*host, 1, 7, key, KeepsOut::Writers));
  ASSERT_TRUE(register_key(*host, 2, 7));
  ASSERT_TRUE(preempt(*host, 2, 7, key, KeepsOut::Writers));
  ASSERT_TRUE(register_key(*host, 2, 0));
  const auto own = session();
  EXPECT_EQ(holders(look(*own)), (std::vector<Is>{Is::Another, Is::Nobody, Is::TheService}));
  EXPECT_EQ(holders(look(*own, {1})), (std::vector<Is>{Is::Nobody, Is::TheService}));
}

TEST_F(RecoveryTest, FindsJournals) {
  const auto own = session();
  const auto journals = find_journals(*own);
  ASSERT_TRUE(journals);
  EXPECT_EQ(journals.value(), std::vector<std::uint16_t>{LostGroup::kJournal});
}

}  // namespace
}  // namespace lockstep::peer::test
