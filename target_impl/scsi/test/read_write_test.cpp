// READ, WRITE, VERIFY, COMPARE AND WRITE, WRITE SAME: content, ranges, lengths, protection bits.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::scsi::test {
namespace {

Bytes numbered(std::size_t bytes) {
  Bytes data(bytes);
  for (std::size_t i = 0; i != bytes; ++i) {
    data[i] = static_cast<std::byte>(i * 7 + i / 256);
  }
  return data;
}

TEST(ReadWrite, AllFormsMoveTheSameBytes) {
  const std::vector<std::pair<std::vector<unsigned>, std::vector<unsigned>>> forms{
      {{0x0a, 0, 0, 9, 2}, {0x08, 0, 0, 9, 2}},
      {{0x2a, 0, 0, 0, 0, 9, 0, 0, 2}, {0x28, 0, 0, 0, 0, 9, 0, 0, 2}},
      {{0xaa, 0, 0, 0, 0, 9, 0, 0, 0, 2}, {0xa8, 0, 0, 0, 0, 9, 0, 0, 0, 2}},
      {{0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2},
       {0x88, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2}},
      {{0x2e, 2, 0, 0, 0, 9, 0, 0, 2}, {0x28, 0, 0, 0, 0, 9, 0, 0, 2}},
      {{0xae, 0, 0, 0, 0, 9, 0, 0, 0, 2}, {0xa8, 0, 0, 0, 0, 9, 0, 0, 0, 2}},
      {{0x8e, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2},
       {0x88, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2}},
  };
  for (const auto& [write, read] : forms) {
    Rig rig;
    const auto run = [&rig](const std::vector<unsigned>& cdb, const Bytes& out) {
      Command command;
      std::transform(cdb.begin(), cdb.end(), command.cdb.begin(),
                     [](unsigned byte) { return static_cast<std::uint8_t>(byte); });
      return rig.run_cdb(1, 0, command.cdb, out);
    };
    const Bytes data = numbered(2 * kBlock);
    const Answer written = run(write, data);
    EXPECT_EQ(written.verdict(), "good") << std::hex << write[0];
    EXPECT_EQ(written.response.data_out_wanted, 2 * kBlock);
    EXPECT_EQ(rig.content(9, 2), data) << std::hex << write[0];
    EXPECT_EQ(run(read, {}).data, data) << std::hex << read[0];
    EXPECT_EQ(rig.unit->medium_changes(), 1U);
  }
}

TEST(ReadWrite, SixByteFormTakesZeroFor256Blocks) {
  Rig rig;
  EXPECT_EQ(rig.run({0x08, 0, 0, 0, 0}).data.size(), 256 * kBlock);
  EXPECT_EQ(rig.run({0x0a, 0, 0, 0, 0}, filled(256 * kBlock, 3)).verdict(), "good");
  EXPECT_EQ(rig.content(0, 257), [] {
    Bytes expected = filled(256 * kBlock, 3);
    expected.resize(257 * kBlock);
    return expected;
  }());
}

TEST(ReadWrite, RefusesRangesBeyondTheEndWithoutOverflow) {
  Rig rig;
  // 4096 blocks: LBA 0x1000 is the first that does not exist.
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0x0f, 0xff, 0, 0, 2}).verdict(), "5/2100");
  EXPECT_EQ(rig.run({0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1}).verdict(), "5/2100");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0x10, 0x01, 0, 0, 0}).verdict(), "5/2100");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0x0f, 0xff, 0, 0, 0}).verdict(), "good");
  EXPECT_EQ(
      rig.run({0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2}).verdict(),
      "5/2100");
  // 2^55 blocks of 512 bytes: the byte offset would wrap to zero.
  EXPECT_EQ(rig.run({0x88, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "5/2100");
  EXPECT_EQ(rig.run({0x8a, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(),
            "5/2100");
  EXPECT_EQ(rig.run({0x08, 0x1f, 0xff, 0xff, 1}).verdict(), "5/2100");
  EXPECT_EQ(store::used_of(*rig.pool).value, 0U);
}

TEST(ReadWrite, RefusesTransfersAboveTheReportedLimit) {
  Rig rig(1 << 20);
  EXPECT_EQ(rig.run({0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}).verdict(), "5/2400");
  const Answer most = rig.run({0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0});
  EXPECT_EQ(most.data.size(), 65536U * kBlock);
}

TEST(ReadWrite, AcceptsDpoAndFuaAndRefusesProtection) {
  Rig rig;
  EXPECT_EQ(rig.run({0x28, 0x18, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
  EXPECT_EQ(rig.run({0x2a, 0x18, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict(), "good");
  for (unsigned protect = 1; protect != 8; ++protect) {
    const Answer answer = rig.run({0x28, protect << 5, 0, 0, 0, 0, 0, 0, 1});
    EXPECT_EQ(answer.verdict(), "5/2400");
    // Sense-key-specific bytes: in the CDB, byte 1, bit 7.
    EXPECT_EQ(answer.response.sense[15], 0xcf);
    EXPECT_EQ(answer.response.sense[17], 1);
    EXPECT_EQ(rig.run({0x8a, protect << 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 2))
                  .verdict(),
              "5/2400");
  }
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 1));
}

TEST(ReadWrite, WritesTheWholeBlocksOfAShortTransferAndNoPartOfOne) {
  Rig rig;
  const Answer one_of_two = rig.run({0x2a, 0, 0, 0, 0, 5, 0, 0, 2}, filled(kBlock, 4));
  EXPECT_EQ(one_of_two.verdict(), "good");
  EXPECT_EQ(one_of_two.response.data_out_wanted, 2 * kBlock);
  EXPECT_EQ(rig.content(5, 1), filled(kBlock, 4));
  EXPECT_EQ(rig.content(6, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 7, 0, 0, 1}, filled(200, 4)).verdict(), "5/0e03");
  EXPECT_EQ(rig.content(7, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 7, 0, 0, 1}).verdict(), "good");
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 7, 0, 0, 1}, filled(3 * kBlock, 4)).verdict(), "good");
  EXPECT_EQ(rig.content(8, 1), filled(kBlock, 0));
}

TEST(ReadWrite, SaysWhenThePoolIsFull) {
  Rig rig(4096, store::kExtentBytes);
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "good");
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 1, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "7/2707");
  EXPECT_EQ(rig.unit->medium_changes(), 1U);
}

