// Random histories of writes, unmaps, snapshots and shared ranges against plain arrays of bytes.
//
// Goal: whatever the alignment, the block sizes and the overlap, share_range() leaves the bytes
// that a copy of a point in time would, in the volume and in the volumes that observe it; images do
// not change; and the pool ends empty. Method: seeded histories; the failing seed and step are
// printed. One mirror follows by sharing, another is told piece by piece.
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace lockstep::store {
namespace {

using Bytes = std::vector<std::byte>;

// The library compares bytes one by one, which sanitizers make very slow.
bool same(const Bytes& a, const Bytes& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

class Mirror : public WriteObserver {
 public:
  Mirror(Volume& to, bool shares) : to_(to), shares_(shares) {}
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
    return to_.write(first, data) == WriteResult::Done;
  }
  bool zeroed(Lba first, BlockCount count) noexcept override {
    return to_.unmap(first, count) == WriteResult::Done;
  }
  bool assigned() noexcept override { return false; }
  bool shared(const SharedBlocks& change) noexcept override {
    return shares_ ? to_.share_range(change.from,
                                     {change.source, change.first.value * change.block_size.bytes,
                                      change.bytes()}) == WriteResult::Done
                   : WriteObserver::shared(change);
  }

 private:
  Volume& to_;
  bool shares_;
};

struct Model {
  std::unique_ptr<Volume> volume;
  Bytes bytes;
  std::vector<std::unique_ptr<Volume>> copies;
  std::vector<std::unique_ptr<Mirror>> mirrors;
};

struct Kept {
  Image image;
  Bytes bytes;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    add(1031, 512, 2);
    add(130, 4096, 2);
    // More than one node of the map, so that whole nodes are shared too.
    add(270 * kExtentBytes / 4096 + 3, 4096, 0);
    add(300 * kExtentBytes / 4096, 4096, 0);
    images_.push_back({Image{}, {}});
  }
  ~History() {
    for (Model& model : models_) {
      for (auto& mirror : model.mirrors) {
        model.volume->detach(*mirror);
      }
    }
  }

  void step() {
    switch (pick(8)) {
      case 0:
      case 1:
        return write();
      case 2:
        return unmap();
      case 3: {
        const Model& model = some();
        images_.push_back({model.volume->snapshot(), model.bytes});
        return;
      }
      case 4:
        if (images_.size() > 4) {
          images_.erase(images_.begin() + static_cast<std::ptrdiff_t>(1 + pick(4)));
        }
        return;
      default:
        return share();
    }
  }

  void check(bool large) {
    for (const Model& model : models_) {
      if (!large && model.bytes.size() > (1U << 20)) {
        continue;
      }
      check(*model.volume, model.bytes);
      for (const auto& copy : model.copies) {
        check(*copy, model.bytes);
      }
    }
    const Kept& kept = images_[pick(images_.size())];
    out_.assign(kept.bytes.size(), std::byte{0xee});
    kept.image.read_bytes(0, out_);
    ASSERT_TRUE(same(out_, kept.bytes)) << "an image has changed";
  }

  void check_empty_pool_at_the_end() {
    images_.clear();
    for (Model& model : models_) {
      const BlockCount all = model.volume->blocks();
      ASSERT_EQ(model.volume->unmap(Lba{0}, all), WriteResult::Done);
    }
    ASSERT_EQ(used_of(*pool_).value, 0U);
  }

  std::uint64_t refused = 0;
  std::uint64_t shared_without_space = 0;

 private:
  void check(const Volume& volume, const Bytes& bytes) {
    out_.assign(bytes.size(), std::byte{0xee});
    volume.read(Lba{0}, out_);
    ASSERT_TRUE(same(out_, bytes)) << "a volume of " << bytes.size() << " bytes differs";
  }

  void add(std::uint64_t blocks, std::uint32_t block_bytes, int copies) {
    Model model;
    model.bytes.resize(blocks * block_bytes);
    model.volume = std::make_unique<Volume>(BlockCount{blocks}, BlockSize{block_bytes}, pool_);
    for (int i = 0; i != copies; ++i) {
      model.copies.push_back(
          std::make_unique<Volume>(BlockCount{blocks}, BlockSize{block_bytes}, spacious_));
      model.mirrors.push_back(std::make_unique<Mirror>(*model.copies.back(), i == 0));
      model.volume->attach(*model.mirrors.back());
    }
    models_.push_back(std::move(model));
  }

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  Model& some() { return models_[pick(models_.size())]; }
  // Edges of extents come up often.
  std::uint64_t offset_in(std::uint64_t size) {
    const std::uint64_t offset = pick(size);
    return pick(2) == 0 ? offset / kExtentBytes * kExtentBytes : offset;
  }

  void write() {
    Model& model = some();
    const std::uint64_t block = model.volume->block_size().bytes;
    const std::uint64_t first = offset_in(model.bytes.size()) / block * block;
    const std::uint64_t room = model.bytes.size() - first;
    Bytes data(std::min(room, (1 + pick(2 * kExtentBytes / block)) * block));
    const std::uint64_t word = random_();
    for (std::size_t at = 0; at != data.size(); at += sizeof word) {
      const std::uint64_t value = word * (at + 1);
      std::memcpy(data.data() + at, &value, sizeof value);
    }
    if (model.volume->write(Lba{first / block}, data) == WriteResult::Done) {
      std::copy(data.begin(), data.end(), model.bytes.begin() + static_cast<std::ptrdiff_t>(first));
    }
  }

  void unmap() {
    Model& model = some();
    const std::uint64_t block = model.volume->block_size().bytes;
    const std::uint64_t first = pick(model.volume->blocks().value);
    const std::uint64_t count = 1 + pick(model.volume->blocks().value - first);
    if (pick(4) == 0 && model.volume->unmap(Lba{first}, BlockCount{count}) == WriteResult::Done) {
      std::fill_n(model.bytes.begin() + static_cast<std::ptrdiff_t>(first * block), count * block,
                  std::byte{0});
    }
  }

  void share() {
    Model& model = some();
    Kept now{model.volume->snapshot(), model.bytes};
    const Kept& source = pick(3) == 0 ? now : images_[pick(images_.size())];
    if (source.bytes.empty()) {
      ASSERT_EQ(model.volume->share_range(source.image, {0, offset_in(model.bytes.size()), 0}),
                WriteResult::Done);
      return;
    }
    CopyRange range{offset_in(source.bytes.size()), offset_in(model.bytes.size()), 0};
    if (pick(3) != 0) {  // alike modulo an extent
      range.destination =
          range.destination / kExtentBytes * kExtentBytes + range.source % kExtentBytes;
      range.destination = std::min(range.destination, model.bytes.size() - 1);
    }
    range.bytes =
        std::min(source.bytes.size() - range.source, model.bytes.size() - range.destination);
    range.bytes = pick(3) == 0 ? range.bytes : 1 + pick(range.bytes);
    const std::uint64_t before = used_of(*pool_).value;
    const WriteResult result = model.volume->share_range(source.image, range);
    shared_without_space += used_of(*pool_).value <= before ? 1U : 0U;
    if (result != WriteResult::Done) {
      ASSERT_EQ(result, WriteResult::OutOfSpace);
      ++refused;
      return;
    }
    std::copy_n(source.bytes.begin() + static_cast<std::ptrdiff_t>(range.source), range.bytes,
                model.bytes.begin() + static_cast<std::ptrdiff_t>(range.destination));
  }

  std::mt19937_64 random_;
  // Small enough to be full at times; the mirrors draw from another, which is not.
  std::shared_ptr<Pool> pool_ = make_pool(ByteCount{24 * kExtentBytes});
  std::shared_ptr<Pool> spacious_ = make_pool(ByteCount{1ULL << 30});
  std::vector<Model> models_;
  std::vector<Kept> images_;
  Bytes out_;
};

TEST(SharingHistory, AgreesWithPlainArraysOfBytes) {
  std::uint64_t refused = 0;
  std::uint64_t without_space = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    History history(seed);
    for (int step = 0; step != 60; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << step);
      history.step();
      history.check(step % 10 == 9);
      if (HasFatalFailure()) {
        return;
      }
    }
    refused += history.refused;
    without_space += history.shared_without_space;
    history.check_empty_pool_at_the_end();
  }
  EXPECT_GT(refused, 0U) << "the histories never filled the pool";
  EXPECT_GT(without_space, 20U) << "the histories hardly ever shared";
}

}  // namespace
}  // namespace lockstep::store
