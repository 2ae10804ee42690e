// What a fuzzer was given, taken apart from the front; and the one way in which a fuzzer complains.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace lockstep::fuzz {

// Not an assertion: stays on in every build. libFuzzer reports the input that came here.
inline void expect(bool holds, const char* what) noexcept {
  if (!holds) {
    std::fprintf(stderr, "lockstep fuzz: broken promise: %s\n", what);
    std::abort();
  }
}

// Reads beyond the end give zeros, so that every input means something.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t bytes) : rest_(data, bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

  std::uint8_t byte() noexcept {
    if (rest_.empty()) {
      return 0;
    }
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  // Big-endian, as in the seeds' scripts.
  std::uint32_t number(std::size_t bytes) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i != bytes; ++i) {
      value = value << 8 | byte();
    }
    return value;
  }
  // At most `bytes`; borrowed from the input.
  std::span<const std::uint8_t> take(std::size_t bytes) noexcept {
    const auto taken = rest_.first(std::min(bytes, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  // Up to the next `end` byte, which is taken off too, or to the end of the input.
  std::span<const std::uint8_t> take_until(std::uint8_t end) noexcept {
    const auto found = std::find(rest_.begin(), rest_.end(), end);
    const auto taken = take(static_cast<std::size_t>(found - rest_.begin()));
    if (!rest_.empty()) {
      byte();
    }
    return taken;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

[[nodiscard]] inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace lockstep::fuzz
