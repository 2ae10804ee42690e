// Replication groups and the relationships between them.
#pragma once

#include "target_impl/replication/world.hpp"

#include <optional>
#include <string>

namespace lockstep::replication {

// Empty, with the defaults of CIM 2.41 (CGE-52). NULL: a system name.
GroupRecord& make_group(World& world, const std::optional<std::string>& name);

// One end of a group relationship.
[[nodiscard]] bool is_associated(World& world, Id group);

}  // namespace lockstep::replication
