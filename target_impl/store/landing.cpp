#include "target_impl/store/landing.hpp"

#include "target_impl/store/root.hpp"
#include "target_impl/store/volume.hpp"

#include <bit>

namespace lockstep::store {

using detail::ExtentMemory;

Landing Landing::take(std::uint64_t offset, std::size_t bytes) noexcept {
  const auto inside = static_cast<std::size_t>(offset % kExtentBytes);
  const std::size_t before = (kExtentBytes - inside) % kExtentBytes;
  const std::uint64_t extents = detail::extents_of(inside + bytes);
  Landing landing;
  if (bytes < before + kExtentBytes || extents > ExtentMemory::kExtentsPerChunk) {
    return landing;
  }
  landing.run_ = ExtentMemory::take_together(static_cast<std::size_t>(extents));
  if (landing.run_.header != nullptr) {
    landing.extents_ = static_cast<std::uint32_t>(extents);
    landing.held_ = ~std::uint32_t{0} >> (ExtentMemory::kExtentsPerChunk - landing.extents_);
    landing.inside_ = inside;
  }
  return landing;
}

void Landing::release() noexcept {
  for (; held_ != 0; held_ &= held_ - 1) {
    ExtentMemory::give_back(
        run_.neighbour(static_cast<std::size_t>(std::countr_zero(held_))).header);
  }
  extents_ = 0;
  inside_ = 0;
  run_ = {};
}

bool Landing::holds(const std::byte* content) const noexcept {
  if (extents_ == 0 || content < run_.content || content >= run_.content + occupied_bytes()) {
    return false;
  }
  const auto at = static_cast<std::size_t>(content - run_.content);
  return at % kExtentBytes == 0 && (held_ >> (at / kExtentBytes) & 1U) != 0;
}

ExtentMemory::Place Landing::hand_over(const std::byte* content) noexcept {
  const std::size_t index = static_cast<std::size_t>(content - run_.content) / kExtentBytes;
  held_ &= ~(std::uint32_t{1} << index);
  return run_.neighbour(index);
}

}  // namespace lockstep::store
