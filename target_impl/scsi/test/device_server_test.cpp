// Logical units that come and go, unit attentions, task management, hostile CDBs.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace lockstep::scsi::test {
namespace {

constexpr Cdb kTestUnitReady{0x00};

TEST(DeviceServer, AnswersOnLunZeroWithoutALogicalUnit) {
  Rig rig;
  rig.server.remove(0);
  rig.server.add(3, rig.new_unit(8));
  const Answer inquiry = rig.run({0x12, 0, 0, 0, 96});
  EXPECT_EQ(number_at(inquiry.data, 0, 1), 0x7fU);
  EXPECT_EQ(rig.run({0x12, 1, 0, 0, 96}).data.size(), 5U);
  EXPECT_EQ(rig.run({0x12, 1, 0x83, 0, 96}).verdict(), "5/2400");
  const Bytes list = rig.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).data;
  EXPECT_EQ(number_at(list, 0, 4), 8U);
  EXPECT_EQ(number_at(list, 8, 2), 3U);
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "5/2500");
  const Bytes sense = rig.run({0x03, 0, 0, 0, 252}).data;
  EXPECT_EQ(number_at(sense, 2, 1), 5U);
  EXPECT_EQ(number_at(sense, 12, 2), 0x2500U);
}

TEST(DeviceServer, RefusesLunsThatDoNotExist) {
  Rig rig;
  for (const std::uint16_t lun : {std::uint16_t{1}, std::uint16_t{256}, std::uint16_t{0xc101}}) {
    EXPECT_EQ(rig.run_on(1, lun, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "5/2500");
    EXPECT_EQ(rig.run_on(1, lun, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "5/2500");
    EXPECT_EQ(number_at(rig.run_on(1, lun, {0x12, 0, 0, 0, 96}).data, 0, 1), 0x7fU);
  }
}

TEST(UnitAttention, IsReportedOncePerNexusAndLun) {
  Rig rig;
  rig.server.add(1, rig.new_unit(8));
  rig.server.nexus_started(Rig::nexus(2));
  EXPECT_EQ(rig.run_on(2, 0, {0x12, 0, 0, 0, 96}).verdict(), "good");
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "6/2900");
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "good");
  EXPECT_EQ(rig.run_on(2, 1, kTestUnitReady).verdict(), "6/2900");
  EXPECT_EQ(rig.run_on(2, 1, kTestUnitReady).verdict(), "good");
}

TEST(UnitAttention, TellsOfChangedLunsOnceUntilTheyAreListed) {
  Rig rig;
  rig.server.add(1, rig.new_unit(8));
  rig.server.add(2, rig.new_unit(8));
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "6/3f0e");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
  rig.server.remove(1);
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "good");
  EXPECT_EQ(rig.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "good");
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "good");
  rig.server.remove(2);
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "6/3f0e");
}

TEST(UnitAttention, StaysWithTheNexusThatHasNotSeenIt) {
  Rig rig;
  rig.server.nexus_started(Rig::nexus(2));
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "6/2900");
  rig.server.add(1, rig.new_unit(8));
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "6/3f0e");
  rig.server.nexus_lost(Rig::nexus(1));
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "6/3f0e");
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "good");
}

TEST(UnitAttention, IsHandedOutByRequestSense) {
  Rig rig;
  ASSERT_TRUE(rig.server.manage(Rig::nexus(1), 0, TaskManagement::LogicalUnitReset));
  const Bytes sense = rig.run({0x03, 0, 0, 0, 252}).data;
  ASSERT_EQ(sense.size(), kSenseBytes);
  EXPECT_EQ(number_at(sense, 2, 1), 6U);
  EXPECT_EQ(number_at(sense, 12, 2), 0x2903U);
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "good");
  EXPECT_EQ(number_at(rig.run({0x03, 0, 0, 0, 252}).data, 2, 1), 0U);
  const Bytes descriptors = rig.run({0x03, 1, 0, 0, 252}).data;
  EXPECT_EQ(descriptors, (Bytes{std::byte{0x72}, {}, {}, {}, {}, {}, {}, {}}));
}

