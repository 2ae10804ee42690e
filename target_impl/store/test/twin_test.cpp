// A twin takes what is written in the same pass: it holds the same, at every instant, and whatever
// it cannot take that way its observer is told of.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

namespace lockstep::store {
namespace {

constexpr BlockSize kSmall{512};
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
constexpr BlockCount kBlocks{8 * kBlocksPerExtent};

std::vector<std::byte> filled(std::size_t blocks, unsigned value) {
  return std::vector<std::byte>(blocks * 512, static_cast<std::byte>(value));
}

std::vector<std::byte> content(const Volume& volume) {
  std::vector<std::byte> out(volume.blocks().value * volume.block_size().bytes);
  volume.read(Lba{0}, out);
  return out;
}

std::shared_ptr<Pool> pool_of(std::uint64_t extents) {
  return make_pool(ByteCount{extents * kExtentBytes});
}

class Mirror : public WriteObserver {
 public:
  explicit Mirror(Volume& other) : other_(other) {}
  [[nodiscard]] Volume* twin() noexcept override { return offers ? &other_ : nullptr; }
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    ++told;
    return other_.write(first, data) == WriteResult::Done;
  }
  bool zeroed(Lba first, BlockCount count) noexcept override {
    return other_.unmap(first, count) == WriteResult::Done;
  }
  bool assigned() noexcept override { return true; }
  int told = 0;
  bool offers = true;

 private:
  Volume& other_;
};

TEST(Twin, HoldsWhatIsWrittenWithoutItsObserverBeingTold) {
  const auto pool = pool_of(64);
  Volume source(kBlocks, kSmall, pool);
  Volume target(kBlocks, kSmall, pool);
  Mirror mirror(target);
  source.attach(mirror);
  std::minstd_rand random(11);
  for (int i = 0; i < 400; ++i) {
    const std::uint64_t blocks = 1 + random() % (i % 10 == 0 ? 3 * kBlocksPerExtent : 16);
    const std::uint64_t first = random() % (kBlocks.value - blocks);
    auto data = filled(blocks, random() % 256);
    data[random() % data.size()] ^= std::byte{0x55};
    if (i % 3 == 0) {
      ASSERT_EQ(source.unmap(Lba{first}, BlockCount{blocks}), WriteResult::Done);
    } else if (i % 3 == 1) {
      ASSERT_EQ(source.write(Lba{first}, data), WriteResult::Done);
    } else {
      ASSERT_EQ(source.write_lent(Lba{first}, data), WriteResult::Done);
    }
    // What an image holds of either stays.
    const std::array<Image, 2> images{source.snapshot(), target.snapshot()};
    const auto before = content(source);
    ASSERT_EQ(source.write(Lba{first}, filled(1, random() % 256)), WriteResult::Done);
    std::vector<std::byte> held(before.size());
    for (const Image& image : images) {
      image.read(Lba{0}, held);
      ASSERT_EQ(held, before) << i;
    }
    ASSERT_EQ(content(source), content(target)) << i;
  }
  EXPECT_EQ(mirror.told, 0);
  mirror.offers = false;
  ASSERT_EQ(source.write(Lba{1}, filled(8, 1)), WriteResult::Done);
  EXPECT_EQ(mirror.told, 1);
  source.detach(mirror);
}

TEST(Twin, WhoseSpaceIsOverIsLeftToItsObserver) {
  Volume source(kBlocks, kSmall, pool_of(8));
  Volume target(kBlocks, kSmall, pool_of(1));
  Mirror mirror(target);
  source.attach(mirror);
  ASSERT_EQ(source.write(Lba{0}, filled(8, 1)), WriteResult::Done);
  EXPECT_EQ(mirror.told, 0);
  EXPECT_EQ(source.write(Lba{kBlocksPerExtent}, filled(8, 2)), WriteResult::ObserverFailed);
  EXPECT_EQ(mirror.told, 1);
  BlockCount run;
  EXPECT_TRUE(source.is_mapped(Lba{kBlocksPerExtent}, run));
  EXPECT_FALSE(target.is_mapped(Lba{kBlocksPerExtent}, run));
  source.detach(mirror);
}

TEST(Twin, ThatIsItselfObservedOrOfAnotherShapeIsLeftToItsObserver) {
  const auto pool = pool_of(64);
  Volume source(kBlocks, kSmall, pool);
  Volume target(kBlocks, kSmall, pool);
  Volume last(kBlocks, kSmall, pool);
  Mirror mirror(target);
  Mirror second(last);
  source.attach(mirror);
  target.attach(second);
  ASSERT_EQ(source.write(Lba{3}, filled(8, 1)), WriteResult::Done);
  EXPECT_EQ(mirror.told, 1);
  EXPECT_EQ(second.told, 0) << "its target is the twin of a volume that nobody else follows";
  EXPECT_EQ(content(source), content(last));
  target.detach(second);
  // Two follow: both are told.
  source.attach(second);
  ASSERT_EQ(source.write(Lba{3}, filled(8, 2)), WriteResult::Done);
  EXPECT_EQ(mirror.told, 2);
  EXPECT_EQ(second.told, 1);
  source.detach(mirror);
  source.detach(second);

  Volume large_blocks(BlockCount{kBlocks.value / 8}, BlockSize{4096}, pool);
  Volume small(BlockCount{4}, kSmall, pool);
  for (Volume* other : {&large_blocks, &small}) {
    class Indifferent : public Mirror {
     public:
      using Mirror::Mirror;
      bool wrote(Lba /*first*/, std::span<const std::byte> /*data*/) noexcept override {
        ++told;
        return true;
      }
    } indifferent(*other);
    source.attach(indifferent);
    ASSERT_EQ(source.write(Lba{3}, filled(8, 3)), WriteResult::Done);
    EXPECT_EQ(indifferent.told, 1);
    source.detach(indifferent);
  }
}

TEST(Twin, IsTheSameAtEveryInstant) {
  const auto pool = pool_of(64);
  std::array<Volume, 2> pair{Volume(kBlocks, kSmall, pool), Volume(kBlocks, kSmall, pool)};
  for (std::size_t source = 0; source != 2; ++source) {
    Mirror mirror(pair[1 - source]);
    pair[source].attach(mirror);
    std::atomic<bool> done{false};
    std::thread writer([&] {
      for (unsigned round = 0; round != 3000; ++round) {
        EXPECT_EQ(pair[source].write(Lba{round % 64}, filled(8, round % 251)), WriteResult::Done);
      }
      done = true;
    });
    const std::array<Volume*, 2> both{&pair[0], &pair[1]};
    do {
      std::array<Image, 2> images;
      Volume::with_frozen(both, [&](Volume::Frozen& frozen) {
        images = {frozen.snapshot(pair[0]), frozen.snapshot(pair[1])};
      });
      std::array<std::vector<std::byte>, 2> held;
      for (std::size_t i = 0; i != 2; ++i) {
        held[i].resize(80 * 512);
        images[i].read(Lba{0}, held[i]);
      }
      ASSERT_EQ(held[0], held[1]);
    } while (!done.load());
    writer.join();
    EXPECT_EQ(mirror.told, 0);
    pair[source].detach(mirror);
  }
}

}  // namespace
}  // namespace lockstep::store
