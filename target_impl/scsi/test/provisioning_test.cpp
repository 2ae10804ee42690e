// UNMAP and GET LBA STATUS.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::scsi::test {
namespace {

struct Descriptor {
  std::uint64_t first;
  std::uint32_t count;
};

Bytes unmap_list(const std::vector<Descriptor>& descriptors) {
  Bytes list(8 + 16 * descriptors.size());
  const auto put = [&list](std::size_t at, std::size_t bytes, std::uint64_t value) {
    for (std::size_t i = bytes; i != 0; --i, value >>= 8) {
      list[at + i - 1] = static_cast<std::byte>(value & 0xff);
    }
  };
  put(0, 2, list.size() - 2);
  put(2, 2, list.size() - 8);
  for (std::size_t i = 0; i != descriptors.size(); ++i) {
    put(8 + 16 * i, 8, descriptors[i].first);
    put(16 + 16 * i, 4, descriptors[i].count);
  }
  return list;
}

Answer unmap(Rig& rig, const Bytes& list) {
  const auto bytes = static_cast<unsigned>(list.size());
  return rig.run({0x42, 0, 0, 0, 0, 0, 0, bytes >> 8, bytes & 0xff}, list);
}

TEST(Unmap, ZerosSingleBlocksAndFreesExtents) {
  Rig rig;
  rig.put(0, filled(512 * kBlock, 6));
  EXPECT_EQ(unmap(rig, unmap_list({{3, 1}, {128, 128}, {400, 0}})).verdict(), "good");
  EXPECT_EQ(rig.content(2, 1), filled(kBlock, 6));
  EXPECT_EQ(rig.content(3, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.content(128, 128), filled(128 * kBlock, 0));
  EXPECT_EQ(rig.content(256, 256), filled(256 * kBlock, 6));
  EXPECT_EQ(store::used_of(*rig.pool).value, 3 * store::kExtentBytes);
  EXPECT_EQ(rig.unit->medium_changes(), 1U);
}

TEST(Unmap, AcceptsEmptyListsAndEmptyDescriptorsAnywhere) {
  Rig rig;
  EXPECT_EQ(rig.run({0x42}).verdict(), "good");
  EXPECT_EQ(unmap(rig, unmap_list({})).verdict(), "good");
  EXPECT_EQ(unmap(rig, unmap_list({{Rig::kBlocks, 0}, {~std::uint64_t{0}, 0}})).verdict(), "good");
  EXPECT_EQ(rig.unit->medium_changes(), 0U);
}

TEST(Unmap, ChangesNothingWhenOneDescriptorIsWrong) {
  Rig rig;
  rig.put(0, filled(kBlock, 6));
  EXPECT_EQ(unmap(rig, unmap_list({{0, 1}, {Rig::kBlocks - 1, 2}})).verdict(), "5/2100");
  EXPECT_EQ(unmap(rig, unmap_list({{0, 1}, {~std::uint64_t{0}, 2}})).verdict(), "5/2100");
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 6));
}

TEST(Unmap, RefusesListsThatAreShortLongOrAnchored) {
  Rig rig;
  EXPECT_EQ(rig.run({0x42, 0, 0, 0, 0, 0, 0, 0, 7}, filled(7, 0)).verdict(), "5/1a00");
  EXPECT_EQ(rig.run({0x42, 0, 0, 0, 0, 0, 0, 0, 24}, filled(8, 0)).verdict(), "5/0e03");
  EXPECT_EQ(rig.run({0x42, 1, 0, 0, 0, 0, 0, 0, 0}).verdict(), "5/2400");
  EXPECT_EQ(unmap(rig, unmap_list(std::vector<Descriptor>(256, {0, 1}))).verdict(), "good");
  EXPECT_EQ(unmap(rig, unmap_list(std::vector<Descriptor>(257, {0, 1}))).verdict(), "5/2600");
}

TEST(Unmap, IgnoresDescriptorsThatWereAnnouncedButNotSent) {
  Rig rig;
  rig.put(0, filled(2 * kBlock, 6));
  Bytes list = unmap_list({{0, 1}, {1, 1}});
  list.resize(8 + 16 + 5);
  EXPECT_EQ(unmap(rig, list).verdict(), "good");
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 0));
  EXPECT_EQ(rig.content(1, 1), filled(kBlock, 6));
}

TEST(GetLbaStatus, StartsAtTheRequestedBlock) {
  Rig rig;
  rig.put(128, filled(kBlock, 1));
  const Answer answer = rig.run({0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 130, 0, 0, 0, 24});
  ASSERT_EQ(answer.data.size(), 24U);
  EXPECT_EQ(number_at(answer.data, 0, 4), 20U);
  EXPECT_EQ(number_at(answer.data, 8, 8), 130U);
  EXPECT_EQ(number_at(answer.data, 16, 4), 126U);
  EXPECT_EQ(number_at(answer.data, 20, 1), 0U);
}

TEST(GetLbaStatus, CoversTheVolumeWhenThereIsRoom) {
  Rig rig;
  rig.put(128, filled(kBlock, 1));
  const Answer answer = rig.run({0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0});
  ASSERT_EQ(answer.data.size(), 8U + 3 * 16);
  EXPECT_EQ(number_at(answer.data, 0, 4), 4U + 3 * 16);
  EXPECT_EQ(number_at(answer.data, 16, 4), 128U);
  EXPECT_EQ(number_at(answer.data, 20, 1), 1U);
  EXPECT_EQ(number_at(answer.data, 36, 1), 0U);
  EXPECT_EQ(number_at(answer.data, 40, 8), 256U);
  EXPECT_EQ(number_at(answer.data, 48, 4), Rig::kBlocks - 256);
  EXPECT_EQ(rig.run({0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 24}).verdict(), "5/2100");
  EXPECT_EQ(
      rig.run({0x9e, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 24}).verdict(),
      "5/2100");
}

TEST(GetLbaStatus, ClipsRunsToTheFieldOfThirtyTwoBits) {
  Rig rig(std::uint64_t{1} << 40);
  const Answer answer = rig.run({0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40});
  ASSERT_EQ(answer.data.size(), 40U);
  EXPECT_EQ(number_at(answer.data, 16, 4), 0xffffffffU);
  EXPECT_EQ(number_at(answer.data, 24, 8), 0xffffffffU);
}

}  // namespace
}  // namespace lockstep::scsi::test
