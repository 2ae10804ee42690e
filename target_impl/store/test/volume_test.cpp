// Volumes one call at a time: content, pool accounting, runs, compare and write, observers.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::store {
namespace {

constexpr BlockSize kSmall{512};
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

std::vector<std::byte> filled(std::size_t blocks, unsigned value) {
  return std::vector<std::byte>(blocks * 512, static_cast<std::byte>(value));
}

std::vector<std::byte> read_blocks(const Volume& volume, std::uint64_t first, std::size_t blocks) {
  std::vector<std::byte> out(blocks * 512, std::byte{0xee});
  volume.read(Lba{first}, out);
  return out;
}

std::shared_ptr<Pool> pool_of(std::uint64_t extents) {
  return make_pool(ByteCount{extents * kExtentBytes});
}

class Witness : public WriteObserver {
 public:
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    log += "w" + std::to_string(first.value) + "+" + std::to_string(data.size() / 512) + " ";
    return agrees;
  }
  bool zeroed(Lba first, BlockCount count) noexcept override {
    log += "z" + std::to_string(first.value) + "+" + std::to_string(count.value) + " ";
    return agrees;
  }
  bool assigned() noexcept override {
    log += "a ";
    return agrees;
  }
  std::string log;
  bool agrees = true;
};

TEST(Volume, ReadsZerosWhereNothingWasWritten) {
  const Volume volume(BlockCount{1000}, kSmall, pool_of(16));
  EXPECT_EQ(read_blocks(volume, 0, 1000), filled(1000, 0));
}

TEST(Volume, KeepsAWriteAcrossAnExtentEdge) {
  Volume volume(BlockCount{3 * kBlocksPerExtent}, kSmall, pool_of(16));
  ASSERT_EQ(volume.write(Lba{kBlocksPerExtent - 1}, filled(2, 0x5a)), WriteResult::Done);
  EXPECT_EQ(read_blocks(volume, kBlocksPerExtent - 2, 1), filled(1, 0));
  EXPECT_EQ(read_blocks(volume, kBlocksPerExtent - 1, 2), filled(2, 0x5a));
  EXPECT_EQ(read_blocks(volume, kBlocksPerExtent + 1, 1), filled(1, 0));
}

TEST(Volume, HoldsTheFarEndOfAVeryLargeThinVolume) {
  constexpr std::uint64_t kBlocks = std::uint64_t{1} << 50;
  Volume volume(BlockCount{kBlocks}, kSmall, pool_of(4));
  ASSERT_EQ(volume.write(Lba{kBlocks - 1}, filled(1, 7)), WriteResult::Done);
  EXPECT_EQ(read_blocks(volume, kBlocks - 1, 1), filled(1, 7));
  BlockCount run;
  EXPECT_FALSE(volume.is_mapped(Lba{0}, run));
  EXPECT_EQ(run.value, kBlocks - kBlocksPerExtent);
}

TEST(Volume, TakesExtentsFromThePoolOnlyOnce) {
  const auto pool = pool_of(16);
  Volume volume(BlockCount{4 * kBlocksPerExtent}, kSmall, pool);
  EXPECT_EQ(used_of(*pool).value, 0U);
  ASSERT_EQ(volume.write(Lba{0}, filled(2 * kBlocksPerExtent, 1)), WriteResult::Done);
  EXPECT_EQ(used_of(*pool).value, 2 * kExtentBytes);
  ASSERT_EQ(volume.write(Lba{1}, filled(kBlocksPerExtent, 2)), WriteResult::Done);
  EXPECT_EQ(used_of(*pool).value, 2 * kExtentBytes);
}

