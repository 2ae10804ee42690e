// Random histories of volumes and images against a model that keeps every byte in plain arrays.
//
// Goal: no order of writes, unmaps, snapshots, assigns and drops makes a volume or an image differ
// from the model, the pool count always equals the extents that are alive, and diff never misses a
// changed block. Method: seeded histories over a few volumes of awkward sizes; the failing seed and
// step are printed.
#include "target_impl/store/landing.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace lockstep::store {
namespace {

using Bytes = std::vector<std::byte>;

// The library compares bytes one by one, which sanitizers make very slow.
bool same(const Bytes& a, const Bytes& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Geometry {
  std::uint64_t blocks;
  std::uint32_t block_bytes;
};

struct ModelVolume {
  std::unique_ptr<Volume> volume;
  Bytes bytes;
};

struct ModelImage {
  Image image;
  Bytes bytes;
  std::size_t taken_from;
};

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed), pool_(make_pool(ByteCount{24 * kExtentBytes})) {
    for (const Geometry geometry :
         {Geometry{1031, 512}, Geometry{130, 4096}, Geometry{1031, 512}}) {
      volumes_.push_back({std::make_unique<Volume>(BlockCount{geometry.blocks},
                                                   BlockSize{geometry.block_bytes}, pool_),
                          Bytes(geometry.blocks * geometry.block_bytes)});
    }
  }

  void step() {
    const auto choice = pick(16);
    if (choice < 6) {
      write();
    } else if (choice < 9) {
      unmap();
    } else if (choice < 11) {
      compare_and_write();
    } else if (choice < 13) {
      snapshot();
    } else if (choice < 14) {
      assign();
    } else if (!images_.empty()) {
      images_.erase(images_.begin() + static_cast<std::ptrdiff_t>(pick(images_.size())));
    }
  }

  void check_one_of_each() {
    const ModelVolume& some = volumes_[pick(volumes_.size())];
    Bytes out(some.bytes.size(), std::byte{0xee});
    some.volume->read(Lba{0}, out);
    ASSERT_TRUE(same(out, some.bytes)) << "volume differs from the model";
    if (!images_.empty()) {
      check_image(images_[pick(images_.size())]);
    }
  }

  void check_empty_pool_at_the_end() {
    images_.clear();
    volumes_.clear();
    ASSERT_EQ(used_of(*pool_).value, 0U);
  }

  std::uint64_t full_pools = 0;
  std::uint64_t miscompares = 0;

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  struct Span {
    std::uint64_t first;
    std::uint64_t count;
  };
  Span span_in(const ModelVolume& model) {
    const std::uint64_t blocks = model.volume->blocks().value;
    // Edges of extents and of the volume come up often.
    const std::uint64_t per_extent = kExtentBytes / model.volume->block_size().bytes;
    std::uint64_t first = pick(3) == 0 ? pick(blocks / per_extent + 1) * per_extent : pick(blocks);
    first = std::min(first, blocks - 1);
    const std::uint64_t room = blocks - first;
    const std::uint64_t wish = pick(4) == 0 ? room : 1 + pick(2 * per_extent);
    return {first, std::min(room, wish)};
  }

