// The rules of SCSI commands that newer versions of libiscsi's test program check and the installed
// one does not. Those of third-party copy are in copy_offload_test.cpp, the others in
// libiscsi_test.cpp.
#include "target_impl/daemon/test/served_units.hpp"

#include <set>

namespace lockstep::target::test {
namespace {

// CompareAndWrite.MiscompareSense; SBC-3 5.2: VALID, and INFORMATION is the offset of the first
// byte that differs.
TEST_F(ServedUnits, MiscompareTellsTheFirstByteThatDiffers) {
  constexpr std::uint64_t kLba = 24;
  constexpr std::uint64_t kCount = 8;
  for (int lun = 0; lun != kLuns; ++lun) {
    const std::size_t block = kShapes[static_cast<std::size_t>(lun)].block_bytes;
    const std::size_t bytes = kCount * block;
    const Bytes held = pattern(bytes);
    ASSERT_TRUE(write(lun, kLba, kCount, held).good());
    const Bytes cdb = cdb_of(0x89, {{2, 8, kLba}, {13, 1, kCount}});
    for (const std::size_t offset :
         {std::size_t{0}, std::size_t{1}, block - 1, block, 3 * block + 77, bytes - 1}) {
      SCOPED_TRACE(testing::Message() << "LUN " << lun << ", offset " << offset);
      Bytes both = held;
      both[offset] ^= 0x10;
      both[bytes - 1] ^= 0x01;  // a later difference does not count
      const Bytes replacement = pattern(bytes, 100);
      both.insert(both.end(), replacement.begin(), replacement.end());
      const ScsiAnswer answer = send(lun, cdb, both);
      EXPECT_TRUE(refused(answer, 0xe, 0x1d00));
      ASSERT_GE(answer.sense.size(), 18U);
      EXPECT_EQ(answer.sense[0], 0xf0);  // VALID, current, fixed format
      EXPECT_EQ(get(answer.sense, 3, 4), offset);
      EXPECT_EQ(read(lun, kLba, kCount), held);
    }
  }
}

// Inquiry.VPDPageCodesSorted; SPC-4 7.8.14.
TEST_F(ServedUnits, ListsItsPagesInAscendingOrderAndHasThem) {
  for (int lun = 0; lun != kLuns; ++lun) {
    const Bytes list = page(lun, 0x00);
    ASSERT_GE(list.size(), 4U);
    ASSERT_EQ(get(list, 2, 2), list.size() - 4);
    const std::vector<int> codes(list.begin() + 4, list.end());
    ASSERT_FALSE(codes.empty());
    EXPECT_EQ(codes.front(), 0x00);
    for (std::size_t i = 0; i != codes.size(); ++i) {
      SCOPED_TRACE(testing::Message() << "LUN " << lun << ", page " << std::hex << codes[i]);
      if (i != 0) {
        EXPECT_LT(codes[i - 1], codes[i]);
      }
      const Bytes one = page(lun, static_cast<std::uint8_t>(codes[i]));
      ASSERT_GE(one.size(), 4U);
      EXPECT_EQ(one[0], 0);
      EXPECT_EQ(one[1], codes[i]);
      EXPECT_EQ(get(one, 2, 2), one.size() - 4);
    }
    // And none besides.
    const std::set<int> listed(codes.begin(), codes.end());
    for (unsigned code = 0; code != 256; ++code) {
      if (listed.count(static_cast<int>(code)) == 0) {
        EXPECT_TRUE(
            refused(send(lun, cdb_of(0x12, {{1, 1, 1}, {2, 1, code}, {3, 2, 255}}), {}, 255),
                    kIllegalRequest, kInvalidFieldInCdb))
            << std::hex << code;
      }
    }
  }
}

// ReportLUNs.Simple; SPC-4 6.33.
TEST_F(ServedUnits, ReportsEachLunOnce) {
  constexpr std::size_t kAllocation = 512;
  const auto report = [this](std::uint64_t select, std::size_t allocation) {
    return ask(0, cdb_of(0xa0, {{2, 1, select}, {6, 4, allocation}}), allocation);
  };
  const Bytes data = report(0, kAllocation);
  ASSERT_GE(data.size(), 8U);
  const std::uint64_t bytes = get(data, 0, 4);
  ASSERT_LE(bytes, kAllocation - 8);
  ASSERT_EQ(data.size(), 8 + bytes);
  ASSERT_EQ(bytes % 8, 0U);
  std::multiset<std::uint64_t> luns;
  for (std::size_t at = 8; at != data.size(); at += 8) {
    luns.insert(get(data, at, 8));
  }
  EXPECT_EQ(luns, (std::multiset<std::uint64_t>{0, 1ULL << 48, 2ULL << 48}));
  EXPECT_EQ(report(2, kAllocation), data);
  EXPECT_EQ(report(1, kAllocation), Bytes(8));  // no well-known ones
  // What does not fit is cut off; the length still tells of it.
  EXPECT_EQ(report(0, 16), Bytes(data.begin(), data.begin() + 16));
}

}  // namespace
}  // namespace lockstep::target::test
