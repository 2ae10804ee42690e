#include "target_impl/replication/ranges.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace lockstep::replication {
namespace {

constexpr std::size_t kBlocks = 40;
using Blocks = std::vector<bool>;

Ranges ranges_of(const Blocks& blocks) {
  Ranges ranges;
  for (std::uint64_t i = 0; i < blocks.size(); ++i) {
    if (!blocks[i]) continue;
    if (!ranges.empty() && ranges.back().first.value + ranges.back().count.value == i) {
      ++ranges.back().count.value;
    } else {
      ranges.push_back({Lba{i}, BlockCount{1}});
    }
  }
  return ranges;
}

// Goal: the three operations are those of sets, and their results are ascending and merged.
// Method: random sets of forty blocks, against one flag per block.
TEST(Ranges, AreSetsOfBlocks) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    Blocks left(kBlocks);
    Blocks right(kBlocks);
    Blocks either(kBlocks);
    Blocks both(kBlocks);
    Blocks only_left(kBlocks);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      left[i] = random() % 3 == 0;
      right[i] = random() % 2 == 0;
      either[i] = left[i] || right[i];
      both[i] = left[i] && right[i];
      only_left[i] = left[i] && !right[i];
    }
    ASSERT_EQ(united(ranges_of(left), ranges_of(right)), ranges_of(either));
    ASSERT_EQ(intersected(ranges_of(left), ranges_of(right)), ranges_of(both));
    ASSERT_EQ(subtracted(ranges_of(left), ranges_of(right)), ranges_of(only_left));
  }
}

TEST(Ranges, CountTheirBlocks) {
  EXPECT_EQ(blocks_in({{Lba{1}, BlockCount{2}}, {Lba{9}, BlockCount{5}}}).value, 7U);
  EXPECT_EQ(blocks_in({}).value, 0U);
}

}  // namespace
}  // namespace lockstep::replication