class Refuser : public store::WriteObserver {
 public:
  bool wrote(Lba, std::span<const std::byte>) noexcept override { return false; }
  bool zeroed(Lba, BlockCount) noexcept override { return false; }
  bool assigned() noexcept override { return false; }
};

TEST(ReadWrite, ReportsAFailedObserverAsHardwareError) {
  Rig rig;
  Refuser refuser;
  rig.unit->volume().attach(refuser);
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "4/4400");
  EXPECT_EQ(rig.unit->medium_changes(), 1U);
  rig.unit->volume().detach(refuser);
}

TEST(ReadWrite, HonoursHostAccess) {
  Rig rig;
  rig.unit->set_host_access(HostAccess::ReadOnly);
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "7/2700");
  EXPECT_EQ(rig.run({0x42, 0, 0, 0, 0, 0, 0, 0, 0}).verdict(), "7/2700");
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "7/2700");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
  EXPECT_EQ(rig.run({0x00}).verdict(), "good");
  rig.unit->set_host_access(HostAccess::None);
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "2/0400");
  EXPECT_EQ(rig.run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 4)).verdict(), "2/0400");
  EXPECT_EQ(rig.run({0x00}).verdict(), "2/0400");
  EXPECT_EQ(rig.run({0x12, 0, 0, 0, 96}).verdict(), "good");
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.unit->medium_changes(), 0U);
}

TEST(Verify, ComparesOnlyWhenAsked) {
  Rig rig;
  rig.put(3, filled(2 * kBlock, 8));
  Bytes wrong = filled(2 * kBlock, 8);
  wrong[700] = std::byte{9};
  EXPECT_EQ(rig.run({0x2f, 0x02, 0, 0, 0, 3, 0, 0, 2}, filled(2 * kBlock, 8)).verdict(), "good");
  EXPECT_EQ(rig.run({0x2f, 0x02, 0, 0, 0, 3, 0, 0, 2}, wrong).verdict(), "e/1d00");
  EXPECT_EQ(rig.run({0x2f, 0x00, 0, 0, 0, 3, 0, 0, 2}, wrong).verdict(), "good");
  EXPECT_EQ(rig.run({0x2f, 0x06, 0, 0, 0, 3, 0, 0, 2}, filled(kBlock, 8)).verdict(), "good");
  EXPECT_EQ(rig.run({0x2f, 0x06, 0, 0, 0, 3, 0, 0, 3}, filled(kBlock, 8)).verdict(), "e/1d00");
  EXPECT_EQ(rig.run({0x2f, 0x04, 0, 0, 0, 3, 0, 0, 1}, filled(kBlock, 8)).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x2f, 0x20, 0, 0, 0, 3, 0, 0, 1}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x2f, 0x02, 0, 0, 0, 3, 0, 0, 2}, filled(kBlock, 8)).verdict(), "5/0e03");
  EXPECT_EQ(rig.run({0xaf, 0, 0, 0, 0x10, 0, 0, 0, 0, 1}).verdict(), "5/2100");
  EXPECT_EQ(rig.unit->medium_changes(), 0U);
}

