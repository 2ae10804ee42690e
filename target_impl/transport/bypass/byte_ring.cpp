#include "target_impl/transport/bypass/byte_ring.hpp"

#include "target_impl/memory/streaming_copy.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::transport::bypass {
namespace {

void copy_plainly(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  std::memcpy(to, from, bytes);
}

}  // namespace

std::size_t RingWriter::space(std::size_t wanted) noexcept {
  if (broken_) {
    return 0;
  }
  std::size_t free = bytes_.size() - static_cast<std::size_t>(written_ - read_);
  if (free >= wanted) {
    return free;
  }
  const std::uint64_t seen = counters_->read.load();
  // A reader goes forward, and not beyond what has been written.
  if (seen - read_ > written_ - read_) {
    broken_ = true;
    return 0;
  }
  read_ = seen;
  free = bytes_.size() - static_cast<std::size_t>(written_ - read_);
  return free;
}

std::size_t RingWriter::put(std::span<const std::byte> from) noexcept {
  const std::size_t count = std::min(from.size(), space(from.size()));
  const std::size_t at = static_cast<std::size_t>(written_) & (bytes_.size() - 1);
  const std::size_t first = std::min(count, bytes_.size() - at);
  if (first != 0) {
    std::memcpy(bytes_.data() + at, from.data(), first);
  }
  if (count != first) {
    std::memcpy(bytes_.data(), from.data() + first, count - first);
  }
  written_ += count;
  return count;
}

std::size_t RingReader::available() noexcept {
  return written_ != read_ ? static_cast<std::size_t>(written_ - read_) : look();
}

std::size_t RingReader::look() noexcept {
  const std::uint64_t left = written_ - read_;
  if (!broken_) {
    const std::uint64_t seen = counters_->written.load();
    // Never less than before, never more than the ring holds.
    broken_ = seen - read_ > bytes_.size() || seen - read_ < left;
    if (!broken_) {
      written_ = seen;
    }
  }
  return static_cast<std::size_t>(written_ - read_);
}

std::size_t RingReader::copy_out(std::span<std::byte> to, std::size_t skipped, Copy copy) noexcept {
  const std::size_t have = available();
  if (skipped >= have) {
    return 0;
  }
  const std::size_t count = std::min(to.size(), have - skipped);
  const std::size_t at = static_cast<std::size_t>(read_ + skipped) & (bytes_.size() - 1);
  const std::size_t first = std::min(count, bytes_.size() - at);
  if (first != 0) {
    copy(to.data(), bytes_.data() + at, first);
  }
  if (count != first) {
    copy(to.data() + first, bytes_.data(), count - first);
  }
  return count;
}

std::size_t RingReader::peek(std::span<std::byte> to, std::size_t skipped) noexcept {
  return copy_out(to, skipped, copy_plainly);
}

std::size_t RingReader::take_past_caches(std::span<std::byte> to) noexcept {
  const std::size_t count = copy_out(to, 0, memory::copy_past_caches);
  read_ += count;
  return count;
}

std::span<const std::byte> RingReader::lend(std::size_t most) noexcept {
  const std::size_t at = static_cast<std::size_t>(read_) & (bytes_.size() - 1);
  const std::size_t count = std::min({available(), most, bytes_.size() - at});
  read_ += count;
  return bytes_.subspan(at, count);
}

std::size_t RingReader::take(std::span<std::byte> to) noexcept {
  const std::size_t count = peek(to);
  read_ += count;
  return count;
}

}  // namespace lockstep::transport::bypass
