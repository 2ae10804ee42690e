// Owner of a libiscsi context, set up the way this project uses it. Internal.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <memory>
#include <string>

struct iscsi_context;

namespace lockstep::initiator {

struct ContextDeleter {
  // Closes the socket and drops every command. Never call it from inside a libiscsi callback.
  void operator()(iscsi_context* context) const noexcept;
};
using Context = std::unique_ptr<iscsi_context, ContextDeleter>;

// No automatic reconnection, no digest, no library time limits (the session keeps its own), and
// what the options say of name, credentials and ISID.
[[nodiscard]] Result<Context> make_context(const SessionOptions& options,
                                           const std::string& target_name);

}  // namespace lockstep::initiator
