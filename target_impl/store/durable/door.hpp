// How the durable store reaches inside volumes and images.
#pragma once

#include "target_impl/store/root.hpp"
#include "target_impl/store/volume.hpp"
#include "target_impl/store/volume_inside.hpp"

#include <memory>
#include <utility>

namespace lockstep::store::detail {

struct Door {
  // Before anybody else has the volume.
  static void set_map(Volume& volume, ExtentMap map) { volume.inside_->map = std::move(map); }
  // The volume must be frozen.
  [[nodiscard]] static ExtentMap share_map(Volume& volume) { return volume.inside_->map.share(); }

  [[nodiscard]] static const Root* root_of(const Image& image) { return image.root_.get(); }
  [[nodiscard]] static Image make_image(ExtentMap map, std::shared_ptr<Pool> pool,
                                        BlockCount blocks, BlockSize block_size) {
    Image image;
    image.root_ = std::make_shared<const Root>(std::move(map), std::move(pool));
    image.blocks_ = blocks;
    image.block_size_ = block_size;
    return image;
  }
};

}  // namespace lockstep::store::detail
