// Memory for payloads, kept for reuse in classes of powers of two, so that commands in the steady
// state allocate nothing and find warm pages; and counted, which memory on its way into a volume is
// as well. For one thread; must outlive its buffers.
#pragma once

#include "target_impl/store/landing.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace lockstep::iscsi {

class BufferPool;

// Uninitialised memory that goes back to its pool. Move-only; empty by default.
class PooledBuffer {
 public:
  PooledBuffer() = default;
  PooledBuffer(PooledBuffer&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        memory_(std::move(other.memory_)),
        size_class_(other.size_class_),
        landing_(std::move(other.landing_)) {}
  PooledBuffer& operator=(PooledBuffer&& other) noexcept {
    if (this != &other) {
      release();
      pool_ = std::exchange(other.pool_, nullptr);
      memory_ = std::move(other.memory_);
      size_class_ = other.size_class_;
      landing_ = std::move(other.landing_);
    }
    return *this;
  }
  ~PooledBuffer() { release(); }

  [[nodiscard]] std::byte* data() const noexcept {
    return memory_ ? memory_.get() : landing_.data();
  }
  [[nodiscard]] std::size_t capacity() const noexcept;
  // What it counts as in its pool.
  [[nodiscard]] std::size_t occupied_bytes() const noexcept;
  // Null: it is memory like any other.
  [[nodiscard]] store::Landing* landing() noexcept { return landing_ ? &landing_ : nullptr; }
  [[nodiscard]] bool is_landing() const noexcept { return static_cast<bool>(landing_); }
  explicit operator bool() const noexcept { return data() != nullptr; }
  void release() noexcept;

 private:
  friend class BufferPool;
  BufferPool* pool_ = nullptr;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_class_ = 0;
  store::Landing landing_;
};

class BufferPool {
 public:
  // At most `keep_bytes` are kept for reuse; the rest goes back to the system.
  explicit BufferPool(std::size_t keep_bytes = std::size_t{64} << 20) : keep_bytes_(keep_bytes) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least `bytes`, up to kLargest.
  [[nodiscard]] PooledBuffer take(std::size_t bytes);
  // Counts it as lent until it is released. Not an empty one.
  [[nodiscard]] PooledBuffer count(store::Landing landing) noexcept;

  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_bytes_; }
  // Handed out and not yet back: zero when nothing leaks.
  [[nodiscard]] std::size_t lent_bytes() const noexcept {
    return lent_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t most_lent_bytes() const noexcept { return most_lent_bytes_; }
  // What take() lends for `bytes`.
  [[nodiscard]] static std::size_t rounded(std::size_t bytes) noexcept {
    return bytes <= kSmallest ? kSmallest : std::bit_ceil(bytes);
  }

  static constexpr std::size_t kSmallest = 4096;
  static constexpr std::size_t kClasses = 20;
  static constexpr std::size_t kLargest = kSmallest << (kClasses - 1);  // 2 GiB

 private:
  friend class PooledBuffer;
  void put_back(std::unique_ptr<std::byte[]> memory, std::size_t size_class) noexcept;
  void add_lent(std::size_t bytes) noexcept;
  // Nobody else writes it.
  void set_lent(std::size_t bytes) noexcept { lent_bytes_.store(bytes, std::memory_order_relaxed); }

  std::array<std::vector<std::unique_ptr<std::byte[]>>, kClasses> free_;
  std::size_t keep_bytes_;
  std::size_t kept_bytes_ = 0;
  std::atomic<std::size_t> lent_bytes_{0};
  std::size_t most_lent_bytes_ = 0;
};

inline std::size_t PooledBuffer::capacity() const noexcept {
  return memory_ ? BufferPool::kSmallest << size_class_ : landing_.room();
}

inline std::size_t PooledBuffer::occupied_bytes() const noexcept {
  return memory_ ? capacity() : landing_.occupied_bytes();
}

}  // namespace lockstep::iscsi
