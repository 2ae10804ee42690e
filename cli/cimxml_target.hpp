// The reference's CIM-XML server, as `lockstep target --cimxml` starts it.
#pragma once

#include "cli/options.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/reference.hpp"

#include <memory>

namespace lockstep::cli {

// Starts it on the reference's address and on the port of `asked` (0: any free one), over TLS where
// that says so, and prints where it is reached; nullptr without a port. LOCKSTEP_CIMXML_USER and
// LOCKSTEP_CIMXML_PASSWORD (or LOCKSTEP_CIMXML_PASSWORD_FILE) switch Basic authentication on.
// Borrows the reference.
[[nodiscard]] Result<std::unique_ptr<cimxml::Server>> serve_cimxml(ReferenceProvider& reference,
                                                                   const ReferenceOptions& options,
                                                                   const TargetOptions& asked);

}  // namespace lockstep::cli
