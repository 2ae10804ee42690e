#include "target_impl/memory/streaming_copy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

// Race detectors do not see such stores.
#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define LOCKSTEP_STREAMING_STORES 1
#include <emmintrin.h>
#endif

namespace lockstep::memory {

#ifdef LOCKSTEP_STREAMING_STORES
namespace {

constexpr std::size_t kLine = 64;

// Whole lines, the destination aligned to them.
void stream_lines(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  for (std::size_t at = 0; at != bytes; at += kLine) {
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
}

}  // namespace

void copy_past_caches(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  const std::size_t before = (kLine - reinterpret_cast<std::uintptr_t>(to) % kLine) % kLine;
  const std::size_t head = std::min(bytes, before);
  std::memcpy(to, from, head);
  const std::size_t lines = (bytes - head) / kLine * kLine;
  stream_lines(to + head, from + head, lines);
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

}  // namespace lockstep::memory
