// Content lent out without copying: what it shows, how long it stays, and that it refuses no write.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lockstep::store {
namespace {

constexpr BlockSize kSmall{512};
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

std::shared_ptr<Pool> pool_of(std::uint64_t extents) {
  return make_pool(ByteCount{extents * kExtentBytes});
}

class Collector : public PieceTaker {
 public:
  void take(std::span<const std::byte> bytes, ExtentHold hold) override {
    pieces.push_back(bytes);
    holds.push_back(std::move(hold));
  }
  [[nodiscard]] std::vector<std::byte> content() const {
    std::vector<std::byte> all;
    for (const auto& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
    return all;
  }
  std::vector<std::span<const std::byte>> pieces;
  std::vector<ExtentHold> holds;
};

class Lending : public testing::Test {
 protected:
  static constexpr std::uint64_t kExtents = 4;

  void fill(unsigned value, std::uint64_t first, std::size_t blocks) {
    const std::vector<std::byte> data(blocks * 512, static_cast<std::byte>(value));
    ASSERT_EQ(volume->write(Lba{first}, data), WriteResult::Done);
  }
  [[nodiscard]] std::vector<std::byte> read(std::uint64_t first, std::size_t blocks) const {
    std::vector<std::byte> out(blocks * 512, std::byte{0xee});
    volume->read(Lba{first}, out);
    return out;
  }
  void lend(std::uint64_t first, std::size_t blocks) {
    volume->lend(Lba{first}, blocks * 512, collector);
  }

  std::shared_ptr<Pool> pool = pool_of(kExtents);
  std::unique_ptr<Volume> volume =
      std::make_unique<Volume>(BlockCount{2 * kExtents * kBlocksPerExtent}, kSmall, pool);
  Collector collector;
};

TEST_F(Lending, ShowsWhatAReadShows) {
  ASSERT_TRUE(volume->lends());
  fill(1, 5, 300);
  fill(2, 3 * kBlocksPerExtent, 7);
  for (const auto& [first, blocks] : std::vector<std::pair<std::uint64_t, std::size_t>>{
           {0, 1}, {5, 300}, {100, 128}, {0, 512}, {127, 2}, {300, 200}}) {
    collector = {};
    lend(first, blocks);
    EXPECT_EQ(collector.content(), read(first, blocks)) << first << "+" << blocks;
  }
}

TEST_F(Lending, StaysAsItWasWhateverHappensToTheVolume) {
  fill(1, 0, 2 * kBlocksPerExtent);
  const auto before = read(0, 2 * kBlocksPerExtent);
  lend(0, 2 * kBlocksPerExtent);
  fill(2, 3, 4);
  EXPECT_EQ(collector.content(), before);
  EXPECT_EQ(read(3, 1), std::vector<std::byte>(512, std::byte{2}));
  EXPECT_EQ(read(7, 1), std::vector<std::byte>(512, std::byte{1}));
  ASSERT_EQ(volume->unmap(Lba{0}, BlockCount{2 * kBlocksPerExtent}), WriteResult::Done);
  EXPECT_EQ(collector.content(), before);
  volume.reset();
  EXPECT_EQ(collector.content(), before);
  collector = {};
  EXPECT_EQ(used_of(*pool).value, 0U);
}

TEST_F(Lending, TakesNoSpaceUnlessTheVolumeIsWritten) {
  fill(1, 0, kBlocksPerExtent);
  lend(0, kBlocksPerExtent);
  EXPECT_EQ(used_of(*pool).value, kExtentBytes);
  fill(2, 0, 1);
  EXPECT_EQ(used_of(*pool).value, 2 * kExtentBytes);
  collector = {};
  EXPECT_EQ(used_of(*pool).value, kExtentBytes);
  fill(3, 0, 1);
  EXPECT_EQ(used_of(*pool).value, kExtentBytes) << "nothing is lent: written in place";
}

TEST_F(Lending, RefusesNoWriteOfAFullPool) {
  fill(1, 0, kExtents * kBlocksPerExtent);
  lend(0, kExtents * kBlocksPerExtent);
  // Each would be written in place if it were not lent.
  for (std::uint64_t extent = 0; extent < kExtents; ++extent) {
    fill(2, extent * kBlocksPerExtent + 9, 3);
    fill(3, extent * kBlocksPerExtent + 9, 1);
  }
  collector = {};
  EXPECT_EQ(used_of(*pool).value, kExtents * kExtentBytes);
  // And nothing of the allowance remains.
  const std::vector<std::byte> block(512);
  EXPECT_EQ(volume->write(Lba{kExtents * kBlocksPerExtent}, block), WriteResult::OutOfSpace);
}

TEST_F(Lending, UnmappedPiecesNeedNoHold) {
  lend(0, 3 * kBlocksPerExtent);
  EXPECT_EQ(collector.content(), std::vector<std::byte>(3 * kExtentBytes));
  for (const ExtentHold& hold : collector.holds) EXPECT_FALSE(hold);
}

}  // namespace
}  // namespace lockstep::store
