// Replication groups and the relationships between them.
#pragma once

#include "target_impl/replication/world.hpp"

#include <optional>
#include <string>

namespace lockstep::replication {

// Empty, with the service's defaults (CGE-52). NULL: a system name, if groups get one.
GroupRecord& make_group(World& world, const std::optional<std::string>& name);

// Last, where the order is the client's (CGE-14, CRG-05, AMB-02).
void put_member(const World& world, GroupRecord& group, Id element);

// One end of a group relationship.
[[nodiscard]] bool is_associated(World& world, Id group);

// Whether the group that is asked for is to be consistent.
[[nodiscard]] bool is_consistent(const World& world,
                                 const CreateGroupReplicaFromElementsRequest& request);

}  // namespace lockstep::replication
