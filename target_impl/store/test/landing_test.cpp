// Writes whose data arrived where they stay: what the volume, its snapshots and its pool make of
// them, and that nothing is seen of those that never end.
#include "target_impl/store/landing.hpp"

#include "target_impl/store/extent_memory.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lockstep::store {
namespace {

constexpr BlockSize kSmall{512};
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
using Bytes = std::vector<std::byte>;

class FirstPiece : public PieceTaker {
 public:
  void take(std::span<const std::byte> bytes, ExtentHold hold) override {
    pieces.push_back(bytes);
    holds.push_back(std::move(hold));
  }
  std::vector<std::span<const std::byte>> pieces;
  std::vector<ExtentHold> holds;
};

class Observer : public WriteObserver {
 public:
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    at = first;
    seen.assign(data.begin(), data.end());
    return true;
  }
  bool zeroed(Lba /*first*/, BlockCount /*count*/) noexcept override { return true; }
  bool assigned() noexcept override { return true; }
  Lba at{};
  Bytes seen;
};

class LandingTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kExtents = 8;

  static Bytes pattern(std::size_t bytes, unsigned seed) {
    Bytes data(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
      data[i] = static_cast<std::byte>(seed * 37 + i / 512 + i % 251);
    }
    return data;
  }
  // As data that come from outside: first into the landing, then into the volume.
  WriteResult land(std::uint64_t first, const Bytes& data) {
    landing = Landing::take(first * 512, data.size());
    EXPECT_TRUE(landing);
    EXPECT_GE(landing.room(), data.size());
    std::copy(data.begin(), data.end(), landing.data());
    return volume->write(Lba{first}, {landing.data(), data.size()}, landing);
  }
  [[nodiscard]] Bytes read(std::uint64_t first, std::size_t bytes) const {
    Bytes out(bytes, std::byte{0xee});
    volume->read(Lba{first}, out);
    return out;
  }
  [[nodiscard]] std::uint64_t used() const { return used_of(*pool).value / kExtentBytes; }

  std::shared_ptr<Pool> pool = make_pool(ByteCount{kExtents * kExtentBytes});
  std::unique_ptr<Volume> volume =
      std::make_unique<Volume>(BlockCount{4 * kExtents * kBlocksPerExtent}, kSmall, pool);
  Landing landing;
};

TEST_F(LandingTest, BecomesTheVolumesOwnWithoutACopy) {
  const Bytes data = pattern(3 * kExtentBytes, 1);
  ASSERT_EQ(land(2 * kBlocksPerExtent, data), WriteResult::Done);
  EXPECT_EQ(read(2 * kBlocksPerExtent, data.size()), data);
  FirstPiece lent;
  volume->lend(Lba{2 * kBlocksPerExtent}, data.size(), lent);
  ASSERT_EQ(lent.pieces.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lent.pieces[i].data(), landing.data() + i * kExtentBytes);
  }
  landing.release();
  EXPECT_EQ(read(2 * kBlocksPerExtent, data.size()), data);
  EXPECT_EQ(used(), 3U);
}

TEST_F(LandingTest, KeepsWhatLiesAroundItInTheExtentsAtItsEnds) {
  const Bytes before = pattern(4 * kExtentBytes, 1);
  ASSERT_EQ(volume->write(Lba{0}, before), WriteResult::Done);
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1}, kBlocksPerExtent - 1}) {
    for (const std::size_t more : {std::size_t{0}, std::size_t{512}, kExtentBytes - 512}) {
      ASSERT_EQ(volume->write(Lba{0}, before), WriteResult::Done);
      const Bytes data = pattern(2 * kExtentBytes + more, 2);
      Bytes expected = before;
      std::copy(data.begin(), data.end(),
                expected.begin() + static_cast<std::ptrdiff_t>(first * 512));
      ASSERT_EQ(land(first, data), WriteResult::Done);
      EXPECT_EQ(read(0, expected.size()), expected) << first << " +" << data.size();
    }
  }
  EXPECT_EQ(used(), 4U);
}

