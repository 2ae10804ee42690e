#include "target_impl/cimxml/paths.hpp"

#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::ObjectPath;
using wire::reference_key;
using wire::string_key;

constexpr const char* kSystemClass = "MSISCSITARGET_ComputerSystem";
constexpr const char* kSystemName = "lockstep";

}  // namespace

std::string key_text(const std::string& ref) {
  const auto path = wire::parse_object_path(ref);
  const bool single = path && path.value().keys.size() == 1 &&
                      path.value().keys.front().type != wire::KeyType::Reference;
  return single ? path.value().keys.front().text : ref;
}

Paths::Paths(const Inventory& inventory, std::string host) : host_(std::move(host)) {
  for (const PoolView& pool : inventory.pools) {
    const std::string id = key_text(pool.ref.path);
    add(pool.ref.path,
        instance(Space::Target, "MSISCSITARGET_ConcreteStoragePool", "InstanceID", id),
        instance(Space::Storage, "MSFT_SMPool", "ObjectId", id));
  }
  for (const ElementView& element : inventory.elements) {
    if (element.element_class == ElementClass::StoragePool) continue;  // its pool is served
    const std::string id = key_text(element.ref.path);
    ObjectPath path = service("MSISCSITARGET_StorageVolume");
    path.keys.back() = string_key("DeviceID", id);
    add(element.ref.path, std::move(path),
        instance(Space::Storage, "MSFT_SMStorageVolume", "ObjectId", id));
  }
  for (const GroupView& group : inventory.groups) {
    const std::string id = key_text(group.ref.path);
    add(group.ref.path, instance(Space::Target, "MSISCSITARGET_ReplicationGroup", "InstanceID", id),
        instance(Space::Storage, "MSFT_SMReplicationGroup", "ObjectId", id));
  }
  for (const JobView& job : inventory.jobs) {
    const std::string id = key_text(job.ref.path);
    add(job.ref.path, instance(Space::Target, "MSISCSITARGET_ConcreteJob", "InstanceID", id),
        instance(Space::Storage, "MSFT_SMJob", "ObjectId", id));
  }
  for (const RelationshipView& view : inventory.relationships) {
    const bool groups = view.relationship_class == RelationshipClass::GroupSynchronized;
    const auto end = [&](const std::optional<ElementRef>& element,
                         const std::optional<GroupRef>& group) {
      const std::string ref = groups ? (group ? group->path : "") : (element ? element->path : "");
      return any(Space::Target, ref, "CIM_ManagedElement");
    };
    ObjectPath path = instance(
        Space::Target,
        groups ? "MSISCSITARGET_GroupSynchronized" : "MSISCSITARGET_StorageSynchronized", "", "");
    path.keys = {reference_key("SystemElement", end(view.source_element, view.source_group)),
                 reference_key("SyncedElement", end(view.target_element, view.target_group))};
    add(view.ref.path, std::move(path), std::nullopt);
  }
}

void Paths::add(const std::string& ref, ObjectPath target, std::optional<ObjectPath> storage) {
  by_identity_[wire::identity_of(target, "")] = ref;
  target_[ref] = std::move(target);
  if (!storage) return;
  by_identity_[wire::identity_of(*storage, "")] = ref;
  storage_[ref] = std::move(*storage);
}

ObjectPath Paths::instance(Space space, const char* class_name, const char* key,
                           const std::string& value) const {
  ObjectPath path;
  path.host = host_;
  path.name_space = name_of(space);
  path.class_name = class_name;
  path.keys = {string_key(key, value)};
  return path;
}

ObjectPath Paths::computer() const {
  ObjectPath path = instance(Space::Target, kSystemClass, "CreationClassName", kSystemClass);
  path.keys.push_back(string_key("Name", kSystemName));
  return path;
}

ObjectPath Paths::service(const char* class_name) const {
  ObjectPath path = instance(Space::Target, class_name, "SystemCreationClassName", kSystemClass);
  path.keys.push_back(string_key("SystemName", kSystemName));
  path.keys.push_back(string_key("CreationClassName", class_name));
  path.keys.push_back(string_key("Name", class_name));
  return path;
}

std::optional<ObjectPath> Paths::find(Space space, const std::string& ref) const {
  const auto& table = space == Space::Storage ? storage_ : target_;
  const auto found = table.find(ref);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

ObjectPath Paths::any(Space space, const std::string& ref, std::string_view class_name) const {
  if (auto known = find(space, ref)) return std::move(*known);
  auto parsed = wire::parse_object_path(ref);
  ObjectPath path =
      parsed && parsed.value().names_instance() ? std::move(parsed).value() : ObjectPath{};
  if (path.class_name.empty()) {
    path.class_name = class_name;
    path.keys = {string_key("InstanceID", ref)};
  }
  path.host = host_;
  if (path.name_space.empty()) {
    const bool storage = wire::lower_case(path.class_name).starts_with("msft_");
    path.name_space = name_of(storage ? Space::Storage : Space::Target);
  }
  return path;
}

std::string Paths::reference_of(const ObjectPath& path, std::string_view sent_to) const {
  const auto found = by_identity_.find(wire::identity_of(path, sent_to));
  if (found != by_identity_.end()) return found->second;
  ObjectPath bare = path;
  if (find_space(bare.name_space)) bare.name_space.clear();
  return wire::to_text(bare);
}

}  // namespace lockstep::cimxml
