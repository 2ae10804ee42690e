// Memory for what only grows as long as its owner lives: taken in large pieces, given back at once.
#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>

namespace lockstep::model {

class Arena {
 public:
  Arena() = default;
  // A copy of the owner begins with none: what it copies takes memory of its own.
  Arena(const Arena&) : Arena() {}
  Arena& operator=(const Arena&) = delete;
  ~Arena() = default;

  // Of what is allocated there nothing may outlive this.
  [[nodiscard]] std::pmr::memory_resource* memory() noexcept { return &memory_; }

 private:
  // Nearly always enough, and cheaper as a part of the owner than by itself.
  static constexpr std::size_t kFirstPiece = 8192;
  alignas(std::max_align_t) std::array<std::byte, kFirstPiece> first_;
  std::pmr::monotonic_buffer_resource memory_{first_.data(), first_.size()};
};

}  // namespace lockstep::model
