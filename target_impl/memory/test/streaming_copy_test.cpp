#include "target_impl/memory/streaming_copy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lockstep::memory {
namespace {

TEST(StreamingCopy, CopiesExactlyTheBytesAskedForAtEveryAlignment) {
  constexpr std::size_t kRoom = 80 * 1024;
  std::vector<std::byte> source(kRoom);
  std::uint32_t state = 1;
  for (std::byte& byte : source) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(state >> 24);
  }
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{150},
                                  std::size_t{4096}, kStreamedBytes - 1, kStreamedBytes,
                                  kStreamedBytes + 1, kStreamedBytes + 63, std::size_t{64} << 10}) {
    for (const std::size_t to : {0U, 1U, 16U, 64U}) {
      for (const std::size_t from : {0U, 3U, 64U}) {
        std::vector<std::byte> target(kRoom + 64, std::byte{0xEE});
        // A whole line behind the start of the vector, so that `to` decides the alignment.
        const auto start = (64 - reinterpret_cast<std::uintptr_t>(target.data()) % 64) % 64 + to;
        auto expected = target;
        for (std::size_t i = 0; i < bytes; ++i) expected[start + i] = source[from + i];
        auto past_caches = target;
        copy_streaming(target.data() + start, source.data() + from, bytes);
        ASSERT_EQ(target, expected) << bytes << " bytes to +" << to << " from +" << from;
        copy_past_caches(past_caches.data() + start, source.data() + from, bytes);
        ASSERT_EQ(past_caches, expected) << bytes << " bytes to +" << to << " from +" << from;
        for (const std::size_t beside : {0U, 1U}) {
          std::vector<std::byte> both(2 * target.size(), std::byte{0xEE});
          auto expected_both = both;
          // The second is aligned as the first, or is not.
          const std::size_t second = start + (kRoom + 63) / 64 * 64 - beside;
          std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), bytes,
                      expected_both.begin() + static_cast<std::ptrdiff_t>(start));
          std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), bytes,
                      expected_both.begin() + static_cast<std::ptrdiff_t>(second));
          copy_streaming_to_both(both.data() + start, both.data() + second, source.data() + from,
                                 bytes);
          ASSERT_EQ(both, expected_both) << bytes << " bytes to +" << to << " from +" << from;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lockstep::memory
