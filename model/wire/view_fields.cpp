#include "model/wire/field_types.hpp"

namespace lockstep::wire {

void properties(Fields& fields, ReplicationSettingData& settings) {
  Visit visit(fields);
  visit("Pairing", settings.pairing);
  visit("UnequalGroupsAction", settings.unequal_groups_action);
  visit("UnequalListsAction", settings.unequal_lists_action);
  visit("OnGroupOrListError", settings.on_group_or_list_error);
  visit("DesiredCopyMethodology", settings.desired_copy_methodology);
  visit("TargetElementSupplier", settings.target_element_supplier);
  visit("ThinProvisioningPolicy", settings.thin_provisioning_policy);
  visit("ConsistentPointInTime", settings.consistent_point_in_time);
  visit("Multihop", settings.multihop);
  visit("CopyPriority", settings.copy_priority);
  visit("CopyRecoveryMode", settings.copy_recovery_mode);
  visit("FailedCopyStopsHostIO", settings.failed_copy_stops_host_io);
  visit("ReadOnly", settings.read_only);
  visit.interval("DeltaUpdateInterval", settings.delta_update_interval_s);
  visit("DeltaUpdateBlocks", settings.delta_update_blocks);
  visit.interval("DesiredRPO", settings.desired_rpo_s);
  visit("MaximumSkew", settings.maximum_skew_bytes);
}

void properties(Fields& fields, ExtendedStatus& status) {
  Visit visit(fields);
  visit("SMErrorSource", status.error_source);
  visit("SMErrorCode", status.error_code);
  visit("StatusCode", status.status_code);
  visit("Message", status.message);
}

void properties(Fields& fields, RelationshipView& view) {
  Visit visit(fields);
  visit("SyncType", view.sync_type);
  visit("Mode", view.mode);
  visit("CopyState", view.copy_state);
  visit("RequestedCopyState", view.requested_copy_state);
  visit("ProgressStatus", view.progress_status);
  visit("PercentSynced", view.percent_synced);
  visit("SyncMaintained", view.sync_maintained);
  visit("CopyPriority", view.copy_priority);
  visit("CopyRecoveryMode", view.copy_recovery_mode);
  visit("CopyMethodology", view.copy_methodology);
  visit("ReplicaType", view.replica_type);
  visit("ReadOnly", view.read_only);
  visit("FailedCopyStopsHostIO", view.failed_copy_stops_host_io);
  visit.interval("RPO", view.recovery_point_objective);
  visit("RelationshipName", view.name);
  if (view.relationship_class == RelationshipClass::StorageSynchronized) {
    visit("CopyType", view.copy_type);
    visit("SyncState", view.sync_state);
    return;
  }
  visit("ConsistencyEnabled", view.consistency_enabled);
  visit("ConsistencyType", view.consistency_type);
  visit("ConsistencyState", view.consistency_state);
  visit("ConsistencyStatus", view.consistency_status);
}

void properties(Fields& fields, GroupView& view) {
  Visit visit(fields);
  visit("ElementName", view.element_name);
  visit("Persistent", view.persistent);
  visit("DeleteOnEmptyElement", view.delete_on_empty_element);
  visit("DeleteOnUnassociated", view.delete_on_unassociated);
  visit("ConsistentPointInTime", view.consistent_point_in_time);
}

void properties(Fields& fields, JobView& view) {
  Visit visit(fields);
  visit("JobState", view.state);
  visit("OperationalStatus", view.operational_status);
  visit("PercentComplete", view.percent_complete);
  visit("ErrorCode", view.error_code);
  visit("ErrorDescription", view.error_text);
  visit("DeleteOnCompletion", view.delete_on_completion);
  std::optional<std::uint32_t> seconds = view.time_before_removal_s;
  visit.interval("TimeBeforeRemoval", seconds);
  if (seconds) view.time_before_removal_s = *seconds;
}

void properties(Fields& fields, PoolView& view) {
  Visit visit(fields);
  visit("ElementName", view.name);
  visit("TotalManagedSpace", view.total.value);
  visit("RemainingManagedSpace", view.remaining.value);
}

void properties(Fields& fields, ElementView& view) {
  Visit visit(fields);
  visit("ElementName", view.element_name);
  visit("NumberOfBlocks", view.blocks.value);
  std::uint64_t block_bytes = view.block_size.bytes;  // uint64 in CIM_StorageExtent
  visit("BlockSize", block_bytes);
  view.block_size = BlockSize{static_cast<std::uint32_t>(
      std::min<std::uint64_t>(block_bytes, std::numeric_limits<std::uint32_t>::max()))};
}

}  // namespace lockstep::wire
