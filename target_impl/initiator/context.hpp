// Owner of a libiscsi context, set up the way this project uses it. Internal.
#pragma once

#include "model/vocab/error.hpp"

#include <memory>
#include <string>

struct iscsi_context;

namespace lockstep::initiator {

struct ContextDeleter {
  // Closes the socket and drops every command. Never call it from inside a libiscsi callback.
  void operator()(iscsi_context* context) const noexcept;
};
using Context = std::unique_ptr<iscsi_context, ContextDeleter>;

// No automatic reconnection, no digest, no library time limits (the session keeps its own), and an
// ISID that no other context of this process has, so that no login reinstates another session
// (RFC 7143, 6.3.5).
[[nodiscard]] Result<Context> make_context(const std::string& initiator_name,
                                           const std::string& target_name);

}  // namespace lockstep::initiator
