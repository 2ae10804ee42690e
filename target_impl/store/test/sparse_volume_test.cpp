// Random histories of a volume whose map has three levels, against an ordered map of its extents.
//
// Goal: growing and dropping inner nodes loses nothing and keeps nothing, which the small volumes
// of volume_model_test.cpp cannot show. Method: single blocks far apart, unmaps of anything from
// one extent to nearly all, images that keep old nodes alive.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace lockstep::store {
namespace {

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
constexpr std::uint64_t kExtents = 70'000;  // more than 256 * 256

// The value that fills the first block of each mapped extent.
using Model = std::map<std::uint64_t, unsigned>;

std::vector<BlockRange> ranges_of(const Model& model) {
  std::vector<BlockRange> ranges;
  for (const auto& [extent, value] : model) {
    const Lba first{extent * kBlocksPerExtent};
    if (!ranges.empty() && ranges.back().first + ranges.back().count == first) {
      ranges.back().count.value += kBlocksPerExtent;
    } else {
      ranges.push_back({first, BlockCount{kBlocksPerExtent}});
    }
  }
  return ranges;
}

void expect_same(const Image& image, const Model& model) {
  ASSERT_EQ(image.mapped(), ranges_of(model));
  std::vector<std::byte> out(512);
  for (const auto& [extent, value] : model) {
    image.read(Lba{extent * kBlocksPerExtent}, out);
    ASSERT_EQ(out, std::vector<std::byte>(512, static_cast<std::byte>(value)));
  }
}

class SparseHistory {
 public:
  explicit SparseHistory(std::uint64_t seed) : random_(seed) {}

  void step(unsigned value) {
    // Few places, so that histories come back to the same nodes.
    constexpr std::uint64_t kPlaces[] = {0, 1, 255, 256, 257, 511, 65'535, 65'536, 65'800, 69'999};
    const std::uint64_t extent = kPlaces[random_() % std::size(kPlaces)];
    if (random_() % 3 != 0) {
      const std::vector<std::byte> block(512, static_cast<std::byte>(value));
      ASSERT_EQ(volume_.write(Lba{extent * kBlocksPerExtent}, block), WriteResult::Done);
      model_[extent] = value;
    } else {
      constexpr std::uint64_t kLengths[] = {1, 2, 256, 65'536, kExtents};
      const std::uint64_t count =
          std::min(kExtents - extent, kLengths[random_() % std::size(kLengths)]);
      ASSERT_EQ(volume_.unmap(Lba{extent * kBlocksPerExtent}, BlockCount{count * kBlocksPerExtent}),
                WriteResult::Done);
      model_.erase(model_.lower_bound(extent), model_.lower_bound(extent + count));
    }
    if (random_() % 4 == 0) {
      kept_.emplace_back(volume_.snapshot(), model_);
    }
    if (random_() % 4 == 0 && !kept_.empty()) {
      kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(random_() % kept_.size()));
    }
  }

  void check() {
    expect_same(volume_.snapshot(), model_);
    for (const auto& [image, model] : kept_) {
      expect_same(image, model);
    }
    kept_.clear();
    ASSERT_EQ(used_of(*pool_).value, model_.size() * kExtentBytes);
  }

 private:
  std::mt19937_64 random_;
  std::shared_ptr<Pool> pool_ = make_pool(ByteCount{1 << 30});
  Volume volume_{BlockCount{kExtents * kBlocksPerExtent}, BlockSize{512}, pool_};
  Model model_;
  std::vector<std::pair<Image, Model>> kept_;
};

TEST(SparseVolume, AgreesWithAnOrderedMapOfItsExtents) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SparseHistory history(seed);
    for (unsigned step = 1; step <= 60; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << step);
      history.step(step);
      if (step % 10 == 0) {
        history.check();
      }
      if (HasFatalFailure()) {
        return;
      }
    }
  }
}

}  // namespace
}  // namespace lockstep::store
