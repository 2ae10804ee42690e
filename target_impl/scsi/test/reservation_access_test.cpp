// Which command may pass while another nexus holds a reservation: SPC-4 table 68, SBC-3 table 13,
// and for RESERVE(6) SPC-2 table 9. The tables are written down here again, by command.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep::scsi::test {
namespace {

enum class Allowed : std::uint8_t { Always, Reading, Never };

struct Row {
  std::string name;
  std::array<std::uint8_t, 16> cdb;
  std::size_t out_bytes;
  Allowed allowed;
};

const std::vector<Row>& rows() {
  using enum Allowed;
  static const std::vector<Row> all{
      {"TEST UNIT READY", {0x00}, 0, Always},
      {"REQUEST SENSE", {0x03, 0, 0, 0, 252}, 0, Always},
      {"READ(6)", {0x08, 0, 0, 0, 1}, 0, Reading},
      {"WRITE(6)", {0x0a, 0, 0, 0, 1}, kBlock, Never},
      {"INQUIRY", {0x12, 0, 0, 0, 96}, 0, Always},
      {"MODE SELECT(6)", {0x15, 0x10}, 0, Never},
      {"MODE SENSE(6)", {0x1a, 0, 0x3f, 0, 255}, 0, Reading},
      {"START STOP UNIT start", {0x1b, 0, 0, 0, 1}, 0, Always},
      {"START STOP UNIT stop", {0x1b, 0, 0, 0, 0}, 0, Never},
      {"ALLOW MEDIUM REMOVAL", {0x1e}, 0, Always},
      {"PREVENT MEDIUM REMOVAL", {0x1e, 0, 0, 0, 1}, 0, Never},
      {"READ CAPACITY(10)", {0x25}, 0, Always},
      {"READ(10)", {0x28, 0, 0, 0, 0, 0, 0, 0, 1}, 0, Reading},
      {"WRITE(10)", {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"WRITE AND VERIFY(10)", {0x2e, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"VERIFY(10)", {0x2f, 0, 0, 0, 0, 0, 0, 0, 1}, 0, Reading},
      {"PRE-FETCH(10)", {0x34, 0, 0, 0, 0, 0, 0, 0, 1}, 0, Reading},
      {"SYNCHRONIZE CACHE(10)", {0x35}, 0, Never},
      {"READ DEFECT DATA(10)", {0x37, 0, 0, 0, 0, 0, 0, 0, 32}, 0, Reading},
      {"WRITE SAME(10)", {0x41, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"UNMAP", {0x42}, 0, Never},
      {"SANITIZE", {0x48, 0x82}, 0, Never},
      {"MODE SELECT(10)", {0x55, 0x10}, 0, Never},
      {"MODE SENSE(10)", {0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 255}, 0, Reading},
      {"PERSISTENT RESERVE IN", {0x5e, 0, 0, 0, 0, 0, 0, 1, 0}, 0, Always},
      {"READ(16)", {0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0, Reading},
      {"COMPARE AND WRITE", {0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 2 * kBlock, Never},
      {"WRITE(16)", {0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"ORWRITE(16)", {0x8b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"WRITE ATOMIC(16)", {0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, kBlock, Never},
      {"READ CAPACITY(16)", {0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32}, 0, Always},
      {"GET LBA STATUS", {0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32}, 0, Reading},
      {"REPORT LUNS", {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 0, Always},
      {"REPORT SUPPORTED OPCODES", {0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 16}, 0, Always},
  };
  return all;
}

Bytes keys(std::uint8_t own, std::uint8_t action) {
  Bytes list(24);
  list[7] = static_cast<std::byte>(own);
  list[15] = static_cast<std::byte>(action);
  return list;
}

std::string reserve_out(Rig& rig, std::uint64_t nexus, unsigned action, unsigned type,
                        const Bytes& list) {
  return rig.run_on(nexus, 0, {0x5f, action, type, 0, 0, 0, 0, 0, 24}, list).verdict();
}

void expect(Rig& rig, std::uint64_t nexus, const Row& row, bool allowed, const std::string& when) {
  const auto answer = rig.run_cdb(nexus, 0, row.cdb, filled(row.out_bytes, 0));
  EXPECT_EQ(answer.verdict() != "conflict", allowed)
      << row.name << " by nexus " << nexus << " " << when << ": " << answer.verdict();
}

// Nexus 1 holds, 2 is registered, 3 is not.
TEST(ReservationAccess, FollowsTheTables) {
  for (const unsigned type : {1U, 3U, 5U, 6U, 7U, 8U}) {
    const bool shared = type >= 5;
    const bool readable = type == 1 || type == 5 || type == 7;
    for (const Row& row : rows()) {
      Rig rig;
      rig.join(2);
      rig.join(3);
      ASSERT_EQ(reserve_out(rig, 1, 0, 0, keys(0, 1)), "good");
      ASSERT_EQ(reserve_out(rig, 2, 0, 0, keys(0, 2)), "good");
      ASSERT_EQ(reserve_out(rig, 1, 1, type, keys(1, 0)), "good");
      const std::string when = "under type " + std::to_string(type);
      const bool through =
          row.allowed == Allowed::Always || (row.allowed == Allowed::Reading && readable);
      expect(rig, 3, row, through, when);
      expect(rig, 2, row, shared || through, when);
      expect(rig, 1, row, true, when);
    }
  }
}

TEST(ReservationAccess, OfOneSessionLetsOnlyIdentificationThrough) {
  for (const Row& row : rows()) {
    Rig rig;
    rig.join(2);
    ASSERT_EQ(rig.run({0x16}).verdict(), "good");
    const bool through = row.name == "REQUEST SENSE" || row.name == "INQUIRY" ||
                         row.name == "REPORT LUNS" || row.name == "ALLOW MEDIUM REMOVAL";
    expect(rig, 2, row, through, "under RESERVE(6)");
    expect(rig, 1, row, true, "under RESERVE(6)");
  }
}

class SessionReservation : public ::testing::Test {
 protected:
  SessionReservation() {
    rig.join(2);
    EXPECT_EQ(rig.run({0x16}).verdict(), "good");
  }
  std::string other_reads() { return rig.run_on(2, 0, {0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(); }
  Rig rig;
};

TEST_F(SessionReservation, IsTakenAgainByItsHolderOnly) {
  EXPECT_EQ(rig.run({0x16}).verdict(), "good");
  EXPECT_EQ(rig.run_on(2, 0, {0x16}).verdict(), "conflict");
  EXPECT_EQ(rig.run_on(2, 0, {0x17}).verdict(), "good");
  EXPECT_EQ(other_reads(), "conflict");
  EXPECT_EQ(rig.run({0x17}).verdict(), "good");
  EXPECT_EQ(other_reads(), "good");
  EXPECT_EQ(rig.run({0x16, 0x10}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x17, 0x01}).verdict(), "5/2400");
}

TEST_F(SessionReservation, EndsWithTheSession) {
  rig.server.nexus_lost(Rig::nexus(1));
  EXPECT_EQ(other_reads(), "good");
}

TEST_F(SessionReservation, EndsWithEveryKindOfReset) {
  for (const auto function : {TaskManagement::LogicalUnitReset, TaskManagement::TargetWarmReset,
                              TaskManagement::TargetColdReset}) {
    ASSERT_TRUE(rig.server.manage(Rig::nexus(2), 0, function));
    EXPECT_NE(other_reads(), "conflict");
    EXPECT_EQ(other_reads(), "good");
    (void)rig.run({0x00});
    ASSERT_EQ(rig.run({0x16}).verdict(), "good");
  }
}

TEST_F(SessionReservation, ExcludesPersistentOnesAndIsExcludedByThem) {
  EXPECT_EQ(reserve_out(rig, 2, 0, 0, keys(0, 2)), "conflict");
  EXPECT_EQ(rig.run_on(2, 0, {0x5e, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "conflict");
  EXPECT_EQ(rig.run({0x17}).verdict(), "good");
  EXPECT_EQ(reserve_out(rig, 2, 0, 0, keys(0, 2)), "good");
  EXPECT_EQ(rig.run({0x16}).verdict(), "conflict");
  EXPECT_EQ(rig.run_on(2, 0, {0x16}).verdict(), "conflict");
  EXPECT_EQ(rig.run({0x17}).verdict(), "conflict");
}

}  // namespace
}  // namespace lockstep::scsi::test
