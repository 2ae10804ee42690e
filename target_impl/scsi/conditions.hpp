// What stands between a command and its logical unit, as bits of one word: while it is zero, which
// it nearly always is, a command needs no other check than one load.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep::scsi {

enum class Condition : std::uint32_t {
  Reserved = 1U << 0,  // somebody holds a reservation of either kind
  HostsReadOnly = 1U << 1,
  HostsExcluded = 1U << 2,
  SoftwareWriteProtect = 1U << 3,  // SWP of the control mode page
  MediumWriteProtect = 1U << 4,
  NoMedium = 1U << 5,
  Sanitizing = 1U << 6,
  SanitizeFailed = 1U << 7,
};

// Thread-safe.
class Conditions {
 public:
  [[nodiscard]] std::uint32_t bits() const noexcept { return bits_.load(); }
  [[nodiscard]] bool has(Condition condition) const noexcept {
    return (bits() & static_cast<std::uint32_t>(condition)) != 0;
  }
  void put(Condition condition, bool on) noexcept {
    const auto bit = static_cast<std::uint32_t>(condition);
    if (on) {
      bits_.fetch_or(bit);
    } else {
      bits_.fetch_and(~bit);
    }
  }
  // Replaces several at once, so that no command sees a moment between.
  void replace(std::uint32_t mask, std::uint32_t bits) noexcept {
    std::uint32_t old = bits_.load();
    while (!bits_.compare_exchange_weak(old, (old & ~mask) | bits)) {
    }
  }

 private:
  std::atomic<std::uint32_t> bits_{0};
};

}  // namespace lockstep::scsi
