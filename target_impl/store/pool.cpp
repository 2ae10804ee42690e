#include "target_impl/store/pool.hpp"

namespace lockstep::store {

bool Pool::reserve(std::uint64_t extents) noexcept {
  const std::uint64_t limit = capacity_.value / kExtentBytes;
  std::uint64_t held = extents_.load(std::memory_order_relaxed);
  do {
    if (extents > limit || held > limit - extents) {
      return false;
    }
  } while (!extents_.compare_exchange_weak(held, held + extents, std::memory_order_relaxed));
  return true;
}

void Pool::give_back(std::uint64_t extents) noexcept {
  extents_.fetch_sub(extents, std::memory_order_relaxed);
}

std::shared_ptr<Pool> make_pool(ByteCount capacity) { return std::make_shared<Pool>(capacity); }

ByteCount capacity_of(const Pool& pool) noexcept { return pool.capacity(); }

ByteCount used_of(const Pool& pool) noexcept { return pool.used(); }

}  // namespace lockstep::store
