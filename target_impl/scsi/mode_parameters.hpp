// The mode parameters of a logical unit that initiators can change (SPC-4 7.5.8, SBC-3 6.5.6).
// They are not saved: a reset brings the defaults back.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep::scsi {

enum class ModeParameter : std::uint8_t {
  SoftwareWriteProtect = 1U << 0,  // SWP, control page
  DescriptorSense = 1U << 1,       // D_SENSE, control page
  WriteCache = 1U << 2,            // WCE, caching page
};

// Thread-safe.
class ModeParameters {
 public:
  explicit ModeParameters(bool write_cache) noexcept
      : defaults_(write_cache ? static_cast<std::uint8_t>(ModeParameter::WriteCache) : 0U),
        bits_(defaults_) {}

  [[nodiscard]] std::uint8_t bits() const noexcept { return bits_.load(); }
  [[nodiscard]] std::uint8_t defaults() const noexcept { return defaults_; }
  [[nodiscard]] bool has(ModeParameter parameter) const noexcept {
    return (bits() & static_cast<std::uint8_t>(parameter)) != 0;
  }
  // Returns what was there.
  std::uint8_t set(std::uint8_t bits) noexcept { return bits_.exchange(bits); }

 private:
  const std::uint8_t defaults_;
  std::atomic<std::uint8_t> bits_;
};

}  // namespace lockstep::scsi
