#include "target_impl/iscsi/buffer_pool.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace lockstep::iscsi {

void PooledBuffer::release() noexcept {
  if (memory_) {
    pool_->put_back(std::move(memory_), size_class_);
  } else if (landing_) {
    pool_->set_lent(pool_->lent_bytes() - landing_.occupied_bytes());
    landing_.release();
  }
  pool_ = nullptr;
}

PooledBuffer BufferPool::take(std::size_t bytes) {
  std::size_t size_class = 0;
  if (bytes > kSmallest) {
    size_class = static_cast<std::size_t>(std::bit_width((bytes - 1) / kSmallest));
  }
  const std::size_t size = kSmallest << size_class;
  PooledBuffer buffer;
  buffer.pool_ = this;
  buffer.size_class_ = size_class;
  auto& free = free_.at(size_class);
  if (free.empty()) {
    buffer.memory_ = std::make_unique_for_overwrite<std::byte[]>(size);
    // Room for giving it back, so that putting back never allocates.
    if (free.capacity() == free.size()) {
      free.reserve(free.size() * 2 + 16);
    }
  } else {
    buffer.memory_ = std::move(free.back());
    free.pop_back();
    kept_bytes_ -= size;
  }
  add_lent(size);
  return buffer;
}

PooledBuffer BufferPool::count(store::Landing landing) noexcept {
  PooledBuffer buffer;
  buffer.pool_ = this;
  buffer.landing_ = std::move(landing);
  add_lent(buffer.occupied_bytes());
  return buffer;
}

void BufferPool::add_lent(std::size_t bytes) noexcept {
  set_lent(lent_bytes() + bytes);
  most_lent_bytes_ = std::max(most_lent_bytes_, lent_bytes());
}

void BufferPool::put_back(std::unique_ptr<std::byte[]> memory, std::size_t size_class) noexcept {
  const std::size_t size = kSmallest << size_class;
  set_lent(lent_bytes() - size);
  auto& free = free_[size_class];
  if (kept_bytes_ + size > keep_bytes_ || free.size() == free.capacity()) {
    return;
  }
  free.push_back(std::move(memory));
  kept_bytes_ += size;
}

}  // namespace lockstep::iscsi
