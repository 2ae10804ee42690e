// The other side of a synchronous mirror, as its observer writes it.
#pragma once

#include "model/port/data_path.hpp"
#include "target_impl/store/volume.hpp"

#include <functional>
#include <memory>
#include <span>

namespace lockstep::peer {
class PeerVolume;
}

namespace lockstep::replication {

// Called in the order of the source's changes, under the source's write lock. False: the change
// could not be carried over.
class MirrorTarget {
 public:
  virtual ~MirrorTarget() = default;
  [[nodiscard]] virtual VolumeGeometry geometry() const noexcept = 0;  // the source's
  // What write() writes, if it is a volume of this system.
  [[nodiscard]] virtual store::Volume* volume() noexcept { return nullptr; }
  virtual bool write(Lba first, std::span<const std::byte> data) noexcept = 0;
  virtual bool unmap(Lba first, BlockCount count) noexcept = 0;
  virtual bool assign(const store::Image& image) noexcept = 0;
  virtual bool share(const store::SharedBlocks& change) noexcept = 0;
  // A change that is not carried over, because the mirror has failed.
  virtual void missed(Lba first, BlockCount count) noexcept = 0;
};

// A volume of this system.
[[nodiscard]] std::unique_ptr<MirrorTarget> make_mirror_target(
    std::shared_ptr<store::Volume> volume);
// A volume of a peer: changes are on their way when the call returns, and failures come later.
[[nodiscard]] std::unique_ptr<MirrorTarget> make_mirror_target(
    std::shared_ptr<peer::PeerVolume> volume);

}  // namespace lockstep::replication