TEST(CompareAndWrite, WritesOnlyWhenAllIsEqual) {
  Rig rig;
  rig.put(127, filled(2 * kBlock, 8));
  Bytes out = filled(4 * kBlock, 8);
  std::fill(out.begin() + 2 * kBlock, out.end(), std::byte{9});
  out[600] = std::byte{7};
  const Answer refused = rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 0, 2}, out);
  EXPECT_EQ(refused.verdict(), "e/1d00");
  EXPECT_EQ(refused.response.sense[0], 0xf0);  // INFORMATION is valid
  EXPECT_EQ(refused.response.sense[5] << 8 | refused.response.sense[6], 600);
  EXPECT_EQ(rig.content(127, 2), filled(2 * kBlock, 8));
  EXPECT_EQ(rig.unit->medium_changes(), 0U);
  out[600] = std::byte{8};
  EXPECT_EQ(rig.run({0x89, 0x18, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 0, 2}, out).verdict(), "good");
  EXPECT_EQ(rig.content(127, 2), filled(2 * kBlock, 9));
}

TEST(CompareAndWrite, RefusesWrongAmountsOfData) {
  Rig rig;
  EXPECT_EQ(rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, filled(4 * kBlock, 0)).verdict(),
            "5/0e03");
  EXPECT_EQ(rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, filled(4 * kBlock, 0)).verdict(),
            "5/0e03");
  EXPECT_EQ(rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, filled(4 * kBlock, 0)).verdict(),
            "5/2400");
  EXPECT_EQ(
      rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 1}, filled(2 * kBlock, 0)).verdict(),
      "5/2100");
}

TEST(WriteSame, RepeatsTheBlock) {
  Rig rig;
  const Bytes block = numbered(kBlock);
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0, 100, 0, 0x03, 0xe9}, block).verdict(), "good");
  const Bytes content = rig.content(99, 1003);
  EXPECT_TRUE(std::all_of(content.begin(), content.begin() + kBlock,
                          [](std::byte b) { return b == std::byte{0}; }));
  for (std::size_t at = kBlock; at != 1002 * kBlock; at += kBlock) {
    ASSERT_TRUE(
        std::equal(block.begin(), block.end(), content.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  EXPECT_EQ(rig.content(1101, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.unit->medium_changes(), 1U);
}

TEST(WriteSame, UnmapsWhenAsked) {
  Rig rig;
  rig.put(0, filled(256 * kBlock, 6));
  EXPECT_EQ(
      rig.run({0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 200}, filled(kBlock, 5)).verdict(),
      "good");
  EXPECT_EQ(rig.content(1, 200), filled(200 * kBlock, 0));
  EXPECT_EQ(rig.content(201, 55), filled(55 * kBlock, 6));
  EXPECT_EQ(rig.run({0x93, 0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).verdict(), "good");
  EXPECT_EQ(store::used_of(*rig.pool).value, 0U);
}

TEST(WriteSame, ZeroLengthReachesTheEndWithinTheLimit) {
  Rig rig;
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0x0f, 0xfe, 0, 0, 0}, filled(kBlock, 5)).verdict(), "good");
  EXPECT_EQ(rig.content(4094, 2), filled(2 * kBlock, 5));
  EXPECT_EQ(rig.content(4093, 1), filled(kBlock, 0));
  Rig large(1 << 20);
  EXPECT_EQ(large.run({0x41, 0, 0, 0, 0, 0, 0, 0, 0}, filled(kBlock, 5)).verdict(), "5/2400");
}

TEST(WriteSame, RefusesAnchorsRangesAndWrongAmountsOfData) {
  Rig rig;
  EXPECT_EQ(rig.run({0x41, 0x10, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 5)).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x41, 0x18, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 5)).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0x0f, 0xff, 0, 0, 2}, filled(kBlock, 5)).verdict(), "5/2100");
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock / 2, 5)).verdict(), "5/0e03");
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0, 0, 0, 0, 1}, filled(2 * kBlock, 5)).verdict(), "5/0e03");
  EXPECT_EQ(rig.run({0x41, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "5/0e03");
  EXPECT_EQ(rig.unit->medium_changes(), 0U);
}

TEST(SynchronizeCache, ChecksTheRange) {
  Rig rig;
  EXPECT_EQ(rig.run({0x35, 0, 0, 0, 0, 0, 0, 0, 0}).verdict(), "good");
  EXPECT_EQ(rig.run({0x91, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0xff, 0, 0, 0, 1}).verdict(), "good");
  EXPECT_EQ(rig.run({0x91, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 1}).verdict(), "5/2100");
}

}  // namespace
}  // namespace lockstep::scsi::test
