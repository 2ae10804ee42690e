#include "model/wire/field_visitors.hpp"
#include "model/wire/message.hpp"

#include <utility>

namespace lockstep::wire {
namespace {

// Embedded instances hold no references of ours.
class NoReferences final : public References {
 public:
  ObjectPath to_wire(const std::string&, std::string_view class_name) override {
    ObjectPath path;
    path.class_name = class_name;
    return path;
  }
  std::string from_wire(const ObjectPath& path) override { return to_text(path); }
};

template <class T>
Value embedded(const char* class_name, T members) {
  NoReferences none;
  FieldWriter writer(none);
  properties(writer, members);
  std::erase_if(writer.written(), [](const Named& named) { return !named.value; });
  const auto xml = write_embedded({class_name, std::move(writer.written())});
  // A text that XML cannot carry is refused when the message around it is written.
  Value value = text_value(xml ? xml.value() : std::string(1, '\1'));
  value.embedded = "instance";
  return value;
}

}  // namespace

void FieldWriter::put(const char* name, std::optional<Value> value) {
  written_.push_back({name, std::move(value)});
}

void FieldWriter::text(const char* name, std::optional<std::string>& value) {
  put(name, value ? std::optional(text_value(*value)) : std::nullopt);
}

void FieldWriter::texts(const char* name, OptionalTexts& values) {
  if (!values) return put(name, std::nullopt);
  Value array = array_value("string");
  for (const auto& value : *values) array.items.push_back(value ? Item{*value} : Item{});
  put(name, std::move(array));
}

void FieldWriter::number(const char* name, NumberType type, std::optional<std::uint64_t>& value) {
  put(name, value ? std::optional(number_value(type.name, *value)) : std::nullopt);
}

void FieldWriter::numbers(const char* name, NumberType type, OptionalNumbers& values) {
  if (!values) return put(name, std::nullopt);
  Value array = array_value(type.name);
  for (const std::uint64_t value : *values) array.items.emplace_back(std::to_string(value));
  put(name, std::move(array));
}

void FieldWriter::flag(const char* name, std::optional<bool>& value) {
  put(name, value ? std::optional(boolean_value(*value)) : std::nullopt);
}

void FieldWriter::interval(const char* name, std::optional<std::uint64_t>& seconds) {
  put(name, seconds ? std::optional(interval_value(*seconds)) : std::nullopt);
}

void FieldWriter::reference(const char* name, const char* class_name,
                            std::optional<std::string>& value) {
  if (!value) return put(name, std::nullopt);
  put(name, reference_value(references_.to_wire(*value, class_name)));
}

void FieldWriter::references(const char* name, const char* class_name, OptionalTexts& values) {
  if (!values) return put(name, std::nullopt);
  Value array = array_value("reference");
  for (const auto& value : *values) {
    array.items.push_back(value ? Item{references_.to_wire(*value, class_name)} : Item{});
  }
  put(name, std::move(array));
}

void FieldWriter::settings(const char* name, const char* class_name,
                           std::optional<SettingDataParameter>& value) {
  if (!value) return put(name, std::nullopt);
  if (const auto* data = std::get_if<ReplicationSettingData>(&*value)) {
    return put(name, embedded(class_name, *data));
  }
  Value text = text_value(std::get<std::string>(*value));
  text.embedded = "instance";
  put(name, std::move(text));
}

void FieldWriter::status(const char* name, const char* class_name,
                         std::optional<ExtendedStatus>& value) {
  put(name, value ? std::optional(embedded(class_name, *value)) : std::nullopt);
}

}  // namespace lockstep::wire