  Bytes noise(std::size_t size) {
    Bytes bytes(size);
    std::uint64_t word = random_();
    for (std::size_t at = 0; at != size; at += sizeof word) {
      word = word * 6364136223846793005U + 1442695040888963407U;
      std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    return bytes;
  }

  // True when the model has to follow.
  bool took_effect(WriteResult result) {
    full_pools += result == WriteResult::OutOfSpace ? 1U : 0U;
    miscompares += result == WriteResult::Miscompare ? 1U : 0U;
    return result == WriteResult::Done;
  }

  static auto at(ModelVolume& model, Span span) {
    return model.bytes.begin() +
           static_cast<std::ptrdiff_t>(span.first * model.volume->block_size().bytes);
  }

  void write() {
    ModelVolume& model = volumes_[pick(volumes_.size())];
    const Span span = span_in(model);
    const Bytes data = noise(span.count * model.volume->block_size().bytes);
    if (took_effect(write_to(*model.volume, span.first, data))) {
      std::copy(data.begin(), data.end(), at(model, span));
    }
  }

  // Sometimes as data that have arrived where they stay.
  WriteResult write_to(Volume& volume, std::uint64_t first, const Bytes& data) {
    Landing landing;
    if (pick(2) == 0) {
      landing = Landing::take(first * volume.block_size().bytes, data.size());
    }
    if (!landing) {
      return volume.write(Lba{first}, data);
    }
    std::copy(data.begin(), data.end(), landing.data());
    return volume.write(Lba{first}, {landing.data(), data.size()}, landing);
  }

  void unmap() {
    ModelVolume& model = volumes_[pick(volumes_.size())];
    const Span span = span_in(model);
    if (took_effect(model.volume->unmap(Lba{span.first}, BlockCount{span.count}))) {
      std::fill_n(at(model, span), span.count * model.volume->block_size().bytes, std::byte{0});
    }
  }

  void compare_and_write() {
    ModelVolume& model = volumes_[pick(volumes_.size())];
    const Span span = span_in(model);
    const std::size_t size = span.count * model.volume->block_size().bytes;
    Bytes expected(at(model, span), at(model, span) + static_cast<std::ptrdiff_t>(size));
    const bool spoil = pick(2) == 0;
    const std::size_t spoiled = pick(size);
    if (spoil) {
      expected[spoiled] ^= std::byte{0x10};
    }
    const Bytes data = noise(size);
    std::size_t offset = 0;
    const WriteResult result =
        model.volume->compare_and_write(Lba{span.first}, expected, data, offset);
    ASSERT_EQ(result == WriteResult::Miscompare, spoil);
    if (spoil) {
      ASSERT_EQ(offset, spoiled);
    }
    if (took_effect(result)) {
      std::copy(data.begin(), data.end(), at(model, span));
    }
  }

  void snapshot() {
    const std::size_t from = pick(volumes_.size());
    images_.push_back({volumes_[from].volume->snapshot(), volumes_[from].bytes, from});
  }

  void assign() {
    if (images_.empty()) {
      return;
    }
    const ModelImage& source = images_[pick(images_.size())];
    ModelVolume& model = volumes_[pick(volumes_.size())];
    if (source.bytes.size() <= model.bytes.size()) {
      ASSERT_EQ(model.volume->assign(source.image), WriteResult::Done);
      std::fill(model.bytes.begin(), model.bytes.end(), std::byte{0});
      std::copy(source.bytes.begin(), source.bytes.end(), model.bytes.begin());
    }
  }

  void check_image(const ModelImage& model) {
    Bytes out(model.bytes.size(), std::byte{0xee});
    model.image.read(Lba{0}, out);
    ASSERT_TRUE(same(out, model.bytes)) << "image differs from the model";

    const std::size_t block = model.image.block_size().bytes;
    Bytes masked = model.bytes;
    for (const BlockRange& range : model.image.mapped()) {
      std::fill_n(masked.begin() + static_cast<std::ptrdiff_t>(range.first.value * block),
                  range.count.value * block, std::byte{0});
    }
    ASSERT_TRUE(same(masked, Bytes(masked.size()))) << "mapped() missed content";

    const ModelVolume& origin = volumes_[model.taken_from];
    Bytes patched = model.bytes;
    for (const BlockRange& range : diff(model.image, origin.volume->snapshot())) {
      const auto begin = static_cast<std::ptrdiff_t>(range.first.value * block);
      const auto end = begin + static_cast<std::ptrdiff_t>(range.count.value * block);
      std::copy(origin.bytes.begin() + begin, origin.bytes.begin() + end, patched.begin() + begin);
    }
    ASSERT_TRUE(same(patched, origin.bytes)) << "diff missed a changed block";
  }

  std::mt19937_64 random_;
  std::shared_ptr<Pool> pool_;
  std::vector<ModelVolume> volumes_;
  std::vector<ModelImage> images_;
};

TEST(VolumeHistory, AgreesWithAPlainArrayOfBytes) {
  std::uint64_t full_pools = 0;
  std::uint64_t miscompares = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    History history(seed);
    for (int step = 0; step != 80; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << step);
      history.step();
      history.check_one_of_each();
      if (HasFatalFailure()) {
        return;
      }
    }
    history.check_empty_pool_at_the_end();
    full_pools += history.full_pools;
    miscompares += history.miscompares;
  }
  RecordProperty("full_pools", static_cast<int>(full_pools));
  EXPECT_GT(full_pools, 0U) << "the histories never filled the pool";
  EXPECT_GT(miscompares, 0U) << "the histories never miscompared";
}

}  // namespace
}  // namespace lockstep::store
