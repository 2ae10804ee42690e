#include "properties/harness/requests.hpp"

#include <type_traits>

namespace lockstep::properties {
namespace {

template <class Enum>
std::optional<Enum> as(const std::optional<std::uint16_t>& number) {
  if (!number) return std::nullopt;
  return static_cast<Enum>(*number);
}

struct Maker {
  const Bindings& bindings;
  const Inventory& seen;

  [[nodiscard]] ElementRef element(Handle handle) const {
    return bindings.element(handle).value_or(ElementRef{});
  }
  [[nodiscard]] std::vector<ElementRef> elements(const std::vector<Handle>& handles) const {
    std::vector<ElementRef> refs;
    for (const Handle handle : handles) refs.push_back(element(handle));
    return refs;
  }
  [[nodiscard]] std::optional<std::vector<ElementRef>> sources(const Replicate& op) const {
    if (op.sources.empty()) return std::nullopt;
    return elements(op.sources);
  }
  [[nodiscard]] std::optional<ElementRef> source(const Replicate& op) const {
    if (op.sources.empty()) return std::nullopt;
    return element(op.sources.front());
  }
  [[nodiscard]] std::optional<ElementRef> target(const Replicate& op) const {
    if (!op.targets || op.targets->empty()) return std::nullopt;
    return element(op.targets->front());
  }
  [[nodiscard]] std::optional<PoolRef> pool(const Replicate& op) const {
    if (!op.pool || seen.pools.empty()) return std::nullopt;
    return seen.pools.front().ref;
  }
  [[nodiscard]] static std::optional<SettingRef> goal(const Replicate& op) {
    if (!op.goal) return std::nullopt;
    return SettingRef{"goal"};
  }
  [[nodiscard]] static std::optional<ReplicationSettingData> setting_data(const Replicate& op) {
    if (!op.settings) return std::nullopt;
    ReplicationSettingData data;
    switch (*op.settings) {
      case SettingChoice::Malformed:
        return std::nullopt;
      case SettingChoice::HighPriority:
        data.copy_priority = CopyPriority::High;
        break;
      case SettingChoice::ExactOrder:
        data.pairing = Pairing::ExactOrder;
        break;
      case SettingChoice::ConsistentPointInTime:
        data.pairing = Pairing::ExactOrder;
        data.consistent_point_in_time = true;
        break;
      case SettingChoice::AutomaticRecovery:
        data.copy_recovery_mode = CopyRecoveryMode::Automatic;
        break;
      case SettingChoice::ManualRecovery:
        data.copy_recovery_mode = CopyRecoveryMode::Manual;
        break;
      case SettingChoice::ContinueOnError:
        data.on_group_or_list_error = OnError::Continue;
        break;
    }
    return data;
  }
  [[nodiscard]] static std::optional<SettingDataParameter> settings(const Replicate& op) {
    if (op.settings == SettingChoice::Malformed) {
      return SettingDataParameter(std::string("no embedded instance"));
    }
    if (const auto data = setting_data(op)) return SettingDataParameter(*data);
    return std::nullopt;
  }

