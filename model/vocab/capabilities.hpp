// What a provider says it can do (ReplicationServiceCapabilities and its methods), as one value.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/methods.hpp"
#include "model/vocab/replication_type.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace lockstep {

struct ProviderIdentity {
  std::string organisation;
  std::string product;
  std::string version;
  std::string contact;
  friend bool operator==(const ProviderIdentity&, const ProviderIdentity&) = default;
};

struct Capabilities {
  SchemaLevel level = SchemaLevel::Cim241;

  std::set<ReplicationKind> kinds;  // SupportedReplicationTypes

  // Methods the service implements at all (GEN-21); those finishing at once, those answering with a
  // job. A method in both sets may do either (GEN-09).
  std::set<Method> methods;
  std::set<Method> synchronous_actions;
  std::set<Method> asynchronous_actions;

  std::set<CopyType> copy_types;  // SupportedSynchronizationType, for AttachReplica

  // GetSupportedOperations, GetSupportedWaitForCopyStates, GetSupportedCopyStates per kind. Absent
  // key: the provider could not be asked (D-17), so nothing may be concluded.
  std::map<ReplicationKind, std::set<Operation>> operations;
  std::map<std::pair<Method, ReplicationKind>, std::set<CopyState>> wait_for_copy_states;
  std::map<ReplicationKind, std::set<CopyState>> copy_states;

  std::set<Feature> features;
  std::set<GroupFeature> group_features;

  ConsistencyType default_consistency = ConsistencyType::None;
  bool sequential_consistency_supported = true;
  bool default_group_persistent = true;

  std::optional<std::uint32_t> default_recovery_point_objective;

  friend bool operator==(const Capabilities&, const Capabilities&) = default;

  [[nodiscard]] bool has(Feature feature) const { return features.contains(feature); }
  [[nodiscard]] bool has(GroupFeature feature) const { return group_features.contains(feature); }
  // Some kind of that SyncType is supported, whatever the mode.
  [[nodiscard]] bool supports(SyncType sync_type) const {
    for (const ReplicationKind& kind : kinds) {
      if (kind.sync_type == sync_type) return true;
    }
    return false;
  }
};

}  // namespace lockstep
