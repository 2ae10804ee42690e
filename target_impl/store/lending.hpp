// Content lent out of a volume without copying it, as long as it takes to send it.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace lockstep::store {

namespace detail {
struct Extent;
class ExtentMap;
}  // namespace detail

// Keeps one extent as it is: whoever writes there meanwhile writes to a copy. Move-only; empty by
// default. Any thread.
class ExtentHold {
 public:
  ExtentHold() = default;
  ExtentHold(ExtentHold&& other) noexcept : extent_(std::exchange(other.extent_, nullptr)) {}
  ExtentHold& operator=(ExtentHold&& other) noexcept {
    if (this != &other) {
      release();
      extent_ = std::exchange(other.extent_, nullptr);
    }
    return *this;
  }
  ~ExtentHold() { release(); }

  void release() noexcept {
    if (extent_ != nullptr) {
      let_go(std::exchange(extent_, nullptr));
    }
  }
  explicit operator bool() const noexcept { return extent_ != nullptr; }

 private:
  friend class detail::ExtentMap;
  explicit ExtentHold(const detail::Extent* held) noexcept : extent_(held) {}
  static void let_go(const detail::Extent* extent) noexcept;

  const detail::Extent* extent_ = nullptr;
};

// Takes content piece by piece, in order.
class PieceTaker {
 public:
  virtual ~PieceTaker() = default;
  // The bytes stay as they are while `hold` lives. An empty hold: they never change (zeros).
  virtual void take(std::span<const std::byte> bytes, ExtentHold hold) = 0;
};

}  // namespace lockstep::store
