#include "target_impl/store/expect.hpp"
#include "target_impl/store/root.hpp"
#include "target_impl/store/volume.hpp"

#include <algorithm>

namespace lockstep::store {

namespace detail {

std::vector<BlockRange> to_blocks(const std::vector<ExtentRun>& runs, BlockCount blocks,
                                  BlockSize size) {
  const std::uint64_t per_extent = kExtentBytes / size.bytes;
  std::vector<BlockRange> ranges;
  ranges.reserve(runs.size());
  for (const ExtentRun& run : runs) {
    const std::uint64_t first = run.first * per_extent;
    const std::uint64_t limit = std::min(run.limit * per_extent, blocks.value);
    ranges.push_back({Lba{first}, BlockCount{limit - first}});
  }
  return ranges;
}

}  // namespace detail

bool Image::read(Lba first, std::span<std::byte> out) const {
  detail::expect(detail::inside(first, out.size(), blocks_, block_size_),
                 "Image::read must stay inside the image, in whole blocks");
  return root_ == nullptr || root_->map().read(first.value * block_size_.bytes, out);
}

std::vector<BlockRange> Image::mapped() const {
  if (root_ == nullptr) {
    return {};
  }
  return detail::to_blocks(root_->map().mapped(), blocks_, block_size_);
}

bool Image::read_bytes(std::uint64_t offset, std::span<std::byte> out) const {
  detail::expect(offset <= size().value && out.size() <= size().value - offset,
                 "Image::read_bytes must stay inside the image");
  return root_ == nullptr || root_->map().read(offset, out);
}

bool Image::is_unmapped(std::uint64_t offset, std::uint64_t bytes) const noexcept {
  detail::expect(offset <= size().value && bytes <= size().value - offset,
                 "Image::is_unmapped must stay inside the image");
  return root_ == nullptr || root_->map().is_absent(offset, bytes);
}

std::vector<BlockRange> diff(const Image& older, const Image& newer) {
  detail::expect(older.blocks_ == newer.blocks_ && older.block_size_ == newer.block_size_,
                 "diff needs two images of equal size");
  if (older.root_ == nullptr || older.root_ == newer.root_) {
    return {};
  }
  return detail::to_blocks(detail::ExtentMap::diff(older.root_->map(), newer.root_->map()),
                           newer.blocks_, newer.block_size_);
}

}  // namespace lockstep::store
