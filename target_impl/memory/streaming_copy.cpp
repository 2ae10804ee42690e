#include "target_impl/memory/streaming_copy.hpp"

#include "target_impl/memory/sanitized.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

// Race detectors do not see such stores.
#if defined(__SSE2__) && !defined(LOCKSTEP_SANITIZED)
#define LOCKSTEP_STREAMING_STORES 1
#include <emmintrin.h>
#endif

namespace lockstep::memory {

#ifdef LOCKSTEP_STREAMING_STORES
namespace {

constexpr std::size_t kLine = 64;

std::size_t bytes_to_line(const std::byte* at) noexcept {
  return (kLine - reinterpret_cast<std::uintptr_t>(at) % kLine) % kLine;
}

// Whole lines, the destinations aligned to them.
template <class... To>
void stream_lines(const std::byte* from, std::size_t bytes, To*... to) noexcept {
  for (std::size_t at = 0; at != bytes; at += kLine) {
    const auto* source = reinterpret_cast<const __m128i*>(from + at);
    const __m128i a = _mm_loadu_si128(source);
    const __m128i b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2);
    const __m128i d = _mm_loadu_si128(source + 3);
    const auto put = [&](std::byte* line) {
      auto* target = reinterpret_cast<__m128i*>(line);
      _mm_stream_si128(target, a);
      _mm_stream_si128(target + 1, b);
      _mm_stream_si128(target + 2, c);
      _mm_stream_si128(target + 3, d);
    };
    (put(to + at), ...);
  }
  // Such stores are ordered with nothing, not even with the unlock that follows.
  _mm_sfence();
}

}  // namespace

void copy_past_caches(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  const std::size_t head = std::min(bytes, bytes_to_line(to));
  std::memcpy(to, from, head);
  const std::size_t lines = (bytes - head) / kLine * kLine;
  stream_lines(from + head, lines, to + head);
  const std::size_t done = head + lines;
  std::memcpy(to + done, from + done, bytes - done);
}
#else
void copy_past_caches(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  std::memcpy(to, from, bytes);
}
#endif

void copy_streaming(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  if (bytes >= kStreamedBytes) {
    copy_past_caches(to, from, bytes);
  } else {
    std::memcpy(to, from, bytes);
  }
}

void copy_streaming_to_both(std::byte* to, std::byte* also_to, const std::byte* from,
                            std::size_t bytes) noexcept {
#ifdef LOCKSTEP_STREAMING_STORES
  const std::size_t head = bytes_to_line(to);
  if (bytes >= kStreamedBytes && bytes_to_line(also_to) == head) {
    const std::size_t lines = (bytes - head) / kLine * kLine;
    const std::size_t done = head + lines;
    for (std::byte* const place : {to, also_to}) {
      std::memcpy(place, from, head);
      std::memcpy(place + done, from + done, bytes - done);
    }
    stream_lines(from + head, lines, to + head, also_to + head);
    return;
  }
#endif
  copy_streaming(to, from, bytes);
  copy_streaming(also_to, from, bytes);
}

}  // namespace lockstep::memory
