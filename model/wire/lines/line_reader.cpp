#include "model/wire/lines/line_reader.hpp"

#include "model/vocab/units_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace lockstep::lines {

namespace json = boost::json;

std::string excerpt(const json::value& value) {
  constexpr std::size_t kLongest = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string text = json::serialize(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

void LineReader::fail(const std::string& member, const std::string& expected,
                      const std::string& found) {
  if (!trouble_) {
    trouble_ = subject_ + "." + member + ": expected " + expected + ", found " + found;
  }
}

const json::value* LineReader::find(const char* member) {
  asked_.insert(member);
  const json::value* found = object_.if_contains(member);
  return found == nullptr || found->is_null() ? nullptr : found;
}

void LineReader::required(const char* name) {
  if (find(name) == nullptr) fail(name, "a value", "none");
}

const json::array* LineReader::array(const char* member) {
  const json::value* found = find(member);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) fail(member, "an array", excerpt(*found));
  return found->if_array();
}

const json::object* LineReader::as_object(const json::value& found, const std::string& where) {
  if (!found.is_object() && !trouble_) {
    trouble_ = where + ": expected an object, found " + excerpt(found);
  }
  return found.if_object();
}

void LineReader::fail_name(const json::value& found, const char* member,
                           const std::string& example) {
  fail(member, "a known name such as \"" + example + "\"", excerpt(found));
}

std::optional<std::string> LineReader::finish() {
  for (const auto& entry : object_) {
    if (trouble_) break;
    const std::string member(entry.key());
    if (asked_.contains(member)) continue;
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    fail(member, "a known member",
         known.empty() ? "one of that name"
                       : "one of that name; did you mean \"" + nearest(member, known) + "\"?");
  }
  return trouble_;
}

void LineReader::text(const char* name, std::optional<std::string>& value) {
  value.reset();
  const json::value* found = find(name);
  if (found == nullptr) return;
  if (!found->is_string()) return fail(name, "a string", excerpt(*found));
  value = std::string(found->get_string());
}

void LineReader::texts(const char* name, wire::OptionalTexts& values) {
  values.reset();
  const json::array* list = array(name);
  if (list == nullptr) return;
  values.emplace();
  for (const json::value& entry : *list) {
    if (entry.is_null()) {
      values->emplace_back();
    } else if (entry.is_string()) {
      values->emplace_back(std::string(entry.get_string()));
    } else {
      return fail(name, "strings", excerpt(entry));
    }
  }
}

std::optional<std::uint64_t> LineReader::whole(const json::value& found, const char* member,
                                               std::uint64_t largest) {
  std::optional<std::uint64_t> value;
  if (found.is_uint64()) value = found.get_uint64();
  if (found.is_int64() && found.get_int64() >= 0) {
    value = static_cast<std::uint64_t>(found.get_int64());
  }
  if (value && *value <= largest) return value;
  fail(member, "a whole number from 0 to " + std::to_string(largest), excerpt(found));
  return std::nullopt;
}

void LineReader::number(const char* name, wire::NumberType type,
                        std::optional<std::uint64_t>& value) {
  value.reset();
  const json::value* found = find(name);
  if (found != nullptr) value = whole(*found, name, type.largest);
}

void LineReader::numbers(const char* name, wire::NumberType type, wire::OptionalNumbers& values) {
  values.reset();
  const json::array* list = array(name);
  if (list == nullptr) return;
  values.emplace();
  for (const json::value& entry : *list) {
    if (const auto number = whole(entry, name, type.largest)) values->push_back(*number);
  }
}

void LineReader::flag(const char* name, std::optional<bool>& value) {
  value.reset();
  const json::value* found = find(name);
  if (found == nullptr) return;
  if (!found->is_bool()) return fail(name, "true or false", excerpt(*found));
  value = found->get_bool();
}

void LineReader::interval(const char* name, std::optional<std::uint64_t>& seconds) {
  number(name, wire::NumberType{"uint64", UINT64_MAX}, seconds);
}

void LineReader::reference(const char* name, const char*, std::optional<std::string>& value) {
  text(name, value);
}

void LineReader::references(const char* name, const char*, wire::OptionalTexts& values) {
  texts(name, values);
}

void LineReader::read_settings(const json::object& found, const char* member,
                               std::optional<SettingDataParameter>& value) {
  ReplicationSettingData data;
  LineReader inner(found, subject_ + '.' + member);
  wire::properties(inner, data);
  adopt(inner.finish());
  value = data;
}

void LineReader::settings(const char* name, const char*,
                          std::optional<SettingDataParameter>& value) {
  value.reset();
  const json::value* found = find(name);
  if (found == nullptr) return;
  if (found->is_string()) {
    value = std::string(found->get_string());
  } else if (found->is_object()) {
    read_settings(found->get_object(), name, value);
  } else {
    fail(name, "an object, or a string", excerpt(*found));
  }
}

void LineReader::status(const char* name, const char*, std::optional<ExtendedStatus>& value) {
  value.reset();
  const json::value* found = find(name);
  if (found == nullptr) return;
  const json::object* object = as_object(*found, subject_ + '.' + name);
  if (object == nullptr) return;
  LineReader inner(*object, subject_ + '.' + name);
  wire::properties(inner, value.emplace());
  adopt(inner.finish());
}

}  // namespace lockstep::lines
