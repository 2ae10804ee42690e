// Maps and pairs of the vocabulary as the lists that JSON has. Internal.
#pragma once

#include "model/wire/lines/members.hpp"

namespace lockstep::lines {

[[nodiscard]] CapabilityLists to_lists(const Capabilities& capabilities);
// A replication type without a meaning: Origin::Provider.
[[nodiscard]] Result<Capabilities> from_lists(const CapabilityLists& lists);

[[nodiscard]] SeenLists to_lists(const Seen& seen);
[[nodiscard]] Seen from_lists(SeenLists lists);

}  // namespace lockstep::lines
