#include "target_impl/transport/bypass/sockets/consent.hpp"

#include "target_impl/transport/endpoints.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace lockstep::transport::bypass {
namespace {

BypassMode mode_of_environment() noexcept {
  const char* value = std::getenv("LOCKSTEP_BYPASS");
  return parse_bypass_mode(value != nullptr ? value : "").value_or(BypassMode::On);
}

std::atomic<bool> all_may{false};
thread_local bool this_thread_may = false;

// Until somebody sets it, the environment decides.
std::atomic<BypassMode>& mode() noexcept {
  static std::atomic<BypassMode> chosen{mode_of_environment()};
  return chosen;
}

}  // namespace

std::optional<BypassMode> parse_bypass_mode(std::string_view text) noexcept {
  if (text == "off") return BypassMode::Off;
  if (text == "on") return BypassMode::On;
  if (text == "verbose") return BypassMode::Verbose;
  return std::nullopt;
}

void set_bypass_mode(BypassMode mode) noexcept { bypass::mode() = mode; }

void consent_to_all_connections() noexcept { all_may = true; }

BypassConsent::BypassConsent(bool given) noexcept : before_(this_thread_may) {
  this_thread_may = given;
}

BypassConsent::~BypassConsent() { this_thread_may = before_; }

bool has_consent() noexcept { return (all_may || this_thread_may) && mode() != BypassMode::Off; }

void tell_way(int tcp_socket, const std::string& way) noexcept {
  if (mode() != BypassMode::Verbose) {
    return;
  }
  const auto ends = endpoints_of(tcp_socket);
  std::fprintf(stderr, "lockstep-bypass: connection to port %u: %s\n",
               ends ? unsigned{ends->there.port} : 0U, way.c_str());
}

}  // namespace lockstep::transport::bypass
