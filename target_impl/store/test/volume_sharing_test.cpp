// Copies that share extents: content, space, points in time, what observers are told.
#include "target_impl/store/test/counting_new.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::store {
namespace {

using Bytes = std::vector<std::byte>;

constexpr BlockSize kSmall{512};
constexpr std::uint64_t kExtent = kExtentBytes;
constexpr std::uint64_t kPerExtent = kExtentBytes / 512;

Bytes pattern(std::size_t bytes, unsigned seed) {
  Bytes out(bytes);
  for (std::size_t i = 0; i != bytes; ++i) {
    out[i] = static_cast<std::byte>((i / 512 * 7 + i + seed) % 251);
  }
  return out;
}

Bytes content_of(const Volume& volume) {
  Bytes out(bytes_of(volume.blocks(), volume.block_size()).value);
  volume.read(Lba{0}, out);
  return out;
}

class VolumeSharing : public testing::Test {
 protected:
  std::unique_ptr<Volume> volume(std::uint64_t blocks, BlockSize size = kSmall) {
    return std::make_unique<Volume>(BlockCount{blocks}, size, pool);
  }
  std::uint64_t used() const { return used_of(*pool).value / kExtent; }
  std::shared_ptr<Pool> pool = make_pool(ByteCount{64 * kExtent});
};

TEST_F(VolumeSharing, TakesNoSpaceForWholeExtents) {
  const auto source = volume(4 * kPerExtent);
  const auto destination = volume(8 * kPerExtent);
  const Bytes data = pattern(4 * kExtent, 1);
  ASSERT_EQ(source->write(Lba{0}, data), WriteResult::Done);
  ASSERT_EQ(used(), 4U);
  ASSERT_EQ(destination->share_range(source->snapshot(), {kExtent, 5 * kExtent, 3 * kExtent}),
            WriteResult::Done);
  EXPECT_EQ(used(), 4U);
  Bytes out(3 * kExtent);
  destination->read(Lba{5 * kPerExtent}, out);
  EXPECT_TRUE(std::equal(out.begin(), out.end(), data.begin() + kExtent));
  // Each goes its own way from here, at the price of what is written.
  ASSERT_EQ(destination->write(Lba{5 * kPerExtent}, pattern(512, 9)), WriteResult::Done);
  EXPECT_EQ(used(), 5U);
  EXPECT_EQ(content_of(*source), data);
}

TEST_F(VolumeSharing, CopiesOnlyTheEndsThatAreNotWholeExtents) {
  const auto source = volume(4 * kPerExtent);
  const auto destination = volume(4 * kPerExtent);
  const Bytes data = pattern(4 * kExtent, 1);
  ASSERT_EQ(source->write(Lba{0}, data), WriteResult::Done);
  ASSERT_EQ(destination->share_range(source->snapshot(), {1000, 1000, 3 * kExtent}),
            WriteResult::Done);
  EXPECT_EQ(used(), 4U + 2U);
  Bytes expected(4 * kExtent);
  std::copy_n(data.begin() + 1000, 3 * kExtent, expected.begin() + 1000);
  EXPECT_EQ(content_of(*destination), expected);
}

TEST_F(VolumeSharing, SharesTheLastExtentOfVolumesThatEndInsideIt) {
  const auto source = volume(kPerExtent + 3);
  const auto destination = volume(2 * kPerExtent + 3);
  const Bytes data = pattern((kPerExtent + 3) * 512, 1);
  ASSERT_EQ(source->write(Lba{0}, data), WriteResult::Done);
  ASSERT_EQ(destination->share_range(source->snapshot(), {0, kExtent, data.size()}),
            WriteResult::Done);
  EXPECT_EQ(used(), 2U);
  // The same bytes elsewhere: the source's end is not the destination's.
  const auto longer = volume(4 * kPerExtent);
  ASSERT_EQ(longer->write(Lba{0}, Bytes(4 * kExtent, std::byte{0xee})), WriteResult::Done);
  ASSERT_EQ(longer->share_range(source->snapshot(), {0, 0, data.size()}), WriteResult::Done);
  Bytes expected(4 * kExtent, std::byte{0xee});
  std::copy(data.begin(), data.end(), expected.begin());
  EXPECT_EQ(content_of(*longer), expected);
}

TEST_F(VolumeSharing, UnmapsWhatTheSourceDoesNotHave) {
  const auto source = volume(4 * kPerExtent);
  const auto destination = volume(4 * kPerExtent);
  ASSERT_EQ(source->write(Lba{kPerExtent}, pattern(512, 1)), WriteResult::Done);
  ASSERT_EQ(destination->write(Lba{0}, pattern(4 * kExtent, 2)), WriteResult::Done);
  ASSERT_EQ(destination->share_range(source->snapshot(), {0, 0, 4 * kExtent}), WriteResult::Done);
  EXPECT_EQ(used(), 1U);
  EXPECT_EQ(content_of(*destination), content_of(*source));
  ASSERT_EQ(destination->share_range(Image{}, {}), WriteResult::Done);
  EXPECT_EQ(used(), 1U);
}

TEST_F(VolumeSharing, CopiesAPointInTimeInsideOneVolume) {
  for (const std::uint64_t shift : {kExtent, std::uint64_t{512}, std::uint64_t{700}}) {
    const auto both = volume(8 * kPerExtent);
    const Bytes data = pattern(8 * kExtent, 1);
    ASSERT_EQ(both->write(Lba{0}, data), WriteResult::Done);
    ASSERT_EQ(both->share_range(both->snapshot(), {0, shift, 6 * kExtent}), WriteResult::Done);
    Bytes expected = data;
    std::memmove(expected.data() + shift, data.data(), 6 * kExtent);
    EXPECT_EQ(content_of(*both), expected);
    ASSERT_EQ(both->share_range(both->snapshot(), {shift, 0, 6 * kExtent}), WriteResult::Done);
    std::memmove(expected.data(), expected.data() + shift, 6 * kExtent);
    EXPECT_EQ(content_of(*both), expected);
  }
}

TEST_F(VolumeSharing, ChangesNothingWhenThePoolIsFull) {
  const auto source = volume(8 * kPerExtent);
  const auto destination = volume(8 * kPerExtent);
  const auto rest = volume(64 * kPerExtent);
  ASSERT_EQ(source->write(Lba{0}, pattern(8 * kExtent, 1)), WriteResult::Done);
  ASSERT_EQ(rest->write(Lba{0}, pattern(55 * kExtent, 1)), WriteResult::Done);
  // One extent is left; the two ends take two, a copy at another alignment takes eight.
  const Image image = source->snapshot();
  EXPECT_EQ(destination->share_range(image, {512, 512, 7 * kExtent}), WriteResult::OutOfSpace);
  EXPECT_EQ(destination->share_range(image, {0, 512, 7 * kExtent}), WriteResult::OutOfSpace);
  EXPECT_EQ(used(), 63U);
  EXPECT_EQ(content_of(*destination), Bytes(8 * kExtent));
  EXPECT_EQ(destination->share_range(image, {512, 512, 7 * kExtent - 512}), WriteResult::Done);
  EXPECT_EQ(used(), 64U);
}

// Goal: sharing a gibibyte takes neither space nor, to speak of, memory. Method: sixteen written
// mebibytes, multiplied by sharing; then the whole copied from one volume to another.
TEST(VolumeSharingCost, MovesNoBytesOfAGibibyte) {
  constexpr std::uint64_t kPiece = 16ULL << 20;
  constexpr std::uint64_t kGibibyte = 1ULL << 30;
  const auto pool = make_pool(ByteCount{2 * kPiece});
  Volume source(BlockCount{kGibibyte / 512}, kSmall, pool);
  ASSERT_EQ(source.write(Lba{0}, pattern(kPiece, 5)), WriteResult::Done);
  for (std::uint64_t at = kPiece; at != kGibibyte; at += kPiece) {
    ASSERT_EQ(source.share_range(source.snapshot(), {0, at, kPiece}), WriteResult::Done);
  }
  ASSERT_EQ(used_of(*pool).value, kPiece);

  Volume destination(BlockCount{2 * kGibibyte / 512}, kSmall, pool);
  const Image image = source.snapshot();
  // At the same place modulo sixteen mebibytes, and at another.
  for (const std::uint64_t at : {kGibibyte, kGibibyte - 3 * kExtent}) {
    const std::uint64_t before = test::allocated_bytes.load();
    ASSERT_EQ(destination.share_range(image, {0, at, kGibibyte}), WriteResult::Done);
    EXPECT_LT(test::allocated_bytes.load() - before, 1ULL << 20);
    EXPECT_EQ(used_of(*pool).value, kPiece);
    Bytes out(kPiece);
    destination.read(Lba{(at + 7 * kPiece) / 512}, out);
    EXPECT_EQ(out, pattern(kPiece, 5));
    BlockCount run;
    EXPECT_TRUE(destination.is_mapped(Lba{at / 512}, run));
    EXPECT_EQ(run.value, kGibibyte / 512 + (at == kGibibyte ? 0 : 3 * kPerExtent));
  }
}

class Follower : public WriteObserver {
 public:
  explicit Follower(Volume& other) : other_(other) {}
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    log += "w" + std::to_string(first.value) + "+" + std::to_string(data.size() / 512) + " ";
    return other_.write(first, data) == WriteResult::Done && agrees;
  }
  bool zeroed(Lba first, BlockCount count) noexcept override {
    log += "z" + std::to_string(first.value) + "+" + std::to_string(count.value) + " ";
    return other_.unmap(first, count) == WriteResult::Done && agrees;
  }
  bool assigned() noexcept override { return false; }
  std::string log;
  bool agrees = true;

