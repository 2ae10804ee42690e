// The space that volumes draw their extents from, as a count. A reservation is made before anything
// changes, so that a write which does not fit leaves no trace.
#pragma once

#include "target_impl/store/volume.hpp"

#include <atomic>
#include <cstdint>

namespace lockstep::store {

// Thread-safe.
class Pool {
 public:
  explicit Pool(ByteCount capacity) noexcept : capacity_(capacity) {}

  // All of `extents` or nothing; false when they do not fit.
  [[nodiscard]] bool reserve(std::uint64_t extents) noexcept;
  void give_back(std::uint64_t extents) noexcept;

  [[nodiscard]] ByteCount capacity() const noexcept { return capacity_; }
  [[nodiscard]] ByteCount used() const noexcept {
    return ByteCount{extents_.load(std::memory_order_relaxed) * kExtentBytes};
  }

 private:
  const ByteCount capacity_;
  std::atomic<std::uint64_t> extents_{0};
};

}  // namespace lockstep::store
