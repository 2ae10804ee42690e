// Volumes used from several threads: atomic writes, images that stand still, cuts across volumes.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace lockstep::store {
namespace {

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

// Most of two neighbouring extents: long enough that a reader without a lock meets a writer.
constexpr Lba kEdge{1};
constexpr std::size_t kWide = 2 * kBlocksPerExtent - 2;

std::vector<std::byte> filled(std::size_t blocks, unsigned value) {
  return std::vector<std::byte>(blocks * 512, static_cast<std::byte>(value));
}

bool all_equal(const std::vector<std::byte>& bytes) {
  return std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

TEST(VolumeThreads, NoReaderSeesHalfAWriteAndImagesStandStill) {
  const auto pool = make_pool(ByteCount{64 * kExtentBytes});
  Volume volume(BlockCount{4 * kBlocksPerExtent}, BlockSize{512}, pool);
  std::atomic<bool> torn{false};
  std::atomic<bool> moved{false};
  std::atomic<unsigned> finished{0};

  std::vector<std::thread> threads;
  for (unsigned writer = 0; writer != 2; ++writer) {
    threads.emplace_back([&, writer] {
      for (unsigned round = 0; round != 400; ++round) {
        if (volume.write(kEdge, filled(kWide, 1 + writer * 100 + round % 100)) !=
            WriteResult::Done) {
          torn = true;
        }
      }
      finished.fetch_add(1);
    });
  }
  threads.emplace_back([&] {
    std::vector<std::byte> out(kWide * 512);
    while (finished.load() != 2) {
      volume.read(kEdge, out);
      torn = torn || !all_equal(out);
    }
  });
  threads.emplace_back([&] {
    std::vector<std::byte> out(kWide * 512);
    std::vector<std::byte> again(kWide * 512);
    while (finished.load() != 2) {
      const Image image = volume.snapshot();
      image.read(kEdge, out);
      torn = torn || !all_equal(out);
      std::this_thread::yield();
      image.read(kEdge, again);
      moved = moved || out != again;
    }
  });
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_FALSE(torn.load());
  EXPECT_FALSE(moved.load());
  EXPECT_EQ(used_of(*pool).value, 2 * kExtentBytes);
}

// A writer stamps A and then B with the same number. In a cut, B may lag A by one, never lead.
TEST(VolumeThreads, ACutAcrossVolumesKeepsDependentWritesInOrder) {
  const auto pool = make_pool(ByteCount{64 * kExtentBytes});
  Volume a(BlockCount{8}, BlockSize{512}, pool);
  Volume b(BlockCount{8}, BlockSize{512}, pool);
  std::atomic<bool> done{false};
  std::atomic<bool> inconsistent{false};

  std::thread writer([&] {
    std::vector<std::byte> block(512);
    for (std::uint64_t number = 1; number != 600; ++number) {
      std::memcpy(block.data(), &number, sizeof number);
      if (a.write(Lba{0}, block) != WriteResult::Done ||
          b.write(Lba{0}, block) != WriteResult::Done) {
        inconsistent = true;
      }
    }
    done = true;
  });
  const auto cut = [&](std::array<Volume*, 3> volumes) {
    std::vector<std::byte> out(512);
    while (!done.load()) {
      Image of_a;
      Image of_b;
      Volume::with_frozen(volumes, [&](Volume::Frozen& frozen) {
        of_a = frozen.snapshot(a);
        of_b = frozen.snapshot(b);
      });
      std::uint64_t in_a = 0;
      std::uint64_t in_b = 0;
      of_a.read(Lba{0}, out);
      std::memcpy(&in_a, out.data(), sizeof in_a);
      of_b.read(Lba{0}, out);
      std::memcpy(&in_b, out.data(), sizeof in_b);
      if (in_a != in_b && in_a != in_b + 1) {
        inconsistent = true;
      }
    }
  };
  std::thread other([&] { cut({&b, &a, &b}); });
  cut({&a, &b, &a});
  other.join();
  writer.join();
  EXPECT_FALSE(inconsistent.load());
}

class MirrorTo : public WriteObserver {
 public:
  MirrorTo(Volume& other, const std::atomic<bool>& freezing) : other_(other), freezing_(freezing) {}
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    // Lets a freeze get as far as it can while this volume is locked for the write.
    while (!freezing_.load()) {
      std::this_thread::yield();
    }
    for (int turn = 0; turn != 10; ++turn) {
      std::this_thread::yield();
    }
    return other_.write(first, data) == WriteResult::Done;
  }
  bool zeroed(Lba first, BlockCount count) noexcept override {
    return other_.unmap(first, count) == WriteResult::Done;
  }
  bool assigned() noexcept override { return true; }

 private:
  Volume& other_;
  const std::atomic<bool>& freezing_;
};

// Whatever the order of the two addresses, one of the directions has the writer take its locks
// against the order of the freeze.
TEST(VolumeThreads, FreezingAMirroredPairCannotDeadlock) {
  const auto pool = make_pool(ByteCount{64 * kExtentBytes});
  std::array<Volume, 2> pair{Volume(BlockCount{8}, BlockSize{512}, pool),
                             Volume(BlockCount{8}, BlockSize{512}, pool)};
  for (std::size_t source = 0; source != 2; ++source) {
    Volume& from = pair[source];
    Volume& to = pair[1 - source];
    std::atomic<bool> freezing{false};
    std::atomic<bool> done{false};
    MirrorTo mirror(to, freezing);
    from.attach(mirror);
    std::thread writer([&] {
      for (unsigned round = 0; round != 100; ++round) {
        EXPECT_EQ(from.write(Lba{1}, filled(1, round % 251)), WriteResult::Done);
      }
      done = true;
    });
    const std::array<Volume*, 2> both{&pair[0], &pair[1]};
    std::vector<std::byte> of_from(512);
    std::vector<std::byte> of_to(512);
    bool equal = true;
    while (!done.load()) {
      std::array<Image, 2> images;
      freezing = true;
      Volume::with_frozen(both, [&](Volume::Frozen& frozen) {
        images[0] = frozen.snapshot(from);
        images[1] = frozen.snapshot(to);
      });
      freezing = false;
      images[0].read(Lba{1}, of_from);
      images[1].read(Lba{1}, of_to);
      equal = equal && of_from == of_to;
    }
    writer.join();
    EXPECT_TRUE(equal);
    from.detach(mirror);
  }
}

}  // namespace
}  // namespace lockstep::store
