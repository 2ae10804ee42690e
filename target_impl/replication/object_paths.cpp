#include "target_impl/replication/object_paths.hpp"

#include "target_impl/reference.hpp"

namespace lockstep {

const ReferenceWellKnown& reference_well_known() {
  static const ReferenceWellKnown known{
      .local_access_point = {R"(CIM_ServiceAccessPoint.Name="lockstep-local")"},
      .target_setting_goal = {R"(CIM_StorageSetting.InstanceID="lockstep:setting:thin")"},
      .local_peer = {R"(MSFT_SMReplicaPeer.PeerObjectId="lockstep:system:local")"},
      .username = "lockstep",
      .password = "replication",
  };
  return known;
}

}  // namespace lockstep

namespace lockstep::replication {
namespace {

std::string keyed(const char* class_name, const char* key, const std::string& value) {
  return std::string(class_name) + "." + key + "=\"" + value + "\"";
}

}  // namespace

ElementRef element_path(const std::string& device_id) {
  return {keyed("MSISCSITARGET_StorageVolume", "DeviceID", device_id)};
}

PoolRef pool_path(const std::string& name) {
  return {keyed("MSISCSITARGET_ConcreteStoragePool", "InstanceID", "lockstep:pool:" + name)};
}

GroupRef group_path(Id id) {
  return {keyed("CIM_ReplicationGroup", "InstanceID", "lockstep:group:" + std::to_string(id))};
}

RelationshipRef pair_path(Id id) {
  return {keyed("MSISCSITARGET_StorageSynchronized", "InstanceID",
                "lockstep:pair:" + std::to_string(id))};
}

RelationshipRef group_pair_path(Id id) {
  return {keyed("CIM_GroupSynchronized", "InstanceID", "lockstep:grouppair:" + std::to_string(id))};
}

JobRef job_path(Id id) {
  return {keyed("CIM_ConcreteJob", "InstanceID", "lockstep:job:" + std::to_string(id))};
}

PeerRef volume_peer_path(const ElementRef& element) {
  std::string id = element.path;
  for (char& letter : id) {
    if (letter == '"') letter = '\'';
  }
  return {keyed("MSFT_SMReplicaPeer", "PeerObjectId", id)};
}

}  // namespace lockstep::replication