TEST(Volume, ChangesNothingWhenThePoolIsFull) {
  const auto pool = pool_of(2);
  Volume volume(BlockCount{4 * kBlocksPerExtent}, kSmall, pool);
  Witness witness;
  volume.attach(witness);
  ASSERT_EQ(volume.write(Lba{0}, filled(1, 1)), WriteResult::Done);
  EXPECT_EQ(volume.write(Lba{0}, filled(3 * kBlocksPerExtent, 2)), WriteResult::OutOfSpace);
  EXPECT_EQ(read_blocks(volume, 0, 2), [] {
    auto expected = filled(2, 0);
    std::fill_n(expected.begin(), 512, std::byte{1});
    return expected;
  }());
  EXPECT_EQ(used_of(*pool).value, kExtentBytes);
  EXPECT_EQ(witness.log, "w0+1 ");
}

TEST(Volume, OverwritesInPlaceWhenThePoolIsFull) {
  Volume volume(BlockCount{2 * kBlocksPerExtent}, kSmall, pool_of(1));
  ASSERT_EQ(volume.write(Lba{0}, filled(1, 1)), WriteResult::Done);
  EXPECT_EQ(volume.write(Lba{0}, filled(1, 2)), WriteResult::Done);
  const Image held = volume.snapshot();
  EXPECT_EQ(volume.write(Lba{0}, filled(1, 3)), WriteResult::OutOfSpace);
  EXPECT_EQ(read_blocks(volume, 0, 1), filled(1, 2));
}

TEST(Volume, WritesInPlaceAgainOnceTheSnapshotIsGone) {
  const auto pool = pool_of(1);
  Volume volume(BlockCount{kBlocksPerExtent}, kSmall, pool);
  ASSERT_EQ(volume.write(Lba{0}, filled(1, 1)), WriteResult::Done);
  { const Image held = volume.snapshot(); }
  EXPECT_EQ(volume.write(Lba{0}, filled(1, 2)), WriteResult::Done);
}

TEST(Volume, GivesWholeExtentsBackOnUnmap) {
  const auto pool = pool_of(16);
  Volume volume(BlockCount{3 * kBlocksPerExtent}, kSmall, pool);
  ASSERT_EQ(volume.write(Lba{0}, filled(3 * kBlocksPerExtent, 9)), WriteResult::Done);
  ASSERT_EQ(volume.unmap(Lba{10}, BlockCount{2 * kBlocksPerExtent}), WriteResult::Done);
  EXPECT_EQ(used_of(*pool).value, 2 * kExtentBytes);
  EXPECT_EQ(read_blocks(volume, 0, 10), filled(10, 9));
  EXPECT_EQ(read_blocks(volume, 10, 2 * kBlocksPerExtent), filled(2 * kBlocksPerExtent, 0));
  EXPECT_EQ(read_blocks(volume, 10 + 2 * kBlocksPerExtent, 5), filled(5, 9));
}

TEST(Volume, GivesTheLastPartialExtentBackOnUnmap) {
  const auto pool = pool_of(16);
  Volume volume(BlockCount{kBlocksPerExtent + 3}, kSmall, pool);
  ASSERT_EQ(volume.write(Lba{kBlocksPerExtent}, filled(3, 9)), WriteResult::Done);
  ASSERT_EQ(volume.unmap(Lba{kBlocksPerExtent}, BlockCount{3}), WriteResult::Done);
  EXPECT_EQ(used_of(*pool).value, 0U);
}

TEST(Volume, UnmapsPartsInPlaceWhenThePoolIsFull) {
  Volume volume(BlockCount{2 * kBlocksPerExtent}, kSmall, pool_of(2));
  ASSERT_EQ(volume.write(Lba{0}, filled(2 * kBlocksPerExtent, 1)), WriteResult::Done);
  EXPECT_EQ(volume.unmap(Lba{5}, BlockCount{kBlocksPerExtent}), WriteResult::Done);
  EXPECT_EQ(read_blocks(volume, 5, kBlocksPerExtent), filled(kBlocksPerExtent, 0));
  const Image held = volume.snapshot();
  EXPECT_EQ(volume.unmap(Lba{0}, BlockCount{1}), WriteResult::OutOfSpace);
  EXPECT_EQ(read_blocks(volume, 0, 5), filled(5, 1));
}

