#include "model/wire/field_types.hpp"

namespace lockstep::wire {
namespace {

constexpr const char* kElement = "CIM_LogicalElement";
constexpr const char* kAccessPoint = "CIM_ServiceAccessPoint";
constexpr const char* kGroup = "CIM_ReplicationGroup";
constexpr const char* kJob = "CIM_ConcreteJob";
constexpr const char* kSynchronized = "CIM_Synchronized";
constexpr const char* kGoal = "CIM_SettingData";
constexpr const char* kPool = "CIM_ResourcePool";
constexpr const char* kVolume = "MSFT_SMStorageVolume";
constexpr const char* kPeer = "MSFT_SMReplicaPeer";

void in(Visit visit, CreateElementReplicaRequest& request) {
  visit("ElementName", request.element_name);
  visit("SyncType", request.sync_type);
  visit("Mode", request.mode);
  visit("SourceElement", request.source_element, kElement);
  visit("SourceAccessPoint", request.source_access_point, kAccessPoint);
  visit("TargetElement", request.target_element, kElement);
  visit("TargetAccessPoint", request.target_access_point, kAccessPoint);
  visit.settings("ReplicationSettingData", request.replication_setting_data);
  visit("TargetSettingGoal", request.target_setting_goal, kGoal);
  visit("TargetPool", request.target_pool, kPool);
  visit("WaitForCopyState", request.wait_for_copy_state);
}

void in(Visit visit, CreateListReplicaRequest& request) {
  visit("ElementNames", request.element_names);
  visit("SyncType", request.sync_type);
  visit("Mode", request.mode);
  visit("SourceElements", request.source_elements, kElement);
  visit("SourceAccessPoint", request.source_access_point, kAccessPoint);
  visit("TargetElements", request.target_elements, kElement);
  visit("TargetAccessPoint", request.target_access_point, kAccessPoint);
  visit.settings("ReplicationSettingData", request.replication_setting_data);
  visit("TargetSettingGoal", request.target_setting_goal, kGoal);
  visit("TargetPool", request.target_pool, kPool);
  visit("WaitForCopyState", request.wait_for_copy_state);
}

void in(Visit visit, CreateGroupReplicaFromElementsRequest& request) {
  visit("RelationshipName", request.relationship_name);
  visit("SyncType", request.sync_type);
  visit("Mode", request.mode);
  visit("SourceElements", request.source_elements, kElement);
  visit("SourceGroupName", request.source_group_name);
  visit("SourceAccessPoint", request.source_access_point, kAccessPoint);
  visit("TargetGroup", request.target_group, kGroup);
  visit("TargetAccessPoint", request.target_access_point, kAccessPoint);
  visit("Consistency", request.consistency);
  visit.settings("ReplicationSettingData", request.replication_setting_data);
  visit("TargetSettingGoal", request.target_setting_goal, kGoal);
  visit("TargetPool", request.target_pool, kPool);
  visit("WaitForCopyState", request.wait_for_copy_state);
}

void in(Visit visit, CreateReplicaRequest& request) {
  visit("ElementName", request.element_name);
  visit("SyncType", request.sync_type);
  visit("Mode", request.mode);
  visit("TargetStorageSystem", request.target_storage_system, kPeer);
  visit("TargetStorageVolume", request.target_storage_volume, kVolume);
  visit("TargetStoragePool", request.target_storage_pool, "MSFT_SMPool");
  visit("RecoveryPointObjective", request.recovery_point_objective);
  std::optional<SettingDataParameter> settings;
  if (request.replication_settings) settings = *request.replication_settings;
  visit.settings("ReplicationSettings", settings, "MSFT_SMReplicationSettings");
  request.replication_settings.reset();
  if (settings) {
    if (const auto* data = std::get_if<ReplicationSettingData>(&*settings)) {
      request.replication_settings = *data;
    }
  }
  visit("username", request.username);
  visit("password", request.password);
}

void in(Visit visit, AttachReplicaRequest& request) {
  visit("SourceElement", request.source_element, "CIM_ManagedElement");
  visit("TargetElement", request.target_element, "CIM_ManagedElement");
  visit("CopyType", request.copy_type);
}

void in(Visit visit, ModifyReplicaSynchronizationRequest& request) {
  visit("Operation", request.operation);
  visit("Synchronization", request.synchronization, kSynchronized);
  visit.settings("ReplicationSettingData", request.replication_setting_data);
  std::optional<std::vector<RelationshipRef>> pairs;
  if (request.sync_pair) pairs = std::vector<RelationshipRef>{*request.sync_pair};
  visit("SyncPair", pairs, "CIM_StorageSynchronized");
  request.sync_pair.reset();
  if (pairs && !pairs->empty()) request.sync_pair = pairs->front();
  visit("Force", request.force);
  visit("WaitForCopyState", request.wait_for_copy_state);
}

void in(Visit visit, ModifyListSynchronizationRequest& request) {
  visit("Operation", request.operation);
  visit("Synchronization", request.synchronizations, kSynchronized);
  visit.settings("ReplicationSettingData", request.replication_setting_data);
  visit("Force", request.force);
  visit("WaitForCopyState", request.wait_for_copy_state);
}

void in(Visit visit, CreateGroupRequest& request) {
  visit("GroupName", request.group_name);
  visit("Members", request.members, kElement);
  visit("Persistent", request.persistent);
  visit("DeleteOnEmptyElement", request.delete_on_empty_element);
  visit("DeleteOnUnassociated", request.delete_on_unassociated);
}

void in(Visit visit, DeleteGroupRequest& request) {
  visit("ReplicationGroup", request.group, kGroup);
  visit("RemoveElements", request.remove_elements);
}

void in(Visit visit, AddMembersRequest& request) {
  visit("Members", request.members, kElement);
  visit("ReplicationGroup", request.group, kGroup);
}

void in(Visit visit, RemoveMembersRequest& request) {
  visit("Members", request.members, kElement);
  visit("DeleteOnEmptyElement", request.delete_on_empty_element);
  visit("ReplicationGroup", request.group, kGroup);
}

constexpr std::uint64_t kBlockBytes = 512;
constexpr std::uint16_t kStorageVolume = 2;  // ElementType

void in(Visit visit, CreateVolumeRequest& request) {
  visit("ElementName", request.element_name);
  std::optional<std::uint16_t> type = kStorageVolume;
  visit("ElementType", type);
  std::optional<std::uint64_t> bytes = request.blocks.value * kBlockBytes;
  visit("Size", bytes);
  request.blocks = BlockCount{bytes.value_or(0) / kBlockBytes};
  visit("InPool", request.pool, "CIM_StoragePool");
}

void in(Visit visit, ReturnToStoragePoolRequest& request) {
  std::optional<ElementRef> element = request.element;
  visit("TheElement", element, kElement);
  request.element = element.value_or(ElementRef{});
}

void in(Visit visit, RequestJobStateChangeRequest& request) {
  visit("RequestedState", request.requested_state);
}

}  // namespace

void in_parameters(Fields& fields, Request& request) {
  std::visit([&](auto& alternative) { in(Visit(fields), alternative); }, request);
}

void out_parameters(Fields& fields, Method method, Answer& answer) {
  Visit visit(fields);
  switch (method) {
    case Method::CreateElementReplica:
      visit("TargetElement", answer.target_element, kElement);
      visit("Job", answer.job, kJob);
      visit("Synchronization", answer.synchronization, kSynchronized);
      break;
    case Method::CreateListReplica:
      visit("TargetElements", answer.target_elements, kElement);
      visit("Job", answer.job, kJob);
      visit("Synchronizations", answer.synchronizations, kSynchronized);
      break;
    case Method::CreateGroupReplicaFromElements:
      visit("SourceGroupName", answer.source_group_name);
      visit("TargetGroup", answer.target_group, kGroup);
      visit("Job", answer.job, kJob);
      visit("Synchronization", answer.synchronization, kSynchronized);
      break;
    case Method::CreateReplica:
      visit("TargetStorageVolume", answer.target_element, kVolume);
      visit("TargetReplicaPeer", answer.target_replica_peer, kPeer);
      visit("Job", answer.job, "MSFT_SMJob");
      fields.status("ExtendedStatus", "MSFT_SMExtendedStatus", answer.extended_status);
      break;
    case Method::ModifyReplicaSynchronization:
      visit("Job", answer.job, kJob);
      visit("UpdatedSynchronization", answer.updated_synchronization, kSynchronized);
      break;
    case Method::CreateGroup:
      visit("ReplicationGroup", answer.group, kGroup);
      break;
    case Method::CreateVolume:
      visit("Job", answer.job, kJob);
      visit("TheElement", answer.target_element, kElement);
      break;
    case Method::AttachReplica:
    case Method::ModifyListSynchronization:
    case Method::ReturnToStoragePool:
    case Method::RequestJobStateChange:
      visit("Job", answer.job, kJob);
      break;
    case Method::DeleteGroup:
    case Method::AddMembers:
    case Method::RemoveMembers:
      break;
  }
}

Request empty_request(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return CreateElementReplicaRequest{};
    case Method::CreateListReplica:
      return CreateListReplicaRequest{};
    case Method::CreateGroupReplicaFromElements:
      return CreateGroupReplicaFromElementsRequest{};
    case Method::CreateReplica:
      return CreateReplicaRequest{};
    case Method::AttachReplica:
      return AttachReplicaRequest{};
    case Method::ModifyReplicaSynchronization:
      return ModifyReplicaSynchronizationRequest{};
    case Method::ModifyListSynchronization:
      return ModifyListSynchronizationRequest{};
    case Method::CreateGroup:
      return CreateGroupRequest{};
    case Method::DeleteGroup:
      return DeleteGroupRequest{};
    case Method::AddMembers:
      return AddMembersRequest{};
    case Method::RemoveMembers:
      return RemoveMembersRequest{};
    case Method::CreateVolume:
      return CreateVolumeRequest{};
    case Method::ReturnToStoragePool:
      return ReturnToStoragePoolRequest{};
    case Method::RequestJobStateChange:
      return RequestJobStateChangeRequest{};
  }
  return {};
}

const char* wire_name(Method method) noexcept {
  switch (method) {
    case Method::CreateElementReplica:
      return "CreateElementReplica";
    case Method::CreateListReplica:
      return "CreateListReplica";
    case Method::CreateGroupReplicaFromElements:
      return "CreateGroupReplicaFromElements";
    case Method::CreateReplica:
      return "CreateReplica";
    case Method::AttachReplica:
      return "AttachReplica";
    case Method::ModifyReplicaSynchronization:
      return "ModifyReplicaSynchronization";
    case Method::ModifyListSynchronization:
      return "ModifyListSynchronization";
    case Method::CreateGroup:
      return "CreateGroup";
    case Method::DeleteGroup:
      return "DeleteGroup";
    case Method::AddMembers:
      return "AddMembers";
    case Method::RemoveMembers:
      return "RemoveMembers";
    case Method::CreateVolume:
      return "CreateOrModifyElementFromStoragePool";
    case Method::ReturnToStoragePool:
      return "ReturnToStoragePool";
    case Method::RequestJobStateChange:
      return "RequestStateChange";
  }
  return "";
}

}  // namespace lockstep::wire
