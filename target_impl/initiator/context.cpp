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

void set_isid(iscsi_context* context, Isid isid) {
  iscsi_set_isid_random(context, static_cast<std::uint32_t>((isid >> 16) & 0xFFFFFFU),
                        static_cast<std::uint32_t>(isid & 0xFFFFU));
}

}  // namespace

// 24 random bits of this process and a 16-bit count; 24 more random bits after each wrap.
Isid make_isid() {
  static std::atomic<std::uint32_t> count{0};
  static const std::uint32_t process_random = std::random_device{}();
  const std::uint32_t number = count.fetch_add(1, std::memory_order_relaxed);
  constexpr std::uint32_t kStride = 0x9E3779U;  // spreads the rounds over the 24 bits
  const std::uint32_t round = number >> 16;
  return (Isid{(process_random + round * kStride) & 0xFFFFFFU} << 16) | (number & 0xFFFFU);
}

void ContextDeleter::operator()(iscsi_context* context) const noexcept {
  iscsi_destroy_context(context);
}

Result<Context> make_context(const SessionOptions& options, const std::string& target_name) {
  ignore_broken_pipes();
  Context context(iscsi_create_context(options.initiator_name.c_str()));
  if (!context) {
    return usage_error("initiator name: expected an iSCSI name of up to 223 bytes, found '" +
                       options.initiator_name + "'");
  }
  iscsi_set_noautoreconnect(context.get(), 1);
  iscsi_set_timeout(context.get(), 0);
  iscsi_set_targetname(context.get(), target_name.c_str());
  iscsi_set_session_type(context.get(), ISCSI_SESSION_NORMAL);
  iscsi_set_header_digest(context.get(), ISCSI_HEADER_DIGEST_NONE);
  set_isid(context.get(), options.isid ? *options.isid : make_isid());
  const auto& credentials = options.credentials;
  if (credentials && iscsi_set_initiator_username_pwd(context.get(), credentials->user.c_str(),
                                                      credentials->password.c_str()) != 0) {
    return config_error("credentials for " + target_name +
                        ": expected a user name and a password of at most 255 bytes each");
  }
  return context;
}

}  // namespace lockstep::initiator
