#include "conformance/providers/cimxml/storage_family.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

std::string text_of(const wire::PathInstance& one, const char* name) {
  const wire::Item* item = wire::find_item(one.instance.properties, name);
  const auto* text = item == nullptr ? nullptr : std::get_if<std::string>(item);
  return text == nullptr ? std::string() : *text;
}

}  // namespace

Status StorageFamily::learn(const char* class_name) {
  LOCKSTEP_TRY(const auto instances, operations_.all(name_space_, class_name));
  for (const wire::PathInstance& one : instances) {
    const std::string own_class = text_of(one, "PassThroughClass");
    const std::string ids = text_of(one, "PassThroughIds");
    if (own_class.empty() || ids.empty()) continue;
    const std::string own_space = text_of(one, "PassThroughNamespace");
    const auto path =
        wire::parse_object_path((own_space.empty() ? "" : own_space + ":") + own_class + "." + ids);
    if (!path) continue;
    std::string reference = book_.from_wire(path.value());
    reference_by_identity_[wire::identity_of(one.path, name_space_)] = reference;
    wire::ObjectPath local = one.path;
    local.host.clear();
    path_by_reference_[std::move(reference)] = std::move(local);
  }
  return ok();
}

wire::ObjectPath StorageFamily::to_wire(const std::string& reference, std::string_view class_name) {
  const auto known = path_by_reference_.find(reference);
  if (known != path_by_reference_.end()) return known->second;
  // An object of the other family that is not there (any more) has no path in this one; what names
  // it is sent as the id of nothing.
  auto parsed = wire::parse_object_path(reference);
  wire::ObjectPath path;
  if (parsed && parsed.value().names_instance() &&
      wire::lower_case(parsed.value().class_name).starts_with("msft_")) {
    path = std::move(parsed).value();
  } else {
    path.class_name = class_name;
    path.keys = {wire::string_key("ObjectId", reference)};
  }
  if (path.name_space.empty()) path.name_space = name_space_;
  return path;
}

std::string StorageFamily::from_wire(const wire::ObjectPath& path) {
  const auto known = reference_by_identity_.find(wire::identity_of(path, name_space_));
  if (known != reference_by_identity_.end()) return known->second;
  wire::ObjectPath full = path;
  if (full.name_space.empty()) full.name_space = name_space_;
  return book_.from_wire(full);
}

}  // namespace lockstep::conformance
