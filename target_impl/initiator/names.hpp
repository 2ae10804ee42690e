// Checks shared by the parser of URLs and the session. Internal.
#pragma once

#include "model/vocab/error.hpp"

#include <string>

namespace lockstep::initiator {

// Not an iSCSI name (RFC 7143, 4.2.7): Origin::Usage.
[[nodiscard]] Status check_target_name(const std::string& name);

}  // namespace lockstep::initiator