  [[nodiscard]] Request element_replica(const Replicate& op) const {
    CreateElementReplicaRequest request;
    request.element_name = op.name;
    request.sync_type = as<SyncType>(op.sync_type);
    request.mode = as<Mode>(op.mode);
    request.source_element = source(op);
    request.target_element = target(op);
    request.replication_setting_data = settings(op);
    request.target_setting_goal = goal(op);
    request.target_pool = pool(op);
    request.wait_for_copy_state = as<CopyState>(op.wait);
    return request;
  }
  [[nodiscard]] Request list_replica(const Replicate& op) const {
    CreateListReplicaRequest request;
    if (op.names) request.element_names.emplace(op.names->begin(), op.names->end());
    request.sync_type = as<SyncType>(op.sync_type);
    request.mode = as<Mode>(op.mode);
    request.source_elements = sources(op);
    if (op.targets) request.target_elements = elements(*op.targets);
    request.replication_setting_data = settings(op);
    request.target_setting_goal = goal(op);
    request.target_pool = pool(op);
    request.wait_for_copy_state = as<CopyState>(op.wait);
    return request;
  }
  [[nodiscard]] Request group_replica(const Replicate& op) const {
    CreateGroupReplicaFromElementsRequest request;
    request.relationship_name = op.name;
    request.sync_type = as<SyncType>(op.sync_type);
    request.mode = as<Mode>(op.mode);
    request.source_elements = sources(op);
    request.source_group_name = op.source_group_name;
    if (op.target_group) request.target_group = bindings.group(*op.target_group);
    request.consistency = as<ConsistencyRequest>(op.consistency);
    request.replication_setting_data = settings(op);
    request.target_setting_goal = goal(op);
    request.target_pool = pool(op);
    request.wait_for_copy_state = as<CopyState>(op.wait);
    return request;
  }
  [[nodiscard]] std::optional<Request> volume_replica(const Replicate& op) const {
    if (op.sources.empty()) return std::nullopt;
    CreateReplicaRequest request;
    request.source = element(op.sources.front());
    request.element_name = op.name;
    request.sync_type = as<SyncType>(op.sync_type);
    request.mode = as<Mode>(op.mode);
    request.target_storage_volume = target(op);
    request.target_storage_pool = pool(op);
    request.recovery_point_objective = op.recovery_point_objective;
    request.replication_settings = setting_data(op);
    return request;
  }

  std::optional<Request> operator()(const CreateVolume& op) const {
    return CreateVolumeRequest{op.name, std::nullopt, BlockCount{op.blocks}};
  }
  std::optional<Request> operator()(const Replicate& op) const {
    switch (op.method) {
      case Method::CreateElementReplica:
        return element_replica(op);
      case Method::CreateListReplica:
        return list_replica(op);
      case Method::CreateGroupReplicaFromElements:
        return group_replica(op);
      case Method::CreateReplica:
        return volume_replica(op);
      case Method::AttachReplica:
        return AttachReplicaRequest{source(op), target(op), as<CopyType>(op.copy_type)};
      default:
        return std::nullopt;
    }
  }
  std::optional<Request> operator()(const Modify& op) const {
    if (op.as_list) {
      ModifyListSynchronizationRequest request;
      request.operation = as<lockstep::Operation>(op.operation);
      request.synchronizations.emplace();
      for (const Handle handle : op.relationships) {
        request.synchronizations->push_back(
            bindings.relationship(handle).value_or(RelationshipRef{}));
      }
      request.force = op.force;
      request.wait_for_copy_state = as<CopyState>(op.wait);
      return request;
    }
    ModifyReplicaSynchronizationRequest request;
    request.operation = as<lockstep::Operation>(op.operation);
    if (!op.relationships.empty()) {
      request.synchronization = bindings.relationship(op.relationships.front());
    }
    request.force = op.force;
    request.wait_for_copy_state = as<CopyState>(op.wait);
    return request;
  }
  std::optional<Request> operator()(const MakeGroup& op) const {
    CreateGroupRequest request;
    request.group_name = op.name;
    request.members = elements(op.members);
    request.persistent = op.persistent;
    request.delete_on_empty_element = op.delete_on_empty_element;
    request.delete_on_unassociated = op.delete_on_unassociated;
    return request;
  }
  std::optional<Request> operator()(const DropGroup& op) const {
    return DeleteGroupRequest{bindings.group(op.group), op.remove_elements};
  }
  std::optional<Request> operator()(const ExtendGroup& op) const {
    return AddMembersRequest{elements(op.members), bindings.group(op.group)};
  }
  std::optional<Request> operator()(const ReduceGroup& op) const {
    return RemoveMembersRequest{elements(op.members), op.delete_on_empty_element,
                                bindings.group(op.group)};
  }
  std::optional<Request> operator()(const ChangeJob& op) const {
    return RequestJobStateChangeRequest{bindings.job(op.job).value_or(JobRef{}), op.requested};
  }
  std::optional<Request> operator()(const DropVolume& op) const {
    return ReturnToStoragePoolRequest{element(op.volume)};
  }
  template <class Other>
  std::optional<Request> operator()(const Other&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<Request> request_of(const Command& command, const Bindings& bindings,
                                  const Inventory& seen) {
  return std::visit(Maker{bindings, seen}, command);
}

}  // namespace lockstep::properties
