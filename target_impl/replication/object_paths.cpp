#include "target_impl/replication/object_paths.hpp"

#include "target_impl/reference.hpp"

#include <string_view>

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

std::optional<std::string> device_id_of(const ElementRef& element) {
  const std::string before = element_path({}).path;  // up to the quote that closes it
  const std::string_view opening(before.data(), before.size() - 1);
  const std::string_view path = element.path;
  if (path.size() <= before.size() || !path.starts_with(opening) || !path.ends_with('"')) {
    return std::nullopt;
  }
  return std::string(path.substr(opening.size(), path.size() - before.size()));
}

PeerRef peer_system_path(const std::string& name) {
  return {keyed("MSFT_SMReplicaPeer", "PeerObjectId", "lockstep:peer:" + name)};
}

AccessPointRef peer_access_point_path(const std::string& name) {
  return {keyed("CIM_ServiceAccessPoint", "Name", "lockstep-peer-" + name)};
}

}  // namespace lockstep::replication

namespace lockstep {

PeerRef reference_peer(const std::string& name) { return replication::peer_system_path(name); }

AccessPointRef reference_peer_access_point(const std::string& name) {
  return replication::peer_access_point_path(name);
}

}  // namespace lockstep
