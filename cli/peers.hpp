// The peer systems of `lockstep target --peer`.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/reference.hpp"

#include <string>
#include <vector>

namespace lockstep::cli {

// Each argument is NAME=iscsi://HOST[:PORT]/TARGET. Who logs in there comes from LOCKSTEP_PEER_USER
// and LOCKSTEP_PEER_PASSWORD (or LOCKSTEP_PEER_PASSWORD_FILE). Malformed or named twice:
// Origin::Usage.
[[nodiscard]] Result<std::vector<PeerOptions>> peers_of(const std::vector<std::string>& arguments);

}  // namespace lockstep::cli
