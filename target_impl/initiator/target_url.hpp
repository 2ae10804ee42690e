// Where a target is, without one of its LUNs.
#pragma once

#include "model/vocab/error.hpp"

#include <string>

namespace lockstep::initiator {

// iscsi://host[:port]/iqn, no user or password (those come from environment or file).
struct TargetUrl {
  std::string portal;  // host:port
  std::string target_name;
};
// Malformed: Origin::Usage, naming the part at fault.
[[nodiscard]] Result<TargetUrl> parse_target_url(const std::string& url);

}  // namespace lockstep::initiator
