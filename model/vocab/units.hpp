// Strong types for the three units that are easily confused. Crossing between blocks and bytes
// needs the block size in hand.
#pragma once

#include <compare>
#include <cstdint>

namespace lockstep {

struct Lba {
  std::uint64_t value = 0;
  friend auto operator<=>(const Lba&, const Lba&) = default;
};

struct BlockCount {
  std::uint64_t value = 0;
  friend auto operator<=>(const BlockCount&, const BlockCount&) = default;
};

struct ByteCount {
  std::uint64_t value = 0;
  friend auto operator<=>(const ByteCount&, const ByteCount&) = default;
};

struct BlockSize {
  std::uint32_t bytes = 512;
  friend auto operator<=>(const BlockSize&, const BlockSize&) = default;
};

[[nodiscard]] constexpr ByteCount bytes_of(BlockCount count, BlockSize size) noexcept {
  return ByteCount{count.value * size.bytes};
}

[[nodiscard]] constexpr Lba operator+(Lba first, BlockCount count) noexcept {
  return Lba{first.value + count.value};
}

// A moment on the harness's own monotonic clock, in nanoseconds. Only order and difference mean
// anything; the two ends never carry over from one process to another.
struct Instant {
  std::int64_t ns = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

}  // namespace lockstep
