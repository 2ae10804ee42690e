#include "target_impl/store/extent_map.hpp"
#include "target_impl/store/lending.hpp"

#include <algorithm>
#include <array>

namespace lockstep::store {
namespace detail {

std::span<const std::byte, kExtentBytes> zero_content() noexcept {
  static constexpr std::array<std::byte, kExtentBytes> kZeros{};
  return kZeros;
}

void ExtentMap::lend(std::uint64_t offset, std::size_t bytes, PieceTaker& taker) const {
  while (bytes != 0) {
    const auto inside = static_cast<std::size_t>(offset % kExtentBytes);
    const std::size_t piece = std::min(bytes, kExtentBytes - inside);
    if (const Extent* extent = find(offset / kExtentBytes); extent != nullptr) {
      extent->hold();
      extent->pool->lent();
      taker.take({extent->data() + inside, piece}, ExtentHold(extent));
    } else {
      taker.take(zero_content().first(piece), {});
    }
    offset += piece;
    bytes -= piece;
  }
}

}  // namespace detail

void ExtentHold::let_go(const detail::Extent* extent) noexcept {
  extent->pool->lent_no_more();
  // Const for those who hold it, since they change nothing; the last holder destroys it.
  detail::drop(const_cast<detail::Extent*>(extent), 0);
}

}  // namespace lockstep::store
