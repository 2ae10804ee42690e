#include "conformance/providers/cimxml/capabilities_reader.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr std::uint64_t kLargest16 = 0xFFFF;

// Numbers of an array property or parameter; nothing when it is NULL.
std::optional<std::vector<std::uint64_t>> numbers(const std::vector<wire::Named>& all,
                                                  const char* name) {
  const wire::Value* value = wire::find_value(all, name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::uint64_t> found;
  for (const wire::Item& item : value->items) {
    const auto number = wire::read_number(item, kLargest16, name);
    if (number) found.push_back(number.value());
  }
  return found;
}

bool holds(const std::vector<wire::Named>& all, const char* name, std::uint64_t number) {
  const auto found = numbers(all, name);
  return found && std::find(found->begin(), found->end(), number) != found->end();
}

struct Action {
  std::uint64_t number;
  Method method;
};
constexpr Action kReplicationActions[] = {
    {2, Method::CreateElementReplica},
    {5, Method::ModifyReplicaSynchronization},
    {6, Method::ModifyListSynchronization},
    {12, Method::CreateGroup},
    {13, Method::DeleteGroup},
    {14, Method::AddMembers},
    {15, Method::RemoveMembers},
    {19, Method::CreateListReplica},
    {20, Method::CreateGroupReplicaFromElements},
};
constexpr Action kConfigurationActions[] = {{5, Method::CreateVolume},
                                            {6, Method::ReturnToStoragePool}};
constexpr Action kCopyActions[] = {{6, Method::AttachReplica}, {7, Method::AttachReplica}};
constexpr Action kStorageActions[] = {{2, Method::CreateReplica}};

constexpr std::pair<std::uint64_t, Method> kWaitingMethods[] = {
    {2, Method::CreateElementReplica},           {4, Method::ModifyReplicaSynchronization},
    {5, Method::ModifyListSynchronization},      {7, Method::CreateListReplica},
    {8, Method::CreateGroupReplicaFromElements},
};

class Reader {
 public:
  Reader(CimOperations& operations, const Services& services)
      : operations_(operations), services_(services) {}

  Result<Capabilities> read() {
    read_actions();
    if (services_.replication_capabilities) {
      read_kinds();
      for (const ReplicationKind& kind : found_.kinds) {
        LOCKSTEP_TRY(read_kind(kind));
      }
      LOCKSTEP_TRY(read_defaults());
    }
    return std::move(found_);
  }

 private:
  template <std::size_t N>
  void take_actions(const wire::PathInstance& instance, const Action (&actions)[N]) {
    const auto& properties = instance.instance.properties;
    for (const Action& action : actions) {
      if (holds(properties, "SupportedSynchronousActions", action.number)) {
        found_.synchronous_actions.insert(action.method);
        found_.methods.insert(action.method);
      }
      if (holds(properties, "SupportedAsynchronousActions", action.number)) {
        found_.asynchronous_actions.insert(action.method);
        found_.methods.insert(action.method);
      }
    }
  }

  void read_actions() {
    if (services_.replication_capabilities) {
      take_actions(*services_.replication_capabilities, kReplicationActions);
    }
    for (const auto& one : services_.configuration_capabilities) {
      take_actions(one, kConfigurationActions);
    }
    for (const auto& one : services_.copy_capabilities) {
      take_actions(one, kCopyActions);
      read_copy_type(one);
    }
    if (services_.storage_capabilities) {
      take_actions(*services_.storage_capabilities, kStorageActions);
      const wire::Item* objective = wire::find_item(
          services_.storage_capabilities->instance.properties, "DefaultRecoveryPointObjective");
      if (objective != nullptr) {
        const auto number = wire::read_number(*objective, 0xFFFFFFFF, "objective");
        if (number) {
          found_.default_recovery_point_objective = static_cast<std::uint32_t>(number.value());
        }
      }
    }
    // A job's RequestStateChange is in no list of actions; a provider with jobs has it.
    if (!found_.asynchronous_actions.empty()) {
      found_.methods.insert(Method::RequestJobStateChange);
      found_.synchronous_actions.insert(Method::RequestJobStateChange);
    }
  }

  // 2 Async, 3 Sync, 4 UnSyncAssoc-Full, 5 UnSyncAssoc-Delta, 6 UnSyncUnAssoc.
  void read_copy_type(const wire::PathInstance& one) {
    const wire::Value* value =
        wire::find_value(one.instance.properties, "SupportedSynchronizationType");
    if (value == nullptr || value->array) return;
    const auto number = wire::read_number(value->items.front(), kLargest16, "type");
    if (!number) return;
    switch (number.value()) {
      case 2:
        found_.copy_types.insert(CopyType::Async);
        break;
      case 3:
        found_.copy_types.insert(CopyType::Sync);
        break;
      case 4:
      case 5:
        found_.copy_types.insert(CopyType::UnSyncAssoc);
        break;
      case 6:
        found_.copy_types.insert(CopyType::UnSyncUnAssoc);
        break;
      default:
        break;
    }
  }

  void read_kinds() {
    found_.level = SchemaLevel::Seed;
    const auto types = numbers(services_.replication_capabilities->instance.properties,
                               "SupportedReplicationTypes");
    for (const std::uint64_t type : types.value_or(std::vector<std::uint64_t>{})) {
      const auto kind = to_replication_kind(static_cast<ReplicationType>(type));
      if (!kind) continue;
      found_.kinds.insert(*kind);
      // TokenizedClone and Adaptive do not exist at the level of the method pages.
      if (kind->sync_type == SyncType::TokenizedClone || kind->mode == Mode::Adaptive) {
        found_.level = SchemaLevel::Cim241;
      }
    }
  }

  // The named array out of a capability method; nothing when the provider cannot be asked.
  Result<std::optional<std::vector<std::uint64_t>>> ask(const char* method,
                                                        wire::Parameters parameters,
                                                        const char* out) {
    LOCKSTEP_TRY(auto told, operations_.invoke(services_.replication_capabilities->path, method,
                                               std::move(parameters)));
    if (told.refusal || told.value.code != 0) {
      return std::optional<std::vector<std::uint64_t>>();
    }
    // NULL after success is an empty list.
    return std::optional(numbers(told.value.out, out).value_or(std::vector<std::uint64_t>{}));
  }

  template <class E>
  static std::set<E> as_set(const std::vector<std::uint64_t>& values) {
    std::set<E> set;
    for (const std::uint64_t value : values) set.insert(static_cast<E>(value));
    return set;
  }

  Status read_kind(const ReplicationKind& kind) {
    const auto type = static_cast<std::uint64_t>(*to_replication_type(kind));
    const wire::Named of_type{"ReplicationType", wire::number_value("uint16", type)};
    LOCKSTEP_TRY(const auto operations,
                 ask("GetSupportedOperations", {of_type}, "SupportedOperations"));
    if (operations) found_.operations[kind] = as_set<Operation>(*operations);
    LOCKSTEP_TRY(const auto states,
                 ask("GetSupportedCopyStates", {of_type}, "SupportedCopyStates"));
    if (states) found_.copy_states[kind] = as_set<CopyState>(*states);
    for (const auto& [number, method] : kWaitingMethods) {
      LOCKSTEP_TRY(const auto waiting,
                   ask("GetSupportedWaitForCopyStates",
                       {of_type, {"MethodName", wire::number_value("uint16", number)}},
                       "SupportedCopyStates"));
      if (waiting) found_.wait_for_copy_states[{method, kind}] = as_set<CopyState>(*waiting);
    }
    LOCKSTEP_TRY(const auto features, ask("GetSupportedFeatures", {of_type}, "Features"));
    if (features) found_.features.merge(as_set<Feature>(*features));
    LOCKSTEP_TRY(const auto group, ask("GetSupportedGroupFeatures", {of_type}, "GroupFeatures"));
    if (group) found_.group_features.merge(as_set<GroupFeature>(*group));
    return ok();
  }

  // One number out of a capability method.
  Result<std::optional<std::uint64_t>> ask_one(const char* method, wire::Parameters parameters,
                                               const char* out) {
    LOCKSTEP_TRY(const auto list, ask(method, std::move(parameters), out));
    if (!list || list->empty()) return std::optional<std::uint64_t>();
    return std::optional(list->front());
  }

  Status read_defaults() {
    if (found_.kinds.empty()) return ok();
    const auto type = static_cast<std::uint64_t>(*to_replication_type(*found_.kinds.begin()));
    const wire::Named of_type{"ReplicationType", wire::number_value("uint16", type)};
    LOCKSTEP_TRY(const auto consistency,
                 ask_one("GetDefaultConsistency", {of_type}, "DefaultConsistency"));
    if (consistency) {
      found_.default_consistency = static_cast<ConsistencyType>(*consistency);
    }
    LOCKSTEP_TRY(const auto sequential,
                 ask("GetSupportedConsistency", {of_type}, "SupportedConsistency"));
    constexpr std::uint64_t kSequential = 2;
    if (sequential) {
      found_.sequential_consistency_supported =
          std::find(sequential->begin(), sequential->end(), kSequential) != sequential->end();
    }
    LOCKSTEP_TRY(const auto persistency,
                 ask_one("GetDefaultGroupPersistency", {}, "DefaultGroupPersistency"));
    constexpr std::uint64_t kNotPersistent = 3;
    if (persistency) found_.default_group_persistent = *persistency != kNotPersistent;
    return ok();
  }

  CimOperations& operations_;
  const Services& services_;
  Capabilities found_;
};

}  // namespace

Result<Capabilities> read_capabilities(CimOperations& operations, const Services& services) {
  return Reader(operations, services).read();
}

}  // namespace lockstep::conformance
