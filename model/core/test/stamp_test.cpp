#include "model/core/stamp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace lockstep::model {
namespace {

std::vector<std::byte> block_of(const Stamp& stamp, std::size_t size = 512) {
  std::vector<std::byte> block(size, std::byte{0xAA});
  write_stamp(block, stamp);
  return block;
}

TEST(BlockStamp, ReadsBackWhatWasWritten) {
  for (const std::size_t size : {64U, 512U, 520U, 4096U}) {
    const Stamp stamp{3, 0xFFFF'FFFF'FFFF'FFFFU, 42};
    EXPECT_EQ(std::get<Stamp>(read_stamp(block_of(stamp, size))), stamp) << size;
  }
}

TEST(BlockStamp, TellsZerosFromDataOfNobody) {
  std::vector<std::byte> block(512);
  EXPECT_TRUE(std::holds_alternative<Zeros>(read_stamp(block)));
  for (std::byte& one : block) {
    one = std::byte{1};
    EXPECT_TRUE(std::holds_alternative<Foreign>(read_stamp(block))) << "byte " << &one - &block[0];
    one = std::byte{0};
  }
  for (const std::size_t size : {0U, 1U, 63U, 100U}) {
    std::vector<std::byte> odd(size);
    EXPECT_TRUE(std::holds_alternative<Zeros>(read_stamp(odd))) << size;
    if (odd.empty()) continue;
    odd.back() = std::byte{1};
    EXPECT_TRUE(std::holds_alternative<Foreign>(read_stamp(odd))) << size;
  }
}

TEST(BlockStamp, NoticesEveryFlippedByte) {
  const auto good = block_of(Stamp{1, 2, 3});
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::byte{0x01};
    EXPECT_TRUE(std::holds_alternative<Foreign>(read_stamp(bad))) << "byte " << i;
  }
}

TEST(BlockStamp, NoticesATearAnywhere) {
  const auto old_block = block_of(Stamp{1, 7, 3});
  const auto new_block = block_of(Stamp{1, 7, 4});
  for (std::size_t cut = 8; cut < old_block.size(); cut += 8) {
    auto torn = old_block;
    std::copy_n(new_block.begin(), cut, torn.begin());
    const bool whole = torn == new_block || torn == old_block;
    EXPECT_EQ(std::holds_alternative<Foreign>(read_stamp(torn)), !whole) << "torn at " << cut;
  }
}

}  // namespace
}  // namespace lockstep::model