TEST(TaskManagement, ResetsAreToldToEveryNexus) {
  Rig rig;
  rig.server.add(1, rig.new_unit(8));
  rig.server.nexus_started(Rig::nexus(2));
  for (const std::uint16_t lun : {std::uint16_t{0}, std::uint16_t{1}}) {
    EXPECT_EQ(rig.run_on(2, lun, kTestUnitReady).verdict(), "6/2900");
  }
  EXPECT_EQ(rig.run(kTestUnitReady).verdict(), "6/3f0e");

  EXPECT_TRUE(rig.server.manage(Rig::nexus(1), 1, TaskManagement::LogicalUnitReset));
  EXPECT_EQ(rig.run_on(1, 0, kTestUnitReady).verdict(), "good");
  EXPECT_EQ(rig.run_on(1, 1, kTestUnitReady).verdict(), "6/2900");
  EXPECT_EQ(rig.run_on(2, 1, kTestUnitReady).verdict(), "6/2903");
  EXPECT_EQ(rig.run_on(2, 1, kTestUnitReady).verdict(), "good");

  EXPECT_TRUE(rig.server.manage(Rig::nexus(1), 0, TaskManagement::TargetWarmReset));
  EXPECT_EQ(rig.run_on(2, 0, kTestUnitReady).verdict(), "6/2902");
  EXPECT_TRUE(rig.server.manage(Rig::nexus(1), 0, TaskManagement::AbortTaskSet));
  EXPECT_FALSE(rig.server.manage(Rig::nexus(1), 9, TaskManagement::AbortTaskSet));
  EXPECT_FALSE(rig.server.manage(Rig::nexus(1), 9, TaskManagement::LogicalUnitReset));
}

TEST(DeviceServer, KeepsAUnitAliveWhileACommandUsesIt) {
  Rig rig;
  std::atomic<bool> done{false};
  std::thread churn([&] {
    for (unsigned round = 0; round != 300; ++round) {
      rig.server.add(5, rig.new_unit(8));
      rig.server.remove(5);
      rig.server.nexus_started(Rig::nexus(100 + round));
      rig.server.nexus_lost(Rig::nexus(100 + round));
    }
    done = true;
  });
  while (!done.load()) {
    const std::string verdict = rig.run_on(1, 5, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict();
    EXPECT_TRUE(verdict == "good" || verdict == "5/2500" || verdict == "6/2900" ||
                verdict == "6/3f0e")
        << verdict;
  }
  churn.join();
}

TEST(DeviceServer, RefusesAutoContingentAllegiance) {
  Rig rig;
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0x04}).verdict(), "5/2400");
}

TEST(StartStopUnit, HasNothingToEject) {
  Rig rig;
  EXPECT_EQ(rig.run({0x1b, 0, 0, 0, 0x01}).verdict(), "good");
  EXPECT_EQ(rig.run({0x1b, 0, 0, 0, 0x00}).verdict(), "good");
  EXPECT_EQ(rig.run({0x1b, 0, 0, 0, 0x12}).verdict(), "good");
  EXPECT_EQ(rig.run({0x1b, 0, 0, 0, 0x02}).verdict(), "5/2400");
}

// Goal: no CDB and no amount of data crashes, hangs or writes outside of the volume. Method: known
// operation codes with random fields, biased to the ends of the number range.
TEST(DeviceServer, SurvivesRandomCommands) {
  std::mt19937_64 random(20261121);
  Rig rig(200, 8ULL << 20);
  std::vector<std::uint8_t> codes;
  const Bytes list = rig.run({0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0xff, 0xff}).data;
  for (std::size_t at = 4; at != list.size(); at += 8) {
    codes.push_back(static_cast<std::uint8_t>(list[at]));
  }
  std::uint64_t good = 0;
  for (unsigned round = 0; round != 20'000; ++round) {
    std::array<std::uint8_t, 16> cdb{};
    cdb[0] = codes[random() % codes.size()];
    for (std::size_t at = 1; at != cdb.size(); ++at) {
      switch (random() % 4) {
        case 0:
          cdb[at] = static_cast<std::uint8_t>(random());
          break;
        case 1:
          cdb[at] = static_cast<std::uint8_t>(random() % 8 == 0 ? 0xff : random() % 32);
          break;
        default:
          break;
      }
    }
    const Bytes out = filled((random() % 6) * kBlock / (1 + random() % 2), random() % 256);
    const Answer answer = rig.run_cdb(1, 0, cdb, out);
    good += answer.good() ? 1U : 0U;
    const Status status = answer.response.status;
    // PERSISTENT RESERVE OUT with a key that is not registered is a conflict.
    ASSERT_TRUE(answer.good() || status == Status::CheckCondition ||
                (cdb[0] == 0x5f && status == Status::ReservationConflict))
        << std::hex << unsigned{cdb[0]} << " " << answer.verdict();
    ASSERT_TRUE(answer.good() || answer.data.empty()) << std::hex << unsigned{cdb[0]};
  }
  EXPECT_GT(good, 1'000U);
}

}  // namespace
}  // namespace lockstep::scsi::test
