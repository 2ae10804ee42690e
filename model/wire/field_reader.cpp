#include "model/wire/field_visitors.hpp"
#include "model/wire/message.hpp"

#include <utility>

namespace lockstep::wire {

SettingDataParameter settings_of(const std::string& text, References& references) {
  const auto instance = read_embedded(text);
  if (!instance) return text;
  const std::string& class_name = instance.value().class_name;
  // A subclass of a vendor ends in the same words.
  const auto ends_in = [&](std::string_view ending) {
    return class_name.size() >= ending.size() &&
           same_name(std::string_view(class_name).substr(class_name.size() - ending.size()),
                     ending);
  };
  if (!ends_in("ReplicationSettingData") && !ends_in("ReplicationSettings")) return text;
  ReplicationSettingData data;
  FieldReader reader(instance.value().properties, references, class_name);
  properties(reader, data);
  if (reader.failure()) return text;
  return data;
}

std::vector<std::string> FieldReader::unknown() const {
  std::vector<std::string> names;
  for (const Named& named : found_) {
    if (!asked_.contains(lower_case(named.name))) names.push_back(named.name);
  }
  return names;
}

std::string FieldReader::subject_of(const char* name) const { return subject_ + ", " + name; }

const Value* FieldReader::take(const char* name, bool array) {
  asked_.insert(lower_case(name));
  const Value* value = find_value(found_, name);
  if (value == nullptr || value->array == array) return value;
  if (!failure_) {
    failure_ = provider_error(
        subject_of(name) + ": expected " +
        (array ? "an array, found a single value" : "a single value, found an array"));
  }
  return nullptr;
}

template <class T>
std::optional<T> FieldReader::kept(Result<T> result) {
  if (result) return std::move(result).value();
  if (!failure_) failure_ = result.error();
  return std::nullopt;
}

void FieldReader::text(const char* name, std::optional<std::string>& value) {
  value.reset();
  const Value* found = take(name, false);
  if (found != nullptr && !is_null(found->items.front())) {
    value = kept(read_text(found->items.front(), subject_of(name)));
  }
}

void FieldReader::texts(const char* name, OptionalTexts& values) {
  values.reset();
  const Value* found = take(name, true);
  if (found == nullptr) return;
  values.emplace();
  for (const Item& item : found->items) {
    if (is_null(item)) {
      values->emplace_back();
    } else {
      values->push_back(kept(read_text(item, subject_of(name))));
    }
  }
}

void FieldReader::number(const char* name, NumberType type, std::optional<std::uint64_t>& value) {
  value.reset();
  const Value* found = take(name, false);
  if (found != nullptr && !is_null(found->items.front())) {
    value = kept(read_number(found->items.front(), type.largest, subject_of(name)));
  }
}

void FieldReader::numbers(const char* name, NumberType type, OptionalNumbers& values) {
  values.reset();
  const Value* found = take(name, true);
  if (found == nullptr) return;
  values.emplace();
  for (const Item& item : found->items) {
    if (const auto number = kept(read_number(item, type.largest, subject_of(name)))) {
      values->push_back(*number);
    }
  }
}

void FieldReader::flag(const char* name, std::optional<bool>& value) {
  value.reset();
  const Value* found = take(name, false);
  if (found != nullptr && !is_null(found->items.front())) {
    value = kept(read_boolean(found->items.front(), subject_of(name)));
  }
}

void FieldReader::interval(const char* name, std::optional<std::uint64_t>& seconds) {
  seconds.reset();
  const Value* found = take(name, false);
  if (found != nullptr && !is_null(found->items.front())) {
    seconds = kept(read_interval(found->items.front(), subject_of(name)));
  }
}

void FieldReader::reference(const char* name, const char*, std::optional<std::string>& value) {
  value.reset();
  const Value* found = take(name, false);
  if (found == nullptr || is_null(found->items.front())) return;
  const auto path = kept(read_reference(found->items.front(), subject_of(name)));
  if (path) value = references_.from_wire(*path);
}

void FieldReader::references(const char* name, const char*, OptionalTexts& values) {
  values.reset();
  const Value* found = take(name, true);
  if (found == nullptr) return;
  values.emplace();
  for (const Item& item : found->items) {
    if (is_null(item)) {
      values->emplace_back();
    } else if (const auto path = kept(read_reference(item, subject_of(name)))) {
      values->push_back(references_.from_wire(*path));
    }
  }
}

void FieldReader::settings(const char* name, const char*,
                           std::optional<SettingDataParameter>& value) {
  value.reset();
  std::optional<std::string> xml;
  text(name, xml);
  if (xml) value = settings_of(*xml, references_);
}

void FieldReader::status(const char* name, const char*, std::optional<ExtendedStatus>& value) {
  value.reset();
  std::optional<std::string> xml;
  text(name, xml);
  if (!xml) return;
  const auto instance = read_embedded(*xml);
  if (!instance) {
    if (!failure_) {
      failure_ = provider_error(subject_of(name) + ": expected an embedded instance, found " +
                                instance.error().reason);
    }
    return;
  }
  ExtendedStatus status;
  FieldReader reader(instance.value().properties, references_, subject_of(name));
  properties(reader, status);
  if (reader.failure() && !failure_) failure_ = reader.failure();
  value = status;
}

}  // namespace lockstep::wire
