// What a caller asks of a provider: the five replication methods with every parameter of their
// pages, and the life cycle around them.
//
// NULL is an empty optional, for every parameter, whatever the page says about being required:
// asking wrongly is part of the job. An in/out parameter appears here (in) and in the answer (out).
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/ids.hpp"
#include "model/vocab/settings.hpp"
#include "model/vocab/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep {

// MSISCSITARGET_ReplicationService.CreateElementReplica (CER).
struct CreateElementReplicaRequest {
  std::optional<std::string> element_name;
  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<ElementRef> source_element;
  std::optional<AccessPointRef> source_access_point;
  std::optional<ElementRef> target_element;  // in, out
  std::optional<AccessPointRef> target_access_point;
  std::optional<SettingDataParameter> replication_setting_data;
  std::optional<SettingRef> target_setting_goal;
  std::optional<PoolRef> target_pool;
  std::optional<CopyState> wait_for_copy_state;
  friend bool operator==(const CreateElementReplicaRequest&,
                         const CreateElementReplicaRequest&) = default;
};

// MSISCSITARGET_ReplicationService.CreateListReplica (CLR). Entry i of every list belongs to source
// i.
struct CreateListReplicaRequest {
  std::optional<std::vector<std::optional<std::string>>> element_names;
  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<std::vector<ElementRef>> source_elements;
  std::optional<AccessPointRef> source_access_point;
  std::optional<std::vector<ElementRef>> target_elements;  // in, out
  std::optional<AccessPointRef> target_access_point;
  std::optional<SettingDataParameter> replication_setting_data;
  std::optional<SettingRef> target_setting_goal;
  std::optional<PoolRef> target_pool;
  std::optional<CopyState> wait_for_copy_state;
  friend bool operator==(const CreateListReplicaRequest&,
                         const CreateListReplicaRequest&) = default;
};

// MSISCSITARGET_ReplicationService.CreateGroupReplicaFromElements (CGE).
struct CreateGroupReplicaFromElementsRequest {
  std::optional<std::string> relationship_name;
  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<std::vector<ElementRef>> source_elements;
  std::optional<std::string> source_group_name;  // in, out
  std::optional<AccessPointRef> source_access_point;
  std::optional<GroupRef> target_group;  // in, out
  std::optional<AccessPointRef> target_access_point;
  std::optional<ConsistencyRequest> consistency;
  std::optional<SettingDataParameter> replication_setting_data;
  std::optional<SettingRef> target_setting_goal;
  std::optional<PoolRef> target_pool;
  std::optional<CopyState> wait_for_copy_state;
  friend bool operator==(const CreateGroupReplicaFromElementsRequest&,
                         const CreateGroupReplicaFromElementsRequest&) = default;
};

// MSFT_SMStorageVolume.CreateReplica (MCR). `source` is the instance the method is invoked on; the
// other members are its parameters.
struct CreateReplicaRequest {
  ElementRef source;
  std::optional<std::string> element_name;  // names the relationship, not the target (MCR-11)
  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<PeerRef> target_storage_system;
  std::optional<ElementRef> target_storage_volume;        // in, out
  std::optional<PoolRef> target_storage_pool;             // ignored when a volume is given (MCR-15)
  std::optional<std::uint32_t> recovery_point_objective;  // the page gives no unit
  std::optional<ReplicationSettingData> replication_settings;
  std::optional<std::string> username;
  std::optional<std::string> password;
  friend bool operator==(const CreateReplicaRequest&, const CreateReplicaRequest&) = default;
};

// MSISCSITARGET_StorageConfigurationService.AttachReplica (ATT).
struct AttachReplicaRequest {
  std::optional<ElementRef> source_element;
  std::optional<ElementRef> target_element;
  std::optional<CopyType> copy_type;
  friend bool operator==(const AttachReplicaRequest&, const AttachReplicaRequest&) = default;
};

// ModifyReplicaSynchronization (MRS).
struct ModifyReplicaSynchronizationRequest {
  std::optional<Operation> operation;
  std::optional<RelationshipRef> synchronization;
  std::optional<SettingDataParameter> replication_setting_data;
  std::optional<RelationshipRef> sync_pair;
  std::optional<bool> force;
  std::optional<CopyState> wait_for_copy_state;
  friend bool operator==(const ModifyReplicaSynchronizationRequest&,
                         const ModifyReplicaSynchronizationRequest&) = default;
};

// ModifyListSynchronization (MLS).
struct ModifyListSynchronizationRequest {
  std::optional<Operation> operation;
  std::optional<std::vector<RelationshipRef>> synchronizations;
  std::optional<SettingDataParameter> replication_setting_data;
  std::optional<bool> force;
  std::optional<CopyState> wait_for_copy_state;
  friend bool operator==(const ModifyListSynchronizationRequest&,
                         const ModifyListSynchronizationRequest&) = default;
};

// CreateGroup (CRG). Never a job.
struct CreateGroupRequest {
  std::optional<std::string> group_name;
  std::optional<std::vector<ElementRef>> members;
  std::optional<bool> persistent;
  std::optional<bool> delete_on_empty_element;
  std::optional<bool> delete_on_unassociated;
  friend bool operator==(const CreateGroupRequest&, const CreateGroupRequest&) = default;
};

// DeleteGroup (DLG). Never a job.
struct DeleteGroupRequest {
  std::optional<GroupRef> group;
  std::optional<bool> remove_elements;
  friend bool operator==(const DeleteGroupRequest&, const DeleteGroupRequest&) = default;
};

// AddMembers (AMB). Never a job.
struct AddMembersRequest {
  std::optional<std::vector<ElementRef>> members;
  std::optional<GroupRef> group;
  friend bool operator==(const AddMembersRequest&, const AddMembersRequest&) = default;
};

// RemoveMembers (RMB). Never a job.
struct RemoveMembersRequest {
  std::optional<std::vector<ElementRef>> members;
  std::optional<bool> delete_on_empty_element;
  std::optional<GroupRef> group;
  friend bool operator==(const RemoveMembersRequest&, const RemoveMembersRequest&) = default;
};

// Makes a storage volume to work with. Stands for whatever the provider offers for that
// (CreateOrModifyElementFromStoragePool, a volume of a prepared set, a hook).
struct CreateVolumeRequest {
  std::optional<std::string> element_name;
  std::optional<PoolRef> pool;  // NULL: the provider's default pool
  BlockCount blocks;
  friend bool operator==(const CreateVolumeRequest&, const CreateVolumeRequest&) = default;
};

// ReturnToStoragePool: the element is gone afterwards.
struct ReturnToStoragePoolRequest {
  ElementRef element;
  friend bool operator==(const ReturnToStoragePoolRequest&,
                         const ReturnToStoragePoolRequest&) = default;
};

// ConcreteJob.RequestStateChange (JOB-05).
struct RequestJobStateChangeRequest {
  JobRef job;
  RequestedJobState requested_state = RequestedJobState::Terminate;
  friend bool operator==(const RequestJobStateChangeRequest&,
                         const RequestJobStateChangeRequest&) = default;
};

using Request =
    std::variant<CreateElementReplicaRequest, CreateListReplicaRequest,
                 CreateGroupReplicaFromElementsRequest, CreateReplicaRequest, AttachReplicaRequest,
                 ModifyReplicaSynchronizationRequest, ModifyListSynchronizationRequest,
                 CreateGroupRequest, DeleteGroupRequest, AddMembersRequest, RemoveMembersRequest,
                 CreateVolumeRequest, ReturnToStoragePoolRequest, RequestJobStateChangeRequest>;

}  // namespace lockstep
