// A representation of data (SPC-4 5.17.6): what ranges of a volume held at one instant, as one run
// of bytes. Nothing is copied: it holds an image.
#pragma once

#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::scsi {

// A value; immutable once made, and then safe to read from any thread.
class Rod {
 public:
  // Of what `volume` holds now. The volume is remembered as a name only, never used again.
  explicit Rod(store::Volume& volume)
      : origin_(&volume), pool_(volume.pool()), image_(volume.snapshot()) {}

  // The next range of the volume; not empty, inside the image.
  void append(std::uint64_t offset, std::uint64_t bytes);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const store::Image& image() const noexcept { return image_; }
  [[nodiscard]] const store::Volume* origin() const noexcept { return origin_; }
  [[nodiscard]] std::size_t parts() const noexcept { return parts_.size(); }

  // Whether nothing of it was mapped: all of it is zeros then.
  [[nodiscard]] bool is_unmapped() const noexcept;

  struct Run {
    std::uint64_t source;  // offset in the image
    std::uint64_t bytes;
  };
  // What lies in one piece from `offset` (below bytes()) on.
  [[nodiscard]] Run run_at(std::uint64_t offset) const noexcept;
  // Whether a volume of `pool` can hold the extents of this one, instead of copies of them.
  [[nodiscard]] bool can_share_with(const std::shared_ptr<store::Pool>& pool) const noexcept {
    return pool_ == pool;
  }
  // [offset, offset + out.size()) lies inside. False: see store::Volume::read.
  [[nodiscard]] bool read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  struct Part {
    std::uint64_t at;  // offset in the ROD
    std::uint64_t source;
    std::uint64_t bytes;
  };
  const store::Volume* origin_;
  std::shared_ptr<store::Pool> pool_;
  store::Image image_;
  std::vector<Part> parts_;
  std::uint64_t bytes_ = 0;
};

}  // namespace lockstep::scsi