TEST_F(LandingTest, IsNotSeenBeforeItIsWrittenNorInWhatWasHeldBefore) {
  const Bytes old = pattern(2 * kExtentBytes, 1);
  ASSERT_EQ(volume->write(Lba{0}, old), WriteResult::Done);
  const Bytes data = pattern(2 * kExtentBytes, 2);
  landing = Landing::take(0, data.size());
  std::copy(data.begin(), data.end(), landing.data());
  EXPECT_EQ(read(0, old.size()), old);
  const Image image = volume->snapshot();
  FirstPiece lent;
  volume->lend(Lba{0}, old.size(), lent);
  ASSERT_EQ(volume->write(Lba{0}, {landing.data(), data.size()}, landing), WriteResult::Done);
  EXPECT_EQ(read(0, data.size()), data);
  Bytes held(old.size());
  image.read(Lba{0}, held);
  EXPECT_EQ(held, old);
  EXPECT_TRUE(std::equal(lent.pieces[1].begin(), lent.pieces[1].end(), old.begin() + kExtentBytes));
  EXPECT_EQ(used(), 4U);
}

TEST_F(LandingTest, LeavesNoTraceWhenItIsDropped) {
  const std::size_t mapped = detail::ExtentMemory::mapped_bytes();
  for (int i = 0; i < 1000; ++i) {
    landing = Landing::take(0, kExtentBytes * (1 + static_cast<std::size_t>(i % 32)));
    ASSERT_TRUE(landing);
  }
  landing.release();
  EXPECT_EQ(used(), 0U);
  EXPECT_LE(detail::ExtentMemory::mapped_bytes(), mapped + 4 * detail::ExtentMemory::kChunkBytes);
}

TEST_F(LandingTest, ReplacesInAFullPool) {
  const Bytes old = pattern(kExtents * kExtentBytes, 1);
  ASSERT_EQ(volume->write(Lba{0}, old), WriteResult::Done);
  for (unsigned round = 0; round < 3; ++round) {
    const Bytes data = pattern(kExtents * kExtentBytes, 2 + round);
    ASSERT_EQ(land(0, data), WriteResult::Done);
    EXPECT_EQ(read(0, data.size()), data);
    EXPECT_EQ(used(), kExtents);
  }
  volume.reset();
  landing.release();
  EXPECT_EQ(used(), 0U);
}

TEST_F(LandingTest, ChangesNothingWhereThePoolIsTooSmall) {
  const Bytes old = pattern((kExtents - 1) * kExtentBytes, 1);
  ASSERT_EQ(volume->write(Lba{0}, old), WriteResult::Done);
  const std::uint64_t end = (kExtents - 1) * kBlocksPerExtent;
  EXPECT_EQ(land(end, pattern(2 * kExtentBytes, 2)), WriteResult::OutOfSpace);
  EXPECT_EQ(land(end - 1, pattern(2 * kExtentBytes + 512, 2)), WriteResult::OutOfSpace);
  EXPECT_EQ(land(end + 1, pattern(2 * kExtentBytes - 512, 2)), WriteResult::OutOfSpace);
  EXPECT_EQ(read(0, old.size()), old);
  EXPECT_EQ(read(end, 3 * kExtentBytes), Bytes(3 * kExtentBytes));
  EXPECT_EQ(used(), kExtents - 1);
  // A snapshot holds them all: replacing one takes one more.
  const Image image = volume->snapshot();
  EXPECT_EQ(land(0, pattern(2 * kExtentBytes, 3)), WriteResult::OutOfSpace);
  EXPECT_EQ(land(0, pattern(kExtentBytes, 3)), WriteResult::Done);
  EXPECT_EQ(used(), kExtents);
}

