// Writing what has arrived in a Landing.
#include "target_impl/store/expect.hpp"
#include "target_impl/store/landing.hpp"
#include "target_impl/store/volume_inside.hpp"

#include <mutex>

namespace lockstep::store {
namespace detail {

bool ExtentMap::replace(std::uint64_t number, const ExtentMemory::Place& place,
                        const std::shared_ptr<Pool>& pool) {
  Node* node = own_parent(number);
  Counted*& slot = node->children[static_cast<std::size_t>(number) & (kFanOut - 1)];
  auto* old = static_cast<Extent*>(slot);
  const bool inherits = old != nullptr && old->held_once();
  node->occupied += old == nullptr ? 1U : 0U;
  slot = Extent::make_at(place, inherits ? old->pool : pool);
  if (inherits) {
    Extent::destroy_uncounted(old);
  } else {
    drop(old, 0);
  }
  return inherits;
}

}  // namespace detail

using detail::ExtentRun;
using detail::extents_of;

WriteResult Volume::Inside::land_locked(Lba first, std::span<const std::byte> data,
                                        Landing& landing) {
  const std::uint64_t begin = offset_of(first);
  const std::uint64_t end = begin + data.size();
  const ExtentRun whole{extents_of(begin), end / kExtentBytes};
  const auto content = [&](std::uint64_t number) {
    return data.data() + (number * kExtentBytes - begin);
  };
  if (pool->file() != nullptr || whole.first >= whole.limit ||
      !landing.holds(content(whole.first)) || !landing.holds(content(whole.limit - 1))) {
    return write_locked(first, data);
  }
  detail::Supply supply;
  std::uint64_t reserved = map.count_to_make(whole);
  const std::uint64_t at_the_ends = map.count_to_make({begin / kExtentBytes, whole.first}) +
                                    map.count_to_make({whole.limit, extents_of(end)});
  if (!supply.fill(pool, at_the_ends) || (reserved != 0 && !pool->reserve(reserved))) {
    return WriteResult::OutOfSpace;
  }
  const auto head = static_cast<std::size_t>(whole.first * kExtentBytes - begin);
  const auto tail = static_cast<std::size_t>(end - whole.limit * kExtentBytes);
  map.write(begin, data.first(head), supply);
  map.write(end - tail, data.last(tail), supply);
  for (std::uint64_t number = whole.first; number != whole.limit; ++number) {
    reserved -= map.replace(number, landing.hand_over(content(number)), pool) ? 0U : 1U;
  }
  // Of extents that somebody else held when they were counted, and has let go since.
  pool->give_back(reserved);
  return tell([&](WriteObserver& observer) { return observer.wrote(first, data); });
}

WriteResult Volume::write(Lba first, std::span<const std::byte> data, Landing& landing) {
  inside_->expect_inside(first, data.size(), "Volume::write must stay inside, in whole blocks");
  const std::unique_lock lock(inside_->mutex);
  return inside_->land_locked(first, data, landing);
}

}  // namespace lockstep::store
