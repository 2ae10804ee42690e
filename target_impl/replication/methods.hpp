// The methods, one function each. Each answers under the world's mutex and never waits.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/requests.hpp"
#include "target_impl/replication/world.hpp"

namespace lockstep::replication {

[[nodiscard]] Answer answer(World& world, const CreateElementReplicaRequest& request);
[[nodiscard]] Answer answer(World& world, const CreateListReplicaRequest& request);
[[nodiscard]] Answer answer(World& world, const CreateGroupReplicaFromElementsRequest& request);
[[nodiscard]] Answer answer(World& world, const CreateReplicaRequest& request);
[[nodiscard]] Answer answer(World& world, const AttachReplicaRequest& request);
[[nodiscard]] Answer answer(World& world, const ModifyReplicaSynchronizationRequest& request);
[[nodiscard]] Answer answer(World& world, const ModifyListSynchronizationRequest& request);
[[nodiscard]] Answer answer(World& world, const CreateGroupRequest& request);
[[nodiscard]] Answer answer(World& world, const DeleteGroupRequest& request);
[[nodiscard]] Answer answer(World& world, const AddMembersRequest& request);
[[nodiscard]] Answer answer(World& world, const RemoveMembersRequest& request);
[[nodiscard]] Answer answer(World& world, const CreateVolumeRequest& request);
[[nodiscard]] Answer answer(World& world, const ReturnToStoragePoolRequest& request);
[[nodiscard]] Answer answer(World& world, const RequestJobStateChangeRequest& request);

}  // namespace lockstep::replication
