#include "target_impl/replication/mirror_target.hpp"

#include "target_impl/peer/peer_volume.hpp"

#include <utility>

namespace lockstep::replication {
namespace {

using store::WriteResult;

class LocalTarget final : public MirrorTarget {
 public:
  explicit LocalTarget(std::shared_ptr<store::Volume> volume) : volume_(std::move(volume)) {}
  [[nodiscard]] VolumeGeometry geometry() const noexcept override {
    return {volume_->blocks(), volume_->block_size()};
  }

  [[nodiscard]] store::Volume* volume() noexcept override { return volume_.get(); }
  bool write(Lba first, std::span<const std::byte> data) noexcept override {
    return volume_->write(first, data) == WriteResult::Done;
  }
  bool unmap(Lba first, BlockCount count) noexcept override {
    return volume_->unmap(first, count) == WriteResult::Done;
  }
  bool assign(const store::Image& image) noexcept override {
    return volume_->assign(image) == WriteResult::Done;
  }
  bool share(const store::SharedBlocks& change) noexcept override {
    const std::uint64_t destination = change.first.value * change.block_size.bytes;
    return volume_->share_range(change.from, {change.source, destination, change.bytes()}) ==
           WriteResult::Done;
  }
  // Found by comparing roots.
  void missed(Lba /*first*/, BlockCount /*count*/) noexcept override {}

 private:
  const std::shared_ptr<store::Volume> volume_;
};

class PeerTarget final : public MirrorTarget {
 public:
  explicit PeerTarget(std::shared_ptr<peer::PeerVolume> volume) : volume_(std::move(volume)) {}
  [[nodiscard]] VolumeGeometry geometry() const noexcept override {
    return volume_->identity().geometry;
  }

  bool write(Lba first, std::span<const std::byte> data) noexcept override {
    return volume_->write(first, data);
  }
  bool unmap(Lba first, BlockCount count) noexcept override { return volume_->unmap(first, count); }
  bool assign(const store::Image& image) noexcept override {
    return volume_->copy(image, {{Lba{0}, image.blocks()}});
  }
  bool share(const store::SharedBlocks& change) noexcept override {
    return volume_->copy(change.from, change.source, change.first, change.count);
  }
  void missed(Lba first, BlockCount count) noexcept override { volume_->missed(first, count); }

 private:
  const std::shared_ptr<peer::PeerVolume> volume_;
};

}  // namespace

std::unique_ptr<MirrorTarget> make_mirror_target(std::shared_ptr<store::Volume> volume) {
  return std::make_unique<LocalTarget>(std::move(volume));
}

std::unique_ptr<MirrorTarget> make_mirror_target(std::shared_ptr<peer::PeerVolume> volume) {
  return std::make_unique<PeerTarget>(std::move(volume));
}

}  // namespace lockstep::replication
