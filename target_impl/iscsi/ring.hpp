// A queue in one growing array: after it has grown once, pushing and popping allocate nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace lockstep::iscsi {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] T& front() noexcept { return slots_[first_]; }
  [[nodiscard]] T& back() noexcept { return (*this)[count_ - 1]; }
  [[nodiscard]] T& operator[](std::size_t index) noexcept {
    return slots_[(first_ + index) & (slots_.size() - 1)];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
    return slots_[(first_ + index) & (slots_.size() - 1)];
  }
  void push_back(T value) {
    if (count_ == slots_.size()) {
      grow();
    }
    (*this)[count_++] = std::move(value);
  }
  void pop_front() noexcept {
    slots_[first_] = T{};
    first_ = (first_ + 1) & (slots_.size() - 1);
    --count_;
  }
  void clear() noexcept {
    while (!empty()) {
      pop_front();
    }
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 16 : slots_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) {
      larger[i] = std::move((*this)[i]);
    }
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;  // size is zero or a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace lockstep::iscsi
