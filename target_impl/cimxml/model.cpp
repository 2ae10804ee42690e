#include "target_impl/cimxml/model.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::cimxml {

Model::Model(Provider& provider, const ServerOptions& options,
             std::shared_ptr<const Inventory> inventory, std::shared_ptr<const Paths> paths)
    : provider_(provider),
      options_(options),
      held_inventory_(std::move(inventory)),
      held_paths_(std::move(paths)),
      inventory_(*held_inventory_),
      paths_(*held_paths_) {
  add_interop();
  add_services();
  add_capabilities();
  add_storage();
  add_access();
  add_relationships();
  add_jobs();
  add_storage_service();
}

void Model::add(Space space, const char* class_name, Maker make) {
  entries_.push_back({space, class_name, std::move(make)});
}

std::vector<wire::PathInstance> Model::instances(Space space, std::string_view class_name) {
  Made made;
  for (const Entry& entry : entries_) {
    if (entry.space == space && is_a(space, entry.class_name, class_name)) entry.make(made);
  }
  return made;
}

std::optional<wire::PathInstance> Model::find(Space space, const wire::ObjectPath& path) {
  const std::string wanted = wire::identity_of(path, name_of(space));
  for (wire::PathInstance& found : instances(space, path.class_name)) {
    if (wire::identity_of(found.path, name_of(space)) == wanted) return std::move(found);
  }
  return std::nullopt;
}

std::vector<wire::PathInstance> Model::associations(Space space) {
  Made made;
  for (const Entry& entry : entries_) {
    // ElementConformsToProfile leads from interop into the target's namespace.
    const bool visible =
        entry.space == space || (entry.space == Space::Interop && space == Space::Target);
    const wire::ClassDeclaration* declared = find_class(entry.space, entry.class_name);
    if (visible && declared != nullptr && declared->association) entry.make(made);
  }
  return made;
}

wire::PathInstance Model::object(const wire::ObjectPath& path, wire::Properties properties) const {
  wire::PathInstance made;
  made.path = path;
  made.instance.class_name = path.class_name;
  for (const wire::KeyBinding& key : path.keys) {
    made.instance.properties.push_back({key.name, key.type == wire::KeyType::Reference
                                                      ? wire::reference_value(key.reference.front())
                                                      : wire::text_value(key.text)});
  }
  // A property that is left out is NULL; some clients cannot read one without a value.
  for (wire::Named& property : properties) {
    if (property.value) made.instance.properties.push_back(std::move(property));
  }
  return made;
}

wire::PathInstance Model::association(Space space, const char* class_name, const char* first,
                                      const wire::ObjectPath& one, const char* second,
                                      const wire::ObjectPath& two,
                                      wire::Properties properties) const {
  wire::ObjectPath path = paths_.instance(space, class_name, "", "");
  path.keys = {wire::reference_key(first, one), wire::reference_key(second, two)};
  return object(path, std::move(properties));
}

std::optional<Capabilities> Model::capabilities() {
  auto found = provider_.capabilities();
  if (!found) return std::nullopt;
  return std::move(found).value();
}

wire::Value numbers_value(const std::vector<std::uint64_t>& numbers) {
  wire::Value array = wire::array_value("uint16");
  for (const std::uint64_t number : numbers) array.items.emplace_back(std::to_string(number));
  return array;
}

std::uint16_t action_number(Method method) noexcept {
  switch (method) {
    case Method::CreateElementReplica:
      return 2;
    case Method::ModifyReplicaSynchronization:
      return 5;
    case Method::ModifyListSynchronization:
      return 6;
    case Method::CreateGroup:
      return 12;
    case Method::DeleteGroup:
      return 13;
    case Method::AddMembers:
      return 14;
    case Method::RemoveMembers:
      return 15;
    case Method::CreateListReplica:
      return 19;
    case Method::CreateGroupReplicaFromElements:
      return 20;
    default:
      return 0;
  }
}

}  // namespace lockstep::cimxml
