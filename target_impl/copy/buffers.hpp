// Page-aligned transfer buffers, bounded in total and reused. Internal; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::copy {

struct FreeMemory {
  void operator()(std::byte* memory) const noexcept { std::free(memory); }
};

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  explicit operator bool() const noexcept { return memory_ != nullptr; }

 private:
  std::unique_ptr<std::byte, FreeMemory> memory_;
  std::size_t size_ = 0;
};

class BufferPool {
 public:
  explicit BufferPool(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Empty when the bound is reached or memory has run out. At most `bytes_max`.
  [[nodiscard]] Buffer take(std::size_t bytes);
  void give_back(Buffer buffer);
  // Frees what nobody uses.
  void shrink() noexcept;

  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }
  [[nodiscard]] std::size_t bytes_held() const noexcept { return held_; }

 private:
  std::size_t bytes_max_;
  std::size_t held_ = 0;  // lent and free
  std::vector<Buffer> free_;
};

}  // namespace lockstep::copy
