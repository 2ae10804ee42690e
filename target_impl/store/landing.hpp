// Memory for bytes on their way into a volume, laid out as extents are: those that arrive as a
// whole become the volume's own without being copied, all at the same instant.
#pragma once

#include "target_impl/store/extent_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace lockstep::store {

// Move-only; empty by default. Any thread. Nobody else sees the bytes before Volume::write takes
// them, and dropping it leaves no trace. It counts against no pool: the owner bounds it.
class Landing {
 public:
  // Fewer never fill an extent.
  static constexpr std::size_t kLeastBytes = detail::ExtentMemory::kContentBytes;

  Landing() = default;
  // For `bytes` bytes that belong `offset` bytes into a volume. Empty when none of them would be
  // spared the copy, or when memory that lies together is not to be had cheaply.
  [[nodiscard]] static Landing take(std::uint64_t offset, std::size_t bytes) noexcept;
  Landing(Landing&& other) noexcept
      : run_(std::exchange(other.run_, {})),
        held_(std::exchange(other.held_, 0)),
        extents_(std::exchange(other.extents_, 0)),
        inside_(std::exchange(other.inside_, 0)) {}
  Landing& operator=(Landing&& other) noexcept {
    if (this != &other) {
      release();
      run_ = std::exchange(other.run_, {});
      held_ = std::exchange(other.held_, 0);
      extents_ = std::exchange(other.extents_, 0);
      inside_ = std::exchange(other.inside_, 0);
    }
    return *this;
  }
  ~Landing() { release(); }
  void release() noexcept;

  // The place of the first byte; content undefined.
  [[nodiscard]] std::byte* data() const noexcept {
    return extents_ == 0 ? nullptr : run_.content + inside_;
  }
  // From data() on; at least what was asked for.
  [[nodiscard]] std::size_t room() const noexcept { return occupied_bytes() - inside_; }
  // What it occupied when it was taken, until it is released.
  [[nodiscard]] std::size_t occupied_bytes() const noexcept {
    return std::size_t{extents_} * detail::ExtentMemory::kContentBytes;
  }
  explicit operator bool() const noexcept { return extents_ != 0; }

  // For volumes: whether the extent whose content begins at `content` is held here, and handing it
  // over.
  [[nodiscard]] bool holds(const std::byte* content) const noexcept;
  [[nodiscard]] detail::ExtentMemory::Place hand_over(const std::byte* content) noexcept;

 private:
  detail::ExtentMemory::Place run_;
  std::uint32_t held_ = 0;  // a bit for each extent that has not been handed over
  std::uint32_t extents_ = 0;
  std::size_t inside_ = 0;  // where the bytes begin in the first extent
};

}  // namespace lockstep::store
