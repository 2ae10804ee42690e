// What an Image holds, and the arithmetic between blocks and extents that images and volumes share.
#pragma once

#include "target_impl/store/extent_map.hpp"
#include "target_impl/store/volume.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace lockstep::store::detail {

class Root {
 public:
  Root(ExtentMap map, std::shared_ptr<Pool> pool) noexcept
      : pool_(std::move(pool)), map_(std::move(map)) {}
  [[nodiscard]] const ExtentMap& map() const noexcept { return map_; }
  // Of the volume whose content it was.
  [[nodiscard]] const std::shared_ptr<Pool>& pool() const noexcept { return pool_; }

 private:
  std::shared_ptr<Pool> pool_;  // outlives the map
  ExtentMap map_;
};

[[nodiscard]] constexpr std::uint64_t extents_of(std::uint64_t bytes) noexcept {
  return bytes / kExtentBytes + (bytes % kExtentBytes != 0 ? 1 : 0);
}

// True when `bytes` from `first` on are whole blocks inside a volume of `blocks`.
[[nodiscard]] constexpr bool inside(Lba first, std::uint64_t bytes, BlockCount blocks,
                                    BlockSize size) noexcept {
  return bytes % size.bytes == 0 && first.value <= blocks.value &&
         bytes / size.bytes <= blocks.value - first.value;
}

// Extent runs as block ranges, clipped at the end of the volume.
[[nodiscard]] std::vector<BlockRange> to_blocks(const std::vector<ExtentRun>& runs,
                                                BlockCount blocks, BlockSize size);

}  // namespace lockstep::store::detail
