#include "model/wire/lines/line_schema.hpp"

#include <algorithm>

namespace lockstep::lines {
namespace {

namespace json = boost::json;

json::object whole_numbers(std::uint64_t largest) {
  return {{"type", "integer"}, {"minimum", 0}, {"maximum", largest}};
}

json::object strings_or_nulls() {
  return {{"type", "array"}, {"items", {{"type", {"string", "null"}}}}};
}

}  // namespace

json::object LineSchema::schema() const {
  json::object made{{"type", "object"}};
  if (!required_.empty()) made["required"] = json::array(required_.begin(), required_.end());
  made["additionalProperties"] = false;
  made["properties"] = properties_;
  return made;
}

// NULL may be written as null, too, unless the member must be there.
void LineSchema::put(const char* member, json::object schema, bool or_null) {
  const bool needed = std::find(required_.begin(), required_.end(), member) != required_.end();
  if (or_null && !needed) {
    properties_[member] =
        json::object{{"anyOf", json::array{std::move(schema), {{"type", "null"}}}}};
  } else {
    properties_[member] = std::move(schema);
  }
}

void LineSchema::constant(const char* member, const std::string& value) {
  properties_[member] = json::object{{"const", value}};
}

void LineSchema::text(const char* name, std::optional<std::string>&) {
  put(name, {{"type", "string"}}, true);
}
void LineSchema::texts(const char* name, wire::OptionalTexts&) {
  put(name, strings_or_nulls(), true);
}
void LineSchema::number(const char* name, wire::NumberType type, std::optional<std::uint64_t>&) {
  put(name, whole_numbers(type.largest), true);
}
void LineSchema::numbers(const char* name, wire::NumberType type, wire::OptionalNumbers&) {
  put(name, {{"type", "array"}, {"items", whole_numbers(type.largest)}}, true);
}
void LineSchema::flag(const char* name, std::optional<bool>&) {
  put(name, {{"type", "boolean"}}, true);
}
void LineSchema::interval(const char* name, std::optional<std::uint64_t>&) {
  json::object made = whole_numbers(UINT64_MAX);
  made["description"] = "seconds";
  put(name, std::move(made), true);
}
void LineSchema::reference(const char* name, const char* class_name, std::optional<std::string>&) {
  put(name, {{"type", "string"}, {"description", std::string("reference to a ") + class_name}},
      true);
}
void LineSchema::references(const char* name, const char* class_name, wire::OptionalTexts&) {
  json::object made = strings_or_nulls();
  made["description"] = std::string("references to ") + class_name;
  put(name, std::move(made), true);
}
void LineSchema::settings(const char* name, const char*, std::optional<SettingDataParameter>&) {
  ReplicationSettingData data;
  LineSchema inner;
  wire::properties(inner, data);
  json::object malformed{{"type", "string"}, {"description", "an embedded instance that is none"}};
  put(name, {{"anyOf", json::array{inner.schema(), std::move(malformed)}}}, true);
}
void LineSchema::status(const char* name, const char*, std::optional<ExtendedStatus>&) {
  ExtendedStatus status;
  LineSchema inner;
  wire::properties(inner, status);
  put(name, inner.schema(), true);
}

}  // namespace lockstep::lines
