// A command with symbolic handles as the request that goes to the provider.
#pragma once

#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"
#include "properties/commands/command.hpp"
#include "properties/harness/bindings.hpp"

#include <optional>

namespace lockstep::properties {

// Nothing for commands that are no method calls (reads, writes, waits, faults). Every handle that
// the command uses is bound. `seen` names the provider's pools.
[[nodiscard]] std::optional<Request> request_of(const Command& command, const Bindings& bindings,
                                                const Inventory& seen);

}  // namespace lockstep::properties
