#include "conformance/providers/cimxml/path_book.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

// References inside keys belong to the namespace of the path around them unless they say otherwise.
void put_namespace(wire::ObjectPath& path, const std::string& name_space) {
  if (path.name_space.empty()) path.name_space = name_space;
  path.host.clear();
  for (wire::KeyBinding& key : path.keys) {
    for (wire::ObjectPath& inner : key.reference) put_namespace(inner, path.name_space);
  }
}

void drop_namespace(wire::ObjectPath& path, const std::string& name_space) {
  if (wire::same_name(path.name_space, name_space)) path.name_space.clear();
  for (wire::KeyBinding& key : path.keys) {
    for (wire::ObjectPath& inner : key.reference) drop_namespace(inner, name_space);
  }
}

}  // namespace

wire::ObjectPath PathBook::to_wire(const std::string& reference, std::string_view class_name) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = path_by_text_.find(reference);
    if (known != path_by_text_.end()) return known->second;
  }
  auto parsed = wire::parse_object_path(reference);
  wire::ObjectPath path;
  if (parsed && parsed.value().names_instance()) {
    path = std::move(parsed).value();
  } else {
    path.class_name = class_name;
    path.keys = {wire::string_key("InstanceID", reference)};
  }
  put_namespace(path, default_namespace_);
  return path;
}

std::string PathBook::from_wire(const wire::ObjectPath& path) {
  const std::string identity = wire::identity_of(path, default_namespace_);
  const std::lock_guard lock(mutex_);
  const auto known = text_by_identity_.find(identity);
  if (known != text_by_identity_.end()) return known->second;
  wire::ObjectPath full = path;
  put_namespace(full, default_namespace_);
  wire::ObjectPath bare = full;
  drop_namespace(bare, default_namespace_);
  std::string text = wire::to_text(bare);
  text_by_identity_.emplace(identity, text);
  path_by_text_.emplace(text, std::move(full));
  return text;
}

}  // namespace lockstep::conformance
