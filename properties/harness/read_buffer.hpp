// Memory for what is read. Every good answer fills it, so that it need not be cleared, and volumes
// are read again and again, so that it is taken once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace lockstep::properties {

class ReadBuffer {
 public:
  // Of unspecified content; what was given out before is no longer valid.
  [[nodiscard]] std::span<std::byte> of(std::size_t bytes) {
    if (size_ < bytes) {
      memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
      size_ = bytes;
    }
    return {memory_.get(), bytes};
  }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_ = 0;
};

}  // namespace lockstep::properties
