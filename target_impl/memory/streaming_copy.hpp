// Copying into memory that nobody will look at soon.
#pragma once

#include <cstddef>

namespace lockstep::memory {

// As memcpy, past the caches: the destination is not fetched only to be overwritten, and does not
// push out the buffers that are used again at once. On a volume much larger than the caches that
// halves the cost of a large write, and a write of 4 KiB does not make the unlock behind it wait
// for 64 lines that are still being fetched.
void copy_past_caches(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;

// The same but for small copies: those are more often read again soon.
void copy_streaming(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;
inline constexpr std::size_t kStreamedBytes = std::size_t{4} << 10;

// The same to two places, in less time than one after the other.
void copy_streaming_to_both(std::byte* to, std::byte* also_to, const std::byte* from,
                            std::size_t bytes) noexcept;

}  // namespace lockstep::memory