// An extent counts in the pool of the volume that wrote it, whoever holds it last.
TEST_F(LandingTest, PassesOnTheCountOfAnExtentFromAnotherPool) {
  const auto other_pool = make_pool(ByteCount{kExtentBytes});
  auto other = std::make_unique<Volume>(BlockCount{kBlocksPerExtent}, kSmall, other_pool);
  ASSERT_EQ(other->write(Lba{0}, pattern(kExtentBytes, 1)), WriteResult::Done);
  ASSERT_EQ(volume->assign(other->snapshot()), WriteResult::Done);
  other.reset();
  EXPECT_EQ(used_of(*other_pool).value, kExtentBytes);
  ASSERT_EQ(land(0, pattern(kExtentBytes, 2)), WriteResult::Done);
  EXPECT_EQ(used() + used_of(*other_pool).value / kExtentBytes, 1U);
  volume.reset();
  EXPECT_EQ(used() + used_of(*other_pool).value, 0U);
}

TEST_F(LandingTest, IsToldToObserversAsAWhole) {
  Observer observer;
  volume->attach(observer);
  const Bytes data = pattern(2 * kExtentBytes + 1024, 1);
  ASSERT_EQ(land(kBlocksPerExtent - 1, data), WriteResult::Done);
  EXPECT_EQ(observer.at.value, kBlocksPerExtent - 1);
  EXPECT_EQ(observer.seen, data);
  volume->detach(observer);
}

// A CDB may ask for other blocks than those that the memory was taken for.
TEST_F(LandingTest, CopiesWhatDoesNotLieAsExtentsDo) {
  const Bytes data = pattern(2 * kExtentBytes, 1);
  landing = Landing::take(0, data.size());
  std::copy(data.begin(), data.end(), landing.data());
  ASSERT_EQ(volume->write(Lba{3}, {landing.data(), data.size()}, landing), WriteResult::Done);
  EXPECT_EQ(read(3, data.size()), data);
  landing.release();
  EXPECT_EQ(read(3, data.size()), data);
}

TEST_F(LandingTest, IsOnlyForWhatFillsExtents) {
  EXPECT_FALSE(Landing::take(0, 0));
  EXPECT_FALSE(Landing::take(0, kExtentBytes - 512));
  EXPECT_FALSE(Landing::take(512, 2 * kExtentBytes - 1024));
  EXPECT_TRUE(Landing::take(512, 2 * kExtentBytes - 512));
  EXPECT_TRUE(Landing::take(0, detail::ExtentMemory::kChunkBytes));
  EXPECT_FALSE(Landing::take(512, detail::ExtentMemory::kChunkBytes));
  EXPECT_FALSE(Landing::take(0, detail::ExtentMemory::kChunkBytes + 512));
}

// Memory whose extents are in use here and there must not grow for ever because what is written
// is to lie together.
TEST(ExtentMemoryTogether, BoundsWhatItLeavesFreeInBetween) {
  using detail::ExtentMemory;
  std::vector<ExtentMemory::Place> places(4096);
  std::generate(places.begin(), places.end(), [] { return ExtentMemory::take(); });
  for (std::size_t i = 0; i < places.size(); i += 2) ExtentMemory::give_back(places[i].header);
  const std::size_t mapped = ExtentMemory::mapped_bytes();
  std::vector<ExtentMemory::Place> together;
  std::size_t refused = 0;
  for (int i = 0; i < 64; ++i) {
    const auto place = ExtentMemory::take_together(17);
    refused += place.header == nullptr ? 1U : 0U;
    if (place.header != nullptr) together.push_back(place);
  }
  EXPECT_EQ(refused, 64U) << "2,048 of 4,096 are free already";
  EXPECT_EQ(ExtentMemory::mapped_bytes(), mapped);
  for (const auto& place : together) {
    for (std::size_t i = 0; i < 17; ++i) ExtentMemory::give_back(place.neighbour(i).header);
  }
  for (std::size_t i = 1; i < places.size(); i += 2) ExtentMemory::give_back(places[i].header);
}

}  // namespace
}  // namespace lockstep::store
