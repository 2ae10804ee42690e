// WRITE ATOMIC(16), ORWRITE(16), PRE-FETCH and READ DEFECT DATA.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lockstep::scsi::test {
namespace {

Answer write_atomic(Rig& rig, unsigned first, unsigned blocks, unsigned boundary = 0) {
  return rig.run({0x9c, 0, 0, 0, 0, 0, 0, 0, 0, first, 0, boundary, blocks >> 8, blocks & 0xff},
                 filled(blocks * kBlock, 0x33));
}

TEST(WriteAtomic, KeepsToWhatBlockLimitsPromises) {
  Rig rig;
  const Bytes limits = rig.run({0x12, 1, 0xb0, 0, 96}).data;
  ASSERT_EQ(number_at(limits, 44, 4), 256U);
  EXPECT_EQ(number_at(limits, 48, 8), 0U);
  EXPECT_EQ(write_atomic(rig, 3, 256).verdict(), "good");
  EXPECT_EQ(rig.content(3, 256), filled(256 * kBlock, 0x33));
  EXPECT_EQ(write_atomic(rig, 3, 257).verdict(), "5/2400");
  EXPECT_EQ(write_atomic(rig, 3, 1, 1).verdict(), "5/2400");
  EXPECT_EQ(write_atomic(rig, 3, 0).verdict(), "good");
  EXPECT_EQ(rig.run({0x9c, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(),
            "5/2400");
  EXPECT_EQ(rig.run({0x9c, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0xff, 0, 0, 2, 0}, filled(512 * kBlock, 1))
                .verdict(),
            "5/2100");
  EXPECT_EQ(rig.run({0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, filled(kBlock, 1)).verdict(),
            "5/0e03");
}

TEST(WriteAtomic, WantsWholePhysicalBlocks) {
  Rig rig([](LogicalUnitOptions& options) { options.physical_block_exponent = 3; });
  const Bytes limits = rig.run({0x12, 1, 0xb0, 0, 96}).data;
  EXPECT_EQ(number_at(limits, 48, 4), 8U);
  EXPECT_EQ(number_at(limits, 52, 4), 8U);
  EXPECT_EQ(write_atomic(rig, 8, 16).verdict(), "good");
  EXPECT_EQ(write_atomic(rig, 4, 8).verdict(), "5/2400");
  EXPECT_EQ(write_atomic(rig, 8, 4).verdict(), "5/2400");
}

TEST(OrWrite, SetsBits) {
  Rig rig;
  rig.put(5, filled(kBlock, 0x0f));
  EXPECT_EQ(
      rig.run({0x8b, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2}, filled(2 * kBlock, 0x3c)).verdict(),
      "good");
  EXPECT_EQ(rig.content(5, 1), filled(kBlock, 0x3f));
  EXPECT_EQ(rig.content(6, 1), filled(kBlock, 0x3c));
  EXPECT_EQ(rig.unit->medium_changes(), 1U);
}

// Goal: no bit that one of two writers sets gets lost. Method: both start together, again and
// again, to set different bits of the same blocks, which hold zeros.
TEST(OrWrite, IsAtomic) {
  constexpr unsigned kRounds = 60;
  constexpr unsigned kWide = 2048;
  Rig rig;
  rig.join(2);
  std::atomic<unsigned> arrived{0};
  const auto set_bits = [&](std::uint64_t nexus, unsigned value) {
    const Cdb cdb{0x8b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kWide >> 8, kWide & 0xff};
    const Bytes bits = filled(std::size_t{kWide} * kBlock, value);
    for (unsigned round = 0; round != kRounds; ++round) {
      arrived += 1;
      while (arrived.load() < 4 * round + 2) {
        std::this_thread::yield();
      }
      EXPECT_EQ(rig.run_on(nexus, 0, cdb, bits).verdict(), "good");
      arrived += 1;
      while (arrived.load() < 4 * round + 4) {
        std::this_thread::yield();
      }
      if (nexus == 1) {
        EXPECT_EQ(rig.content(0, kWide), filled(std::size_t{kWide} * kBlock, 0xff)) << round;
        rig.put(0, filled(std::size_t{kWide} * kBlock, 0));
      }
    }
  };
  std::thread other([&] { set_bits(2, 0xf0); });
  set_bits(1, 0x0f);
  other.join();
}

TEST(PreFetch, ChecksTheRangeAndAnswersAsConfigured) {
  Rig good;
  EXPECT_EQ(good.run({0x34, 0, 0, 0, 0, 0, 0, 0, 8}).verdict(), "good");
  EXPECT_EQ(good.run({0x34, 2, 0, 0, 0x0f, 0xff, 0x03, 0, 1}).verdict(), "good");
  EXPECT_EQ(good.run({0x34, 0, 0, 0, 0x0f, 0xff, 0, 0, 2}).verdict(), "5/2100");
  EXPECT_EQ(good.run({0x90, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}).verdict(), "5/2100");
  Rig met(
      [](LogicalUnitOptions& options) { options.prefetch_answer = PrefetchAnswer::ConditionMet; });
  EXPECT_EQ(met.run({0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}).response.status,
            Status::ConditionMet);
}

TEST(ReadDefectData, HasEmptyLists) {
  Rig rig;
  EXPECT_EQ(rig.run({0x37, 0, 0x1d, 0, 0, 0, 0, 0, 32}).data, (Bytes{{}, std::byte{0x1d}, {}, {}}));
  EXPECT_EQ(rig.run({0xb7, 0x0d, 0, 0, 0, 0, 0, 0, 0, 32}).data.size(), 8U);
}

}  // namespace
}  // namespace lockstep::scsi::test
