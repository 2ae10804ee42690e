// What the service says it can do.
#pragma once

#include "model/vocab/capabilities.hpp"
#include "target_impl/replication/freedom.hpp"

namespace lockstep::replication {

[[nodiscard]] Capabilities service_capabilities(const Freedom& freedom);

}  // namespace lockstep::replication
