#include "model/wire/elements.hpp"
#include "model/wire/xml_text.hpp"

namespace lockstep::wire {

Writer& Writer::open(std::string_view element) {
  out_ += '<';
  out_ += element;
  return *this;
}

Writer& Writer::attribute(std::string_view name, std::string_view value) {
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  carriable_ = append_escaped(out_, value) && carriable_;
  out_ += '"';
  return *this;
}

Writer& Writer::content() {
  out_ += '>';
  return *this;
}

Writer& Writer::empty() {
  out_ += "/>";
  return *this;
}

Writer& Writer::close(std::string_view element) {
  out_ += "</";
  out_ += element;
  out_ += '>';
  return *this;
}

Writer& Writer::text(std::string_view text) {
  carriable_ = append_escaped(out_, text) && carriable_;
  return *this;
}

void Writer::local_namespace(std::string_view name_space) {
  open("LOCALNAMESPACEPATH").content();
  while (!name_space.empty()) {
    const std::size_t slash = name_space.find('/');
    open("NAMESPACE").attribute("NAME", name_space.substr(0, slash)).empty();
    name_space = slash == std::string_view::npos ? "" : name_space.substr(slash + 1);
  }
  close("LOCALNAMESPACEPATH");
}

void Writer::instance_name(const ObjectPath& path) {
  open("INSTANCENAME").attribute("CLASSNAME", path.class_name).content();
  for (const KeyBinding& binding : path.keys) {
    if (!binding.name.empty()) open("KEYBINDING").attribute("NAME", binding.name).content();
    if (binding.type == KeyType::Reference) {
      reference(binding.reference.front());
    } else {
      const char* type = binding.type == KeyType::Boolean   ? "boolean"
                         : binding.type == KeyType::Numeric ? "numeric"
                                                            : "string";
      open("KEYVALUE").attribute("VALUETYPE", type).content().text(binding.text).close("KEYVALUE");
    }
    if (!binding.name.empty()) close("KEYBINDING");
  }
  close("INSTANCENAME");
}

void Writer::class_name(std::string_view name) {
  open("CLASSNAME").attribute("NAME", name).empty();
}

void Writer::full_path(const ObjectPath& path) {
  const std::string kind = path.names_instance() ? "INSTANCE" : "CLASS";
  const auto name = [&] {
    if (path.names_instance()) {
      instance_name(path);
    } else {
      class_name(path.class_name);
    }
  };
  if (path.name_space.empty()) return name();
  const std::string element = (path.host.empty() ? "LOCAL" : "") + kind + "PATH";
  open(element).content();
  if (!path.host.empty()) {
    open("NAMESPACEPATH").content();
    open("HOST").content().text(path.host).close("HOST");
  }
  local_namespace(path.name_space);
  if (!path.host.empty()) close("NAMESPACEPATH");
  name();
  close(element);
}

void Writer::reference(const ObjectPath& path) {
  open("VALUE.REFERENCE").content();
  full_path(path);
  close("VALUE.REFERENCE");
}

void Writer::value(const Value& value) {
  const bool references = value.type == "reference";
  const std::string_view array = references ? "VALUE.REFARRAY" : "VALUE.ARRAY";
  if (value.array) open(array).content();
  for (const Item& item : value.items) {
    if (const auto* path = std::get_if<ObjectPath>(&item)) {
      reference(*path);
    } else if (const auto* words = std::get_if<std::string>(&item)) {
      open("VALUE").content().text(*words).close("VALUE");
    } else {
      open("VALUE.NULL").empty();
    }
  }
  if (value.array) close(array);
}

void Writer::property(const Named& property) {
  const std::string type = property.value ? property.value->type : "string";
  const bool array = property.value && property.value->array;
  const std::string_view element = type == "reference" ? "PROPERTY.REFERENCE"
                                   : array             ? "PROPERTY.ARRAY"
                                                       : "PROPERTY";
  open(element).attribute("NAME", property.name);
  if (type != "reference") attribute("TYPE", type);
  if (property.value && !property.value->embedded.empty()) {
    attribute("EmbeddedObject", property.value->embedded);
  }
  if (!property.value) {
    empty();
    return;
  }
  content();
  value(*property.value);
  close(element);
}

void Writer::instance(const Instance& instance) {
  open("INSTANCE").attribute("CLASSNAME", instance.class_name).content();
  for (const Named& named : instance.properties) property(named);
  close("INSTANCE");
}

void Writer::qualifier(std::string_view name, std::string_view type, std::string_view value) {
  open("QUALIFIER").attribute("NAME", name).attribute("TYPE", type).content();
  open("VALUE").content().text(value).close("VALUE").close("QUALIFIER");
}

void Writer::parameter(const ParameterDeclaration& parameter) {
  const bool reference = parameter.type == "reference";
  const std::string_view element =
      reference         ? (parameter.array ? "PARAMETER.REFARRAY" : "PARAMETER.REFERENCE")
      : parameter.array ? "PARAMETER.ARRAY"
                        : "PARAMETER";
  open(element).attribute("NAME", parameter.name);
  if (reference) {
    attribute("REFERENCECLASS", parameter.reference_class);
  } else {
    attribute("TYPE", parameter.type);
  }
  content();
  qualifier("In", "boolean", parameter.in ? "TRUE" : "FALSE");
  if (parameter.out) qualifier("Out", "boolean", "TRUE");
  if (!parameter.embedded.empty()) {
    qualifier("EmbeddedInstance", "string", parameter.embedded);
  }
  close(element);
}

void Writer::method(const MethodDeclaration& method) {
  open("METHOD").attribute("NAME", method.name).attribute("TYPE", "uint32").content();
  for (const ParameterDeclaration& declared : method.parameters) parameter(declared);
  close("METHOD");
}

void Writer::declaration(const ClassDeclaration& declaration) {
  open("CLASS").attribute("NAME", declaration.name);
  if (!declaration.superclass.empty()) attribute("SUPERCLASS", declaration.superclass);
  content();
  if (declaration.association) qualifier("Association", "boolean", "TRUE");
  for (const PropertyDeclaration& property : declaration.properties) {
    const bool reference = property.type == "reference";
    const std::string_view element = reference        ? "PROPERTY.REFERENCE"
                                     : property.array ? "PROPERTY.ARRAY"
                                                      : "PROPERTY";
    open(element).attribute("NAME", property.name);
    if (reference) {
      attribute("REFERENCECLASS", property.reference_class);
    } else {
      attribute("TYPE", property.type);
    }
    content();
    if (property.key) qualifier("Key", "boolean", "TRUE");
    close(element);
  }
  for (const MethodDeclaration& declared : declaration.methods) method(declared);
  close("CLASS");
}

Result<std::string> Writer::finish() {
  if (carriable_) return std::move(out_);
  return usage_error(
      "CIM-XML message: expected text that XML can carry, found a control character or bytes that "
      "are not UTF-8");
}

}  // namespace lockstep::wire
