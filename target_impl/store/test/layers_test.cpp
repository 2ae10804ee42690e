// The first write to an extent that is shared: what it copies, when the rest follows, and what the
// pool counts meanwhile. Seen through lend(), which shows where content lies.
#include "target_impl/store/pool.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace lockstep::store {
namespace {

constexpr std::uint64_t kBlocksPerPage = 8;
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
constexpr std::uint64_t kPages = 16;

class Pieces : public PieceTaker {
 public:
  void take(std::span<const std::byte> bytes, ExtentHold /*hold*/) override {
    all.push_back(bytes);
  }
  std::vector<std::span<const std::byte>> all;
};

class Layers : public testing::Test {
 protected:
  static constexpr std::uint64_t kExtents = 4;

  void SetUp() override { fill(1, 0, kExtents * kBlocksPerExtent); }

  void fill(unsigned value, std::uint64_t first, std::size_t blocks) {
    const std::vector<std::byte> data(blocks * 512, static_cast<std::byte>(value));
    ASSERT_EQ(volume->write(Lba{first}, data), WriteResult::Done);
  }
  // Where the pieces of the first extent lie.
  [[nodiscard]] std::vector<std::span<const std::byte>> pieces() const {
    Pieces taker;
    volume->lend(Lba{0}, kExtentBytes, taker);
    return taker.all;
  }
  // One byte of each page of the first extent.
  template <class Source>
  [[nodiscard]] static std::vector<int> values(const Source& source) {
    std::vector<std::byte> out(kExtentBytes);
    EXPECT_TRUE(source.read(Lba{0}, out));
    std::vector<int> first_bytes;
    for (std::uint64_t page = 0; page != kPages; ++page) {
      first_bytes.push_back(static_cast<int>(out[page * kBlocksPerPage * 512]));
    }
    return first_bytes;
  }
  [[nodiscard]] std::uint64_t used_extents() const { return used_of(*pool).value / kExtentBytes; }