 protected:
  Volume& other_;
};

class SharingFollower : public Follower {
 public:
  using Follower::Follower;
  bool shared(const SharedBlocks& change) noexcept override {
    log += "s" + std::to_string(change.first.value) + "+" + std::to_string(change.count.value) +
           "<" + std::to_string(change.source) + " ";
    return other_.share_range(change.from,
                              {change.source, change.first.value * change.block_size.bytes,
                               change.bytes()}) == WriteResult::Done;
  }
};

TEST_F(VolumeSharing, IsToldToObserversInWholeBlocks) {
  const auto source = volume(4 * kPerExtent);
  const auto destination = volume(4 * kPerExtent);
  const auto copied = volume(4 * kPerExtent);
  const auto mirrored = volume(4 * kPerExtent);
  ASSERT_EQ(source->write(Lba{0}, pattern(2 * kExtent, 1)), WriteResult::Done);
  Follower follower(*copied);
  SharingFollower sharing(*mirrored);
  destination->attach(follower);
  destination->attach(sharing);
  ASSERT_EQ(destination->share_range(source->snapshot(), {100, 612, 3 * kExtent}),
            WriteResult::Done);
  // The first block and the last are covered in part only.
  EXPECT_EQ(sharing.log, "w1+1 s2+383<512 w385+1 ");
  EXPECT_EQ(follower.log, "w1+1 w2+127 w129+128 z257+128 w385+1 ");
  EXPECT_EQ(content_of(*mirrored), content_of(*destination));
  EXPECT_EQ(content_of(*copied), content_of(*destination));

  follower.agrees = false;
  follower.log.clear();
  EXPECT_EQ(destination->share_range(source->snapshot(), {0, 0, 2 * kExtent}),
            WriteResult::ObserverFailed);
  EXPECT_EQ(follower.log, "w0+128 w128+128 ");
  EXPECT_EQ(content_of(*mirrored), content_of(*destination));
  destination->detach(follower);
  destination->detach(sharing);
}

TEST_F(VolumeSharing, TellsOfARangeInsideOneBlock) {
  const auto source = volume(kPerExtent);
  const auto destination = volume(kPerExtent / 8, BlockSize{4096});
  const auto mirrored = volume(kPerExtent / 8, BlockSize{4096});
  ASSERT_EQ(source->write(Lba{0}, pattern(kExtent, 1)), WriteResult::Done);
  SharingFollower sharing(*mirrored);
  destination->attach(sharing);
  ASSERT_EQ(destination->share_range(source->snapshot(), {512, 4096 + 1024, 512}),
            WriteResult::Done);
  EXPECT_EQ(sharing.log, "w1+8 ");
  EXPECT_EQ(content_of(*mirrored), content_of(*destination));
  destination->detach(sharing);
}

}  // namespace
}  // namespace lockstep::store
