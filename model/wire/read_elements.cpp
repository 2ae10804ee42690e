#include "model/wire/elements.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::wire {
namespace {

ReadFailure unexpected(const pugi::xml_node& node, const pugi::xml_node& inside) {
  return invalid(element_text(node) + " inside " + element_text(inside));
}

ReadResult<KeyBinding> read_key_value(const pugi::xml_node& node, std::string name) {
  if (local_name(node) == "VALUE.REFERENCE") {
    const auto inner = child_elements(node);
    if (inner.size() != 1) return invalid("a VALUE.REFERENCE without exactly one path");
    LOCKSTEP_TRY(auto path, read_path(inner.front()));
    return reference_key(std::move(name), std::move(path));
  }
  if (local_name(node) != "KEYVALUE") return invalid("a key made of " + element_text(node));
  KeyBinding binding = string_key(std::move(name), text_of(node));
  const std::string type = attribute(node, "VALUETYPE");
  if (same_name(type, "numeric")) binding.type = KeyType::Numeric;
  if (same_name(type, "boolean")) binding.type = KeyType::Boolean;
  return binding;
}

ReadResult<ObjectPath> read_instance_name(const pugi::xml_node& node) {
  ObjectPath path;
  path.class_name = attribute(node, "CLASSNAME");
  if (path.class_name.empty()) return invalid("an INSTANCENAME without CLASSNAME");
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (local_name(inner) != "KEYBINDING") {
      LOCKSTEP_TRY(auto binding, read_key_value(inner, ""));
      path.keys.push_back(std::move(binding));
      continue;
    }
    LOCKSTEP_TRY(auto name, read_name(inner));
    const auto value = child_elements(inner);
    if (value.size() != 1) return invalid("the key " + name + " without exactly one value");
    LOCKSTEP_TRY(auto binding, read_key_value(value.front(), std::move(name)));
    path.keys.push_back(std::move(binding));
  }
  return path;
}

ReadResult<Item> read_item(const pugi::xml_node& node) {
  const std::string_view name = local_name(node);
  if (name == "VALUE") {
    if (!child_elements(node).empty()) return unexpected(child_elements(node).front(), node);
    return Item{text_of(node)};
  }
  if (name == "VALUE.NULL") return Item{};
  if (name == "VALUE.REFERENCE") {
    const auto inner = child_elements(node);
    if (inner.size() != 1) return invalid("a VALUE.REFERENCE without exactly one path");
    LOCKSTEP_TRY(auto path, read_path(inner.front()));
    return Item{std::move(path)};
  }
  if (is_path(name)) {
    LOCKSTEP_TRY(auto path, read_path(node));
    return Item{std::move(path)};
  }
  return invalid("a value made of " + element_text(node));
}

bool is_property(std::string_view element) noexcept {
  return element == "PROPERTY" || element == "PROPERTY.ARRAY" || element == "PROPERTY.REFERENCE";
}

std::string embedded_of(const pugi::xml_node& node) {
  // Attributes compare without case here, which covers EMBEDDEDOBJECT of older servers.
  return lower_case(attribute(node, "EmbeddedObject"));
}

}  // namespace

ReadResult<std::string> read_name(const pugi::xml_node& node) {
  std::string name = attribute(node, "NAME");
  if (name.empty()) return invalid(element_text(node) + " without NAME");
  return name;
}

ReadResult<std::string> read_namespace_path(const pugi::xml_node& node) {
  std::string joined;
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (local_name(inner) != "NAMESPACE") return unexpected(inner, node);
    LOCKSTEP_TRY(const auto name, read_name(inner));
    // One NAMESPACE may hold several parts; empty ones are nobody's.
    for (std::size_t begin = 0; begin < name.size();) {
      const std::size_t end = std::min(name.find('/', begin), name.size());
      if (end != begin) {
        joined += (joined.empty() ? "" : "/") + std::string(name.substr(begin, end - begin));
      }
      begin = end + 1;
    }
  }
  if (joined.empty()) return invalid("a LOCALNAMESPACEPATH without NAMESPACE");
  return joined;
}

bool is_path(std::string_view element) noexcept {
  return element == "INSTANCENAME" || element == "CLASSNAME" || element == "INSTANCEPATH" ||
         element == "LOCALINSTANCEPATH" || element == "CLASSPATH" || element == "LOCALCLASSPATH" ||
         element == "OBJECTPATH";
}

