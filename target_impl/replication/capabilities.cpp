#include "target_impl/replication/capabilities.hpp"

#include "model/vocab/names.hpp"
#include "target_impl/replication/operation_rules.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>
#include <array>

namespace lockstep::replication {
namespace {

void put_kinds(const Freedom& freedom, Capabilities& capabilities) {
  for (const SyncType sync_type : all_values<SyncType>()) {
    for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
      if (check_kind(freedom, Method::CreateElementReplica, sync_type, mode)) continue;
      capabilities.kinds.insert({sync_type, mode, Locality::Local});
    }
  }
}

constexpr std::array kCopying{Method::CreateElementReplica,
                              Method::CreateListReplica,
                              Method::CreateGroupReplicaFromElements,
                              Method::CreateReplica,
                              Method::AttachReplica,
                              Method::ModifyReplicaSynchronization,
                              Method::ModifyListSynchronization};

void put_actions(const Freedom& freedom, Capabilities& capabilities) {
  for (const Method method : all_values<Method>()) {
    if (freedom.withheld_methods.contains(method)) continue;
    capabilities.methods.insert(method);
    // AttachReplica cannot be told not to wait for the end of its copy.
    const bool waits_for_copy = method == Method::AttachReplica &&
                                freedom.first_state == CopyState::Synchronized &&
                                !freedom.same_pair_again && !freedom.never_by_job.contains(method);
    if (!waits_for_copy && !freedom.always_by_job.contains(method)) {
      capabilities.synchronous_actions.insert(method);
    }
    const bool copies = std::find(kCopying.begin(), kCopying.end(), method) != kCopying.end();
    if ((copies && !freedom.never_by_job.contains(method)) ||
        freedom.always_by_job.contains(method)) {
      capabilities.asynchronous_actions.insert(method);
    }
  }
}

void put_copy_types(const Freedom& freedom, Capabilities& capabilities) {
  for (const CopyType copy_type : all_values<CopyType>()) {
    if (!freedom.withheld_copy_types.contains(copy_type)) capabilities.copy_types.insert(copy_type);
  }
}

void put_states(const Freedom& freedom, Capabilities& capabilities) {
  std::set<CopyState> creating;
  for (const CopyState state : all_values<CopyState>()) {
    if (is_awaitable(state)) creating.insert(state);
  }
  for (const ReplicationKind& kind : capabilities.kinds) {
    capabilities.operations[kind] = supported_operations(freedom, kind.sync_type);
    capabilities.copy_states[kind] = reachable_states(freedom, kind.sync_type);
    for (const Method method : {Method::CreateElementReplica, Method::CreateListReplica,
                                Method::CreateGroupReplicaFromElements}) {
      capabilities.wait_for_copy_states[{method, kind}] = creating;
    }
    for (const Method method :
         {Method::ModifyReplicaSynchronization, Method::ModifyListSynchronization}) {
      capabilities.wait_for_copy_states[{method, kind}] = awaitable_states(freedom, kind.sync_type);
    }
  }
}

}  // namespace

Capabilities service_capabilities(const Freedom& freedom) {
  Capabilities capabilities;
  capabilities.level = freedom.level;
  put_kinds(freedom, capabilities);
  put_actions(freedom, capabilities);
  put_copy_types(freedom, capabilities);
  put_states(freedom, capabilities);
  capabilities.features = freedom.features;
  capabilities.group_features = freedom.group_features;
  capabilities.default_consistency = freedom.has(GroupFeature::ConsistencyEnabledForAllGroups)
                                         ? ConsistencyType::SequentiallyConsistent
                                         : freedom.consistency;
  capabilities.sequential_consistency_supported = true;
  capabilities.default_group_persistent = freedom.persistent_groups;
  capabilities.default_recovery_point_objective = 1;
  return capabilities;
}

}  // namespace lockstep::replication
