// The content of an extent, wherever it is.
#pragma once

#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/extent.hpp"

#include <algorithm>
#include <cstddef>

namespace lockstep::store::detail {

// Of an extent in memory: calls `use(at, content, bytes)` for each part of [first, first + bytes)
// that lies together, in order; `at` counts from the beginning of the extent.
template <class Use>
void for_each_part(const Extent& extent, std::size_t first, std::size_t bytes, Use&& use) {
  if (extent.missing == 0) [[likely]] {
    use(first, extent.data() + first, bytes);
    return;
  }
  const std::size_t limit = first + bytes;
  while (first < limit) {
    const bool missing = extent.misses(first);
    std::size_t end = (first / Extent::kPageBytes + 1) * Extent::kPageBytes;
    while (end < limit && extent.misses(end) == missing) {
      end += Extent::kPageBytes;
    }
    end = std::min(end, limit);
    use(first, (missing ? extent.backing : &extent)->data() + first, end - first);
    first = end;
  }
}

// The same of any extent. False: it cannot be read, and `use` was not called.
template <class Use>
[[nodiscard]] bool with_parts(const Extent& extent, std::size_t first, std::size_t bytes,
                              Use&& use) {
  if (extent.durable) [[unlikely]] {
    const auto access = extent.pool->file()->access(static_cast<const DurableExtent&>(extent));
    if (access.bytes() == nullptr) {
      return false;
    }
    use(first, access.bytes() + first, bytes);
    return true;
  }
  for_each_part(extent, first, bytes, use);
  return true;
}

}  // namespace lockstep::store::detail
