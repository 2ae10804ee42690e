#include "target_impl/copy/buffers.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::copy {
namespace {
constexpr std::size_t kPageBytes = 4096;
}

Buffer::Buffer(std::size_t bytes) {
  const std::size_t rounded = (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kPageBytes, rounded)));
  size_ = memory_ ? bytes : 0;
}

Buffer BufferPool::take(std::size_t bytes) {
  const auto fits = [bytes](const Buffer& b) { return b.size() == bytes; };
  const auto found = std::find_if(free_.rbegin(), free_.rend(), fits);
  if (found != free_.rend()) {
    Buffer buffer = std::move(*found);
    free_.erase(std::next(found).base());
    return buffer;
  }
  while (held_ + bytes > bytes_max_ && !free_.empty()) {
    held_ -= free_.back().size();
    free_.pop_back();
  }
  if (held_ + bytes > bytes_max_) return Buffer{};
  Buffer buffer(bytes);
  held_ += buffer.size();
  return buffer;
}

void BufferPool::give_back(Buffer buffer) {
  if (buffer) free_.push_back(std::move(buffer));
}

void BufferPool::shrink() noexcept {
  for (const Buffer& buffer : free_) held_ -= buffer.size();
  free_.clear();
}

}  // namespace lockstep::copy
