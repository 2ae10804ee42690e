// What operations cost, counted in allocations: time would lie on a busy machine.
#include "target_impl/store/test/counting_new.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lockstep::store {
namespace {

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

struct Cost {
  std::uint64_t allocations;
  std::uint64_t bytes;
};

template <class Action>
Cost cost_of(Action&& action) {
  const std::uint64_t count_before = test::allocations.load();
  const std::uint64_t bytes_before = test::allocated_bytes.load();
  action();
  return {test::allocations.load() - count_before, test::allocated_bytes.load() - bytes_before};
}

std::unique_ptr<Volume> written_volume(std::uint64_t extents) {
  auto volume =
      std::make_unique<Volume>(BlockCount{extents * kBlocksPerExtent}, BlockSize{512},
                               make_pool(ByteCount{2 * extents * kExtentBytes + kExtentBytes}));
  const std::vector<std::byte> block(512, std::byte{1});
  for (std::uint64_t extent = 0; extent != extents; ++extent) {
    EXPECT_EQ(volume->write(Lba{extent * kBlocksPerExtent}, block), WriteResult::Done);
  }
  return volume;
}

TEST(SnapshotCost, DoesNotDependOnTheSizeOfTheVolume) {
  const auto small = written_volume(1);
  const auto large = written_volume(700);
  Image image;
  const Cost of_small = cost_of([&] { image = small->snapshot(); });
  const Cost of_large = cost_of([&] { image = large->snapshot(); });
  EXPECT_EQ(of_large.allocations, of_small.allocations);
  EXPECT_EQ(of_large.bytes, of_small.bytes);
  EXPECT_LE(of_large.allocations, 2U);

  const auto copy = std::make_unique<Volume>(large->blocks(), BlockSize{512}, large->pool());
  const Cost of_assign = cost_of([&] { EXPECT_EQ(copy->assign(image), WriteResult::Done); });
  EXPECT_LE(of_assign.allocations, 2U);
}

TEST(SnapshotCost, FirstOverwriteCopiesOnePathAndTheNextNothing) {
  const auto volume = written_volume(700);
  const std::vector<std::byte> block(512, std::byte{2});
  const Image held = volume->snapshot();
  const Cost first = cost_of([&] { EXPECT_EQ(volume->write(Lba{0}, block), WriteResult::Done); });
  EXPECT_LE(first.allocations, 3U);
  EXPECT_LT(first.bytes, 2 * kExtentBytes);
  const Cost second = cost_of([&] { EXPECT_EQ(volume->write(Lba{1}, block), WriteResult::Done); });
  EXPECT_EQ(second.allocations, 0U);
}

TEST(SnapshotCost, SteadyOverwriteAndReadAllocateNothing) {
  const auto volume = written_volume(300);
  std::vector<std::byte> data(100 * 512, std::byte{3});
  const Cost cost = cost_of([&] {
    for (std::uint64_t lba = 0; lba + 100 <= volume->blocks().value; lba += 97) {
      EXPECT_EQ(volume->write(Lba{lba}, data), WriteResult::Done);
      volume->read(Lba{lba}, data);
    }
  });
  EXPECT_EQ(cost.allocations, 0U);
}

}  // namespace
}  // namespace lockstep::store