TEST(Volume, ReportsRunsClippedAtTheEnd) {
  Volume volume(BlockCount{2 * kBlocksPerExtent + 3}, kSmall, pool_of(16));
  ASSERT_EQ(volume.write(Lba{kBlocksPerExtent}, filled(1, 1)), WriteResult::Done);
  BlockCount run;
  EXPECT_FALSE(volume.is_mapped(Lba{5}, run));
  EXPECT_EQ(run.value, kBlocksPerExtent - 5);
  EXPECT_TRUE(volume.is_mapped(Lba{kBlocksPerExtent + 1}, run));
  EXPECT_EQ(run.value, kBlocksPerExtent - 1);
  EXPECT_FALSE(volume.is_mapped(Lba{2 * kBlocksPerExtent}, run));
  EXPECT_EQ(run.value, 3U);
}

TEST(Volume, ComparesBeforeItWrites) {
  Volume volume(BlockCount{2 * kBlocksPerExtent}, kSmall, pool_of(16));
  const std::uint64_t edge = kBlocksPerExtent - 1;
  ASSERT_EQ(volume.write(Lba{edge}, filled(1, 1)), WriteResult::Done);
  auto expected = filled(2, 0);
  std::fill_n(expected.begin(), 512, std::byte{1});
  expected[513] = std::byte{0x80};
  std::size_t offset = 0;
  EXPECT_EQ(volume.compare_and_write(Lba{edge}, expected, filled(2, 3), offset),
            WriteResult::Miscompare);
  EXPECT_EQ(offset, 513U);
  expected[513] = std::byte{0};
  EXPECT_EQ(volume.compare_and_write(Lba{edge}, expected, filled(2, 3), offset), WriteResult::Done);
  EXPECT_EQ(read_blocks(volume, edge, 2), filled(2, 3));
  EXPECT_EQ(volume.compare(Lba{edge}, filled(2, 3), offset), Comparison::Equal);
}

TEST(Volume, TellsObserversEachChangeInOrder) {
  Volume volume(BlockCount{100}, kSmall, pool_of(16));
  Witness first;
  Witness second;
  volume.attach(first);
  volume.attach(second);
  first.agrees = false;
  EXPECT_EQ(volume.write(Lba{3}, filled(2, 1)), WriteResult::ObserverFailed);
  EXPECT_EQ(read_blocks(volume, 3, 2), filled(2, 1));
  first.agrees = true;
  EXPECT_EQ(volume.unmap(Lba{4}, BlockCount{1}), WriteResult::Done);
  volume.detach(first);
  EXPECT_EQ(volume.assign(Image{}), WriteResult::Done);
  EXPECT_EQ(first.log, "w3+2 z4+1 ");
  EXPECT_EQ(second.log, "w3+2 z4+1 a ");
}

// Changes what was lent to the volume, as its owner may at any time.
class Owner : public Witness {
 public:
  explicit Owner(std::vector<std::byte>& data) : data_(data) {}
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    data_.assign(data_.size(), std::byte{9});
    return Witness::wrote(first, data);
  }

 private:
  std::vector<std::byte>& data_;
};

class Keeper : public Witness {
 public:
  bool wrote(Lba /*first*/, std::span<const std::byte> data) noexcept override {
    kept.assign(data.begin(), data.end());
    return true;
  }
  std::vector<std::byte> kept;
};

TEST(Volume, WhatIsLentReachesObserversAsItReachedTheVolume) {
  Volume volume(BlockCount{100}, kSmall, pool_of(16));
  auto data = filled(2, 1);
  Owner owner(data);
  Keeper keeper;
  volume.attach(owner);
  volume.attach(keeper);
  EXPECT_EQ(volume.write_lent(Lba{3}, data), WriteResult::Done);
  EXPECT_EQ(data, filled(2, 9));
  EXPECT_EQ(keeper.kept, filled(2, 1));
  EXPECT_EQ(read_blocks(volume, 3, 2), filled(2, 1));
}

