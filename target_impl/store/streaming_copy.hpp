// Copying into memory that nobody will look at soon.
#pragma once

#include <cstddef>

namespace lockstep::store::detail {

// As memcpy. Large copies go past the caches: the destination is not fetched only to be
// overwritten, and does not push out the buffers that are used again at once. On a volume much
// larger than the caches, that halves the cost of a large write.
void copy_streaming(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;

// Smaller copies are plain ones: they are more often read again soon.
inline constexpr std::size_t kStreamedBytes = std::size_t{32} << 10;

}  // namespace lockstep::store::detail
