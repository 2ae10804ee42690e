// Enumerations that are fetched piece by piece (DSP0200, Open... and Pull...). Internal.
#pragma once

#include "conformance/providers/cimxml/client.hpp"

#include <optional>
#include <string>

namespace lockstep::conformance {

// Bounds of one enumeration; what exceeds them is an error of the server's.
struct PullBounds {
  std::size_t most_objects = 200'000;
  std::size_t most_empty = 100;  // answers without an object, one after another
};

// Carries out EnumerateInstances, EnumerateInstanceNames, Associators, AssociatorNames or
// References by pulling: the reply holds all instances or paths, or the server's refusal of a
// piece. Nothing: the server does not offer it. An enumeration that is not gone through to its end
// is closed.
[[nodiscard]] Result<std::optional<wire::Reply>> pull_all(CimClient& client, const wire::Call& call,
                                                          const PullBounds& bounds = {});

}  // namespace lockstep::conformance
