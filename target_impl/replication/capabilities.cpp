#include "target_impl/replication/capabilities.hpp"

#include "model/vocab/names.hpp"
#include "target_impl/replication/operation_rules.hpp"
#include "target_impl/replication/plan.hpp"

namespace lockstep::replication {
namespace {

void put_kinds(Capabilities& capabilities) {
  for (const SyncType sync_type : all_values<SyncType>()) {
    for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
      if (check_kind(Method::CreateElementReplica, sync_type, mode)) continue;
      capabilities.kinds.insert({sync_type, mode, Locality::Local});
    }
  }
}

void put_actions(Capabilities& capabilities) {
  for (const Method method : all_values<Method>()) {
    capabilities.methods.insert(method);
    // AttachReplica always copies in the background.
    if (method != Method::AttachReplica) capabilities.synchronous_actions.insert(method);
  }
  capabilities.asynchronous_actions = {Method::CreateElementReplica,
                                       Method::CreateListReplica,
                                       Method::CreateGroupReplicaFromElements,
                                       Method::CreateReplica,
                                       Method::AttachReplica,
                                       Method::ModifyReplicaSynchronization,
                                       Method::ModifyListSynchronization};
}

void put_states(Capabilities& capabilities) {
  std::set<CopyState> creating;
  for (const CopyState state : all_values<CopyState>()) {
    if (is_awaitable(state)) creating.insert(state);
  }
  for (const ReplicationKind& kind : capabilities.kinds) {
    capabilities.operations[kind] = supported_operations(kind.sync_type);
    capabilities.copy_states[kind] = reachable_states(kind.sync_type);
    for (const Method method : {Method::CreateElementReplica, Method::CreateListReplica,
                                Method::CreateGroupReplicaFromElements}) {
      capabilities.wait_for_copy_states[{method, kind}] = creating;
    }
    for (const Method method :
         {Method::ModifyReplicaSynchronization, Method::ModifyListSynchronization}) {
      capabilities.wait_for_copy_states[{method, kind}] = awaitable_states(kind.sync_type);
    }
  }
}

}  // namespace

Capabilities service_capabilities() {
  Capabilities capabilities;
  capabilities.level = SchemaLevel::Cim241;
  put_kinds(capabilities);
  put_actions(capabilities);
  capabilities.copy_types = {CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc,
                             CopyType::UnSyncUnAssoc};
  put_states(capabilities);
  capabilities.features = {Feature::ReplicationGroups, Feature::ErrorRecoveryFromBrokenAutomatic,
                           Feature::ReverseRolesKeepsCopyState};
  capabilities.group_features = {GroupFeature::ManyToManyGroups,
                                 GroupFeature::EmptyGroupsAllowed,
                                 GroupFeature::GroupCanBeTemporary,
                                 GroupFeature::GroupIsNameable,
                                 GroupFeature::ElementCanBeMemberOfMultipleGroups,
                                 GroupFeature::TokenizedCloneConsistentPointInTime,
                                 GroupFeature::ClientCanSupplyRelationshipName};
  capabilities.default_consistency = ConsistencyType::None;
  capabilities.sequential_consistency_supported = true;
  capabilities.default_group_persistent = true;
  capabilities.default_recovery_point_objective = 1;
  return capabilities;
}

}  // namespace lockstep::replication