TEST(Volume, AssignsASmallerImageAndUnmapsTheRest) {
  const auto pool = pool_of(2000);
  Volume small(BlockCount{3}, kSmall, pool);
  Volume large(BlockCount{1000 * kBlocksPerExtent}, kSmall, pool);
  ASSERT_EQ(small.write(Lba{0}, filled(3, 4)), WriteResult::Done);
  ASSERT_EQ(large.write(Lba{0}, filled(9, 5)), WriteResult::Done);
  ASSERT_EQ(large.write(Lba{999 * kBlocksPerExtent}, filled(1, 6)), WriteResult::Done);
  ASSERT_EQ(large.assign(small.snapshot()), WriteResult::Done);
  EXPECT_EQ(read_blocks(large, 0, 3), filled(3, 4));
  EXPECT_EQ(read_blocks(large, 3, 6), filled(6, 0));
  EXPECT_EQ(read_blocks(large, 999 * kBlocksPerExtent, 1), filled(1, 0));
  EXPECT_EQ(used_of(*pool).value, kExtentBytes);
  ASSERT_EQ(large.write(Lba{1}, filled(1, 8)), WriteResult::Done);
  EXPECT_EQ(read_blocks(small, 0, 3), filled(3, 4));
}

TEST(Image, OutlivesItsVolume) {
  const auto pool = pool_of(4);
  Image image;
  {
    Volume volume(BlockCount{10}, kSmall, pool);
    ASSERT_EQ(volume.write(Lba{1}, filled(1, 3)), WriteResult::Done);
    image = volume.snapshot();
  }
  auto out = filled(1, 0);
  image.read(Lba{1}, out);
  EXPECT_EQ(out, filled(1, 3));
  image = Image{};
  EXPECT_EQ(used_of(*pool).value, 0U);
}

TEST(Image, DiffNamesTheChangedExtentsOnly) {
  Volume volume(BlockCount{600 * kBlocksPerExtent + 1}, kSmall, pool_of(2000));
  ASSERT_EQ(volume.write(Lba{0}, filled(600 * kBlocksPerExtent, 1)), WriteResult::Done);
  const Image older = volume.snapshot();
  ASSERT_EQ(volume.write(Lba{kBlocksPerExtent - 1}, filled(2, 2)), WriteResult::Done);
  ASSERT_EQ(volume.unmap(Lba{300 * kBlocksPerExtent}, BlockCount{kBlocksPerExtent}),
            WriteResult::Done);
  ASSERT_EQ(volume.write(Lba{600 * kBlocksPerExtent}, filled(1, 2)), WriteResult::Done);
  const std::vector<BlockRange> expected{
      {Lba{0}, BlockCount{2 * kBlocksPerExtent}},
      {Lba{300 * kBlocksPerExtent}, BlockCount{kBlocksPerExtent}},
      {Lba{600 * kBlocksPerExtent}, BlockCount{1}},
  };
  EXPECT_EQ(diff(older, volume.snapshot()), expected);
  EXPECT_TRUE(diff(older, older).empty());
  EXPECT_EQ(older.mapped(),
            (std::vector<BlockRange>{{Lba{0}, BlockCount{600 * kBlocksPerExtent}}}));
}

TEST(VolumeDeathTest, RefusesARangeBeyondTheEnd) {
  Volume volume(BlockCount{10}, kSmall, pool_of(4));
  auto out = filled(2, 0);
  EXPECT_DEATH(volume.read(Lba{9}, out), "must stay inside");
  EXPECT_DEATH(volume.read(Lba{~std::uint64_t{0}}, out), "must stay inside");
}

}  // namespace
}  // namespace lockstep::store
