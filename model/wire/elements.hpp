// The elements that messages are made of, read from and written as XML. Internal to model/wire.
#pragma once

#include "model/wire/xml_document.hpp"

#include <string>
#include <string_view>

namespace lockstep::wire {

// --- reading. `node` is the element itself.
[[nodiscard]] ReadResult<std::string> read_name(const pugi::xml_node& node);  // attribute NAME
[[nodiscard]] ReadResult<std::string> read_namespace_path(const pugi::xml_node& node);
// INSTANCENAME, CLASSNAME and every element that leads to one (INSTANCEPATH, LOCALCLASSPATH, ...).
[[nodiscard]] ReadResult<ObjectPath> read_path(const pugi::xml_node& node);
[[nodiscard]] bool is_path(std::string_view element) noexcept;
// PARAMVALUE, IPARAMVALUE, RETURNVALUE and the PROPERTY family: their value child, if any.
[[nodiscard]] ReadResult<std::optional<Value>> read_value_of(const pugi::xml_node& node);
[[nodiscard]] ReadResult<Instance> read_instance(const pugi::xml_node& node);
// VALUE.NAMEDINSTANCE, VALUE.OBJECTWITHPATH, VALUE.INSTANCEWITHPATH, VALUE.OBJECT, INSTANCE.
[[nodiscard]] ReadResult<PathInstance> read_path_instance(const pugi::xml_node& node);
[[nodiscard]] ReadResult<ClassDeclaration> read_class(const pugi::xml_node& node);

// --- writing. Text that XML cannot carry is remembered and reported by finish().
class Writer {
 public:
  void declare() { out_ += "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"; }
  Writer& open(std::string_view element);  // "<X"
  Writer& attribute(std::string_view name, std::string_view value);
  Writer& content();                        // ">"
  Writer& empty();                          // "/>"
  Writer& close(std::string_view element);  // "</X>"
  Writer& text(std::string_view text);

  void local_namespace(std::string_view name_space);
  void instance_name(const ObjectPath& path);
  void class_name(std::string_view name);
  // With namespace and host as far as the path has them.
  void full_path(const ObjectPath& path);
  // The same inside VALUE.REFERENCE.
  void reference(const ObjectPath& path);
  // The element VALUE, VALUE.ARRAY, VALUE.REFERENCE or VALUE.REFARRAY.
  void value(const Value& value);
  void instance(const Instance& instance);
  void declaration(const ClassDeclaration& declaration);

  [[nodiscard]] Result<std::string> finish();

 private:
  void property(const Named& property);
  void method(const MethodDeclaration& method);
  void parameter(const ParameterDeclaration& parameter);
  void qualifier(std::string_view name, std::string_view type, std::string_view value);

  std::string out_;
  bool carriable_ = true;
};

}  // namespace lockstep::wire
