#include "target_impl/initiator/context.hpp"

#include <iscsi/iscsi.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <random>

namespace lockstep::initiator {
namespace {

// libiscsi writes payloads with writev(), which raises SIGPIPE on a closed connection. A handler
// that somebody installed stays.
void ignore_broken_pipes() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction current {};
    if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
      struct sigaction ignore {};
      ignore.sa_handler = SIG_IGN;
      sigaction(SIGPIPE, &ignore, nullptr);
    }
  });
}

// 24 random bits of this process and a 16-bit count; 24 more random bits after each wrap.
void set_unique_isid(iscsi_context* context) {
  static std::atomic<std::uint32_t> count{0};
  static const std::uint32_t process_random = std::random_device{}();
  const std::uint32_t number = count.fetch_add(1, std::memory_order_relaxed);
  constexpr std::uint32_t kStride = 0x9E3779U;  // spreads the rounds over the 24 bits
  const std::uint32_t round = number >> 16;
  iscsi_set_isid_random(context, (process_random + round * kStride) & 0xFFFFFFU, number & 0xFFFFU);
}

}  // namespace

void ContextDeleter::operator()(iscsi_context* context) const noexcept {
  iscsi_destroy_context(context);
}

Result<Context> make_context(const std::string& initiator_name, const std::string& target_name) {
  ignore_broken_pipes();
  Context context(iscsi_create_context(initiator_name.c_str()));
  if (!context) {
    return usage_error("initiator name: expected an iSCSI name of up to 223 bytes, found '" +
                       initiator_name + "'");
  }
  iscsi_set_noautoreconnect(context.get(), 1);
  iscsi_set_timeout(context.get(), 0);
  iscsi_set_targetname(context.get(), target_name.c_str());
  iscsi_set_session_type(context.get(), ISCSI_SESSION_NORMAL);
  iscsi_set_header_digest(context.get(), ISCSI_HEADER_DIGEST_NONE);
  set_unique_isid(context.get());
  return context;
}

}  // namespace lockstep::initiator
