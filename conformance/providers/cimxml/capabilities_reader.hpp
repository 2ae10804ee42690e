// What an SMI-S provider says it can do, as Capabilities. Internal.
#pragma once

#include "conformance/providers/cimxml/discovery.hpp"
#include "model/vocab/capabilities.hpp"

namespace lockstep::conformance {

[[nodiscard]] Result<Capabilities> read_capabilities(CimOperations& operations,
                                                     const Services& services);

}  // namespace lockstep::conformance
