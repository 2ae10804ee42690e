// Memory for writes on their way, used again: each is taken by the thread of a host and given back
// by that of the link, which is what allocators are slowest at.
#pragma once

#include "target_impl/memory/recycling_allocator.hpp"
#include "target_impl/peer/operation.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lockstep::peer {

// Thread-safe.
class WriteBuffers : public std::enable_shared_from_this<WriteBuffers> {
 public:
  // A copy of the data. Its memory comes back here when nobody needs it any more.
  [[nodiscard]] Bytes copy(std::span<const std::byte> data) {
    std::unique_ptr<std::vector<std::byte>> buffer;
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        buffer = std::move(free_.back());
        free_.pop_back();
      }
    }
    if (buffer == nullptr) buffer = std::make_unique<std::vector<std::byte>>();
    buffer->assign(data.begin(), data.end());
    return {buffer.release(),
            [self = shared_from_this()](const std::vector<std::byte>* used) {
              self->give_back(const_cast<std::vector<std::byte>*>(used));
            },
            memory::RecyclingAllocator<std::byte*>{}};
  }

 private:
  static constexpr std::size_t kMost = 128;
  static constexpr std::size_t kLargestBytes = 64 * 1024;

  void give_back(std::vector<std::byte>* used) {
    std::unique_ptr<std::vector<std::byte>> buffer(used);
    if (buffer->capacity() > kLargestBytes) return;
    const std::lock_guard lock(mutex_);
    if (free_.size() < kMost) free_.push_back(std::move(buffer));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<std::vector<std::byte>>> free_;  // the last used first
};

}  // namespace lockstep::peer
