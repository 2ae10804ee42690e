#include "model/wire/field_visitors.hpp"

#include <utility>

namespace lockstep::wire {
namespace {

ParameterDeclaration declaration(const char* name, const char* type, bool array) {
  ParameterDeclaration made;
  made.name = name;
  made.type = type;
  made.array = array;
  return made;
}

}  // namespace

void FieldDeclarer::put(ParameterDeclaration declaration) {
  for (ParameterDeclaration& known : declared_) {
    if (known.name == declaration.name) {
      known.in = known.in || in_;
      known.out = known.out || !in_;
      return;
    }
  }
  declaration.in = in_;
  declaration.out = !in_;
  declared_.push_back(std::move(declaration));
}

void FieldDeclarer::text(const char* name, std::optional<std::string>&) {
  put(declaration(name, "string", false));
}
void FieldDeclarer::texts(const char* name, OptionalTexts&) {
  put(declaration(name, "string", true));
}
void FieldDeclarer::number(const char* name, NumberType type, std::optional<std::uint64_t>&) {
  put(declaration(name, type.name, false));
}
void FieldDeclarer::numbers(const char* name, NumberType type, OptionalNumbers&) {
  put(declaration(name, type.name, true));
}
void FieldDeclarer::flag(const char* name, std::optional<bool>&) {
  put(declaration(name, "boolean", false));
}
void FieldDeclarer::interval(const char* name, std::optional<std::uint64_t>&) {
  put(declaration(name, "datetime", false));
}
void FieldDeclarer::reference(const char* name, const char* class_name,
                              std::optional<std::string>&) {
  ParameterDeclaration made = declaration(name, "reference", false);
  made.reference_class = class_name;
  put(std::move(made));
}
void FieldDeclarer::references(const char* name, const char* class_name, OptionalTexts&) {
  ParameterDeclaration made = declaration(name, "reference", true);
  made.reference_class = class_name;
  put(std::move(made));
}
void FieldDeclarer::settings(const char* name, const char* class_name,
                             std::optional<SettingDataParameter>&) {
  ParameterDeclaration made = declaration(name, "string", false);
  made.embedded = class_name;
  put(std::move(made));
}
void FieldDeclarer::status(const char* name, const char* class_name,
                           std::optional<ExtendedStatus>&) {
  ParameterDeclaration made = declaration(name, "string", false);
  made.embedded = class_name;
  put(std::move(made));
}

}  // namespace lockstep::wire
