// What the service says it can do.
#pragma once

#include "model/vocab/capabilities.hpp"

namespace lockstep::replication {

[[nodiscard]] Capabilities service_capabilities();

}  // namespace lockstep::replication