  std::shared_ptr<Pool> pool = make_pool(ByteCount{2 * kExtents * kExtentBytes});
  std::unique_ptr<Volume> volume =
      std::make_unique<Volume>(BlockCount{2 * kExtents * kBlocksPerExtent}, BlockSize{512}, pool);
};

TEST_F(Layers, TheFirstWriteAfterASnapshotLeavesOtherPagesWhereTheyAre) {
  const std::byte* before = pieces().at(0).data();
  const Image image = volume->snapshot();
  fill(2, 3 * kBlocksPerPage, 2 * kBlocksPerPage);
  const auto after = pieces();
  ASSERT_EQ(after.size(), 3U);
  EXPECT_EQ(after[0].data(), before);
  EXPECT_EQ(after[0].size(), 3 * kBlocksPerPage * 512);
  EXPECT_EQ(after[1].size(), 2 * kBlocksPerPage * 512);
  EXPECT_EQ(after[2].data(), before + 5 * kBlocksPerPage * 512);
  EXPECT_EQ(values(*volume), (std::vector<int>{1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(values(image), std::vector<int>(kPages, 1));
}

TEST_F(Layers, APageThatIsWrittenInPartKeepsTheRest) {
  const Image image = volume->snapshot();
  fill(2, 3 * kBlocksPerPage + 1, kBlocksPerPage);
  std::vector<std::byte> out(4 * kBlocksPerPage * 512);
  ASSERT_TRUE(volume->read(Lba{2 * kBlocksPerPage}, out));
  for (std::uint64_t block = 0; block != 4 * kBlocksPerPage; ++block) {
    const bool written = block >= kBlocksPerPage + 1 && block < 2 * kBlocksPerPage + 1;
    EXPECT_EQ(static_cast<int>(out[block * 512]), written ? 2 : 1) << block;
  }
}

TEST_F(Layers, AFewMoreWritesMakeAnExtentWhole) {
  const std::byte* before = pieces().at(0).data();
  {
    const Image image = volume->snapshot();
    int writes = 0;
    for (; writes == 0 || pieces().size() != 1; ++writes) {
      ASSERT_LT(writes, 9);
      fill(2, 7 * kBlocksPerPage, kBlocksPerPage);
    }
    EXPECT_GT(writes, 5) << "each copies a little";
    EXPECT_NE(pieces()[0].data(), before);
    EXPECT_EQ(values(image), std::vector<int>(kPages, 1));
  }
  EXPECT_EQ(values(*volume), (std::vector<int>{1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(Layers, DoNotPileUp) {
  const Image first = volume->snapshot();
  fill(2, 0, kBlocksPerPage);
  EXPECT_EQ(pieces().size(), 2U);
  const Image second = volume->snapshot();
  fill(3, 5 * kBlocksPerPage, kBlocksPerPage);
  EXPECT_EQ(pieces().size(), 1U) << "copied from both";
  EXPECT_EQ(values(first), std::vector<int>(kPages, 1));
  EXPECT_EQ(values(second)[0], 2);
  EXPECT_EQ(values(second)[5], 1);
  EXPECT_EQ(values(*volume)[0], 2);
  EXPECT_EQ(values(*volume)[5], 3);
}

// Of what only backs others.
TEST_F(Layers, WhatASnapshotHeldCountsUntilItGoes) {
  {
    const Image image = volume->snapshot();
    for (std::uint64_t extent = 0; extent != kExtents; ++extent) {
      fill(2, extent * kBlocksPerExtent, kBlocksPerPage);
    }
    EXPECT_EQ(used_extents(), 2 * kExtents);
  }
  EXPECT_GT(pieces().size(), 1U) << "its pages are still needed";
  EXPECT_EQ(used_extents(), kExtents);
  fill(3, kExtents * kBlocksPerExtent, kExtents * kBlocksPerExtent);
  EXPECT_EQ(used_extents(), 2 * kExtents);
  volume.reset();
  EXPECT_EQ(used_extents(), 0U);
}

TEST_F(Layers, SeveralVolumesMayLieOverOneExtent) {
  Volume other(volume->blocks(), volume->block_size(), pool);
  ASSERT_EQ(other.assign(volume->snapshot()), WriteResult::Done);
  Image image = volume->snapshot();
  fill(2, 0, kBlocksPerPage);
  const std::vector<std::byte> page(kBlocksPerPage * 512, std::byte{3});
  ASSERT_EQ(other.write(Lba{kBlocksPerPage}, page), WriteResult::Done);
  EXPECT_EQ(used_extents(), kExtents + 2);
  image = {};
  EXPECT_EQ(used_extents(), kExtents + 1) << "what backs both counts no more";
  volume.reset();
  EXPECT_EQ(used_extents(), kExtents);
  EXPECT_EQ(values(other), (std::vector<int>{1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(Layers, AreBoundedByThePool) {
  for (std::uint64_t layer = 0; layer != Pool::kLayers; ++layer) {
    ASSERT_TRUE(pool->admit_layer());
  }
  EXPECT_FALSE(pool->admit_layer());
  const Image first = volume->snapshot();
  fill(2, 0, kBlocksPerPage);
  EXPECT_EQ(pieces().size(), 1U) << "copied as a whole";

  pool->end_layer();
  const Image second = volume->snapshot();
  fill(2, kBlocksPerPage, kBlocksPerPage);
  EXPECT_EQ(pieces().size(), 3U);
  EXPECT_FALSE(pool->admit_layer());
  ASSERT_EQ(volume->unmap(Lba{0}, BlockCount{kBlocksPerExtent}), WriteResult::Done);
  EXPECT_TRUE(pool->admit_layer()) << "its place was given back";
}

// Holders of either kind come and go in every order.
TEST(LayersInThreads, ImagesStandStillAndNothingIsLeft) {
  const auto pool = make_pool(ByteCount{64 * kExtentBytes});
  auto volume = std::make_unique<Volume>(BlockCount{kBlocksPerExtent}, BlockSize{512}, pool);
  auto other = std::make_unique<Volume>(BlockCount{kBlocksPerExtent}, BlockSize{512}, pool);
  std::atomic<unsigned> finished{0};
  std::atomic<bool> moved{false};
  std::atomic<bool> refused{false};
  const auto write = [&refused](Volume& to, unsigned round) {
    const std::vector<std::byte> page(4096, static_cast<std::byte>(round));
    if (to.write(Lba{round % kPages * kBlocksPerPage}, page) != WriteResult::Done) refused = true;
  };
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (unsigned round = 0; round != 4000; ++round) write(*volume, round);
    ++finished;
  });
  threads.emplace_back([&] {
    for (unsigned round = 0; round != 1000; ++round) {
      if (other->assign(volume->snapshot()) != WriteResult::Done) refused = true;
      for (unsigned page = 0; page != round % 4; ++page) write(*other, round * 7 + page);
    }
    ++finished;
  });
  threads.emplace_back([&] {
    std::vector<std::byte> once(kExtentBytes);
    std::vector<std::byte> again(kExtentBytes);
    while (finished != 2) {
      const Image image = volume->snapshot();
      image.read(Lba{0}, once);
      std::this_thread::yield();
      image.read(Lba{0}, again);
      if (once != again) moved = true;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(moved);
  EXPECT_FALSE(refused);
  EXPECT_LE(used_of(*pool).value, 2 * kExtentBytes);
  volume.reset();
  other.reset();
  EXPECT_EQ(used_of(*pool).value, 0U);
}

}  // namespace
}  // namespace lockstep::store