ReadResult<ObjectPath> read_path(const pugi::xml_node& node) {
  const std::string_view name = local_name(node);
  if (name == "INSTANCENAME") return read_instance_name(node);
  if (name == "CLASSNAME") {
    ObjectPath path;
    LOCKSTEP_TRY(path.class_name, read_name(node));
    return path;
  }
  if (!is_path(name)) return invalid("a path made of " + element_text(node));
  ObjectPath path;
  std::string host;
  std::string name_space;
  for (const pugi::xml_node& inner : child_elements(node)) {
    const std::string_view part = local_name(inner);
    if (part == "NAMESPACEPATH") {
      host = text_of(child(inner, "HOST"));
      LOCKSTEP_TRY(name_space, read_namespace_path(child(inner, "LOCALNAMESPACEPATH")));
    } else if (part == "LOCALNAMESPACEPATH") {
      LOCKSTEP_TRY(name_space, read_namespace_path(inner));
    } else {
      LOCKSTEP_TRY(path, read_path(inner));
    }
  }
  if (path.class_name.empty()) return invalid(element_text(node) + " that names no class");
  if (!host.empty()) path.host = host;
  if (!name_space.empty()) path.name_space = name_space;
  return path;
}

ReadResult<std::optional<Value>> read_value_of(const pugi::xml_node& node) {
  std::optional<pugi::xml_node> found;
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (local_name(inner) == "QUALIFIER") continue;
    if (found) return invalid("more than one value in " + element_text(node));
    found = inner;
  }
  if (!found) return std::optional<Value>();
  Value value;
  value.type = lower_case(attribute(node, "PARAMTYPE"));
  if (value.type.empty()) value.type = lower_case(attribute(node, "TYPE"));
  value.embedded = embedded_of(node);
  const std::string_view kind = local_name(*found);
  const bool references = kind == "VALUE.REFERENCE" || kind == "VALUE.REFARRAY";
  if (value.type.empty() && references) value.type = "reference";
  if (kind == "VALUE.NULL") return std::optional<Value>();
  value.array = kind == "VALUE.ARRAY" || kind == "VALUE.REFARRAY";
  if (!value.array) {
    LOCKSTEP_TRY(auto item, read_item(*found));
    value.items.push_back(std::move(item));
  } else {
    for (const pugi::xml_node& inner : child_elements(*found)) {
      LOCKSTEP_TRY(auto item, read_item(inner));
      value.items.push_back(std::move(item));
    }
  }
  return std::optional<Value>(std::move(value));
}

ReadResult<Instance> read_instance(const pugi::xml_node& node) {
  Instance instance;
  if (local_name(node) != "INSTANCE") {
    return invalid("an instance made of " + element_text(node));
  }
  instance.class_name = attribute(node, "CLASSNAME");
  if (instance.class_name.empty()) return invalid("an INSTANCE without CLASSNAME");
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (local_name(inner) == "QUALIFIER") continue;
    if (!is_property(local_name(inner))) return unexpected(inner, node);
    Named property;
    LOCKSTEP_TRY(property.name, read_name(inner));
    LOCKSTEP_TRY(property.value, read_value_of(inner));
    instance.properties.push_back(std::move(property));
  }
  return instance;
}

ReadResult<PathInstance> read_path_instance(const pugi::xml_node& node) {
  PathInstance found;
  if (local_name(node) == "INSTANCE") {
    LOCKSTEP_TRY(found.instance, read_instance(node));
    return found;
  }
  bool has_instance = false;
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (is_path(local_name(inner))) {
      LOCKSTEP_TRY(found.path, read_path(inner));
    } else {
      LOCKSTEP_TRY(found.instance, read_instance(inner));
      has_instance = true;
    }
  }
  if (!has_instance) return invalid(element_text(node) + " without INSTANCE");
  return found;
}

ReadResult<ClassDeclaration> read_class(const pugi::xml_node& node) {
  ClassDeclaration declaration;
  LOCKSTEP_TRY(declaration.name, read_name(node));
  declaration.superclass = attribute(node, "SUPERCLASS");
  for (const pugi::xml_node& inner : child_elements(node)) {
    const std::string_view kind = local_name(inner);
    if (is_property(kind)) {
      PropertyDeclaration property;
      LOCKSTEP_TRY(property.name, read_name(inner));
      property.type = kind == "PROPERTY.REFERENCE" ? "reference" : attribute(inner, "TYPE");
      property.array = kind == "PROPERTY.ARRAY";
      property.reference_class = attribute(inner, "REFERENCECLASS");
      declaration.properties.push_back(std::move(property));
    } else if (kind == "METHOD") {
      MethodDeclaration method;
      LOCKSTEP_TRY(method.name, read_name(inner));
      declaration.methods.push_back(std::move(method));
    } else if (kind == "QUALIFIER" && same_name(attribute(inner, "NAME"), "Association")) {
      declaration.association = true;
    }
  }
  return declaration;
}

}  // namespace lockstep::wire
