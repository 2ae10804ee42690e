#include "target_impl/store/streaming_copy.hpp"

#include <cstdint>
#include <cstring>

// Race detectors do not see such stores.
#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define LOCKSTEP_STREAMING_STORES 1
#include <emmintrin.h>
#endif

namespace lockstep::store::detail {

void copy_streaming(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
#ifdef LOCKSTEP_STREAMING_STORES
  constexpr std::size_t kLine = 64;
  if (bytes >= kStreamedBytes && reinterpret_cast<std::uintptr_t>(to) % kLine == 0) {
    const std::size_t streamed = bytes / kLine * kLine;
    for (std::size_t at = 0; at != streamed; at += kLine) {
      const auto* source = reinterpret_cast<const __m128i*>(from + at);
      auto* target = reinterpret_cast<__m128i*>(to + at);
      const __m128i a = _mm_loadu_si128(source);
      const __m128i b = _mm_loadu_si128(source + 1);
      const __m128i c = _mm_loadu_si128(source + 2);
      const __m128i d = _mm_loadu_si128(source + 3);
      _mm_stream_si128(target, a);
      _mm_stream_si128(target + 1, b);
      _mm_stream_si128(target + 2, c);
      _mm_stream_si128(target + 3, d);
    }
    // Such stores are ordered with nothing, not even with the unlock that follows.
    _mm_sfence();
    to += streamed;
    from += streamed;
    bytes -= streamed;
  }
#endif
  std::memcpy(to, from, bytes);
}

}  // namespace lockstep::store::detail
