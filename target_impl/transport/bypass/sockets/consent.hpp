// Which connections may go over to shared memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::transport::bypass {

enum class BypassMode : std::uint8_t {
  Off,
  On,
  Verbose,  // On, and a line on standard error for each connection: which way it goes, and why
};
// "off", "on", "verbose".
[[nodiscard]] std::optional<BypassMode> parse_bypass_mode(std::string_view text) noexcept;

// For connections that begin from now on. Before that LOCKSTEP_BYPASS in the environment decides,
// and without it, or with something else in it, On. Thread-safe.
void set_bypass_mode(BypassMode mode) noexcept;

// All connections of this process may: what the preloaded library says.
void consent_to_all_connections() noexcept;

// Those that the calling thread begins while it exists may, if `given`.
class BypassConsent {
 public:
  explicit BypassConsent(bool given) noexcept;
  ~BypassConsent();
  BypassConsent(const BypassConsent&) = delete;
  BypassConsent& operator=(const BypassConsent&) = delete;

 private:
  bool before_;
};

// Of the calling thread, now; never while it is off.
[[nodiscard]] bool has_consent() noexcept;

// A line if it is verbose.
void tell_way(int tcp_socket, const std::string& way) noexcept;

}  // namespace lockstep::transport::bypass
