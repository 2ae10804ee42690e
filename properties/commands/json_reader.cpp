#include "properties/commands/json_reader.hpp"

#include "properties/commands/command.hpp"

#include <boost/json/serialize.hpp>

#include <limits>
#include <utility>

namespace lockstep::properties {
namespace {

std::optional<std::uint64_t> unsigned_of(const boost::json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  return std::nullopt;
}

}  // namespace

std::string excerpt(const boost::json::value& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = boost::json::serialize(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

JsonReader::JsonReader(const boost::json::value& value, std::string where)
    : object_(value.if_object()), where_(std::move(where)) {
  if (object_ == nullptr) {
    trouble_ = config_error(where_ + ": expected a JSON object, found " + excerpt(value));
  }
}

const boost::json::value* JsonReader::find(const char* member) {
  seen_.insert(member);
  if (object_ == nullptr) return nullptr;
  return object_->if_contains(member);
}

const boost::json::value* JsonReader::require(const char* member) {
  const boost::json::value* value = find(member);
  if (value == nullptr) fail(member, "to be present", "nothing");
  return value;
}

void JsonReader::fail(const std::string& member, const std::string& expected,
                      const std::string& found) {
  if (trouble_) return;
  trouble_ = config_error(where_ + '.' + member + ": expected " + expected + ", found " + found);
}

void JsonReader::read(const char* member, std::uint64_t& into, std::uint64_t limit) {
  const boost::json::value* value = require(member);
  if (value == nullptr) return;
  const auto number = unsigned_of(*value);
  if (!number || *number > limit) {
    fail(member, "a whole number up to " + std::to_string(limit), excerpt(*value));
    return;
  }
  into = *number;
}

void JsonReader::read(const char* member, std::uint32_t& into, std::uint32_t limit) {
  std::uint64_t wide = into;
  read(member, wide, static_cast<std::uint64_t>(limit));
  into = static_cast<std::uint32_t>(wide);
}

void JsonReader::read(const char* member, std::string& into, std::size_t most_bytes) {
  const boost::json::value* value = require(member);
  if (value == nullptr) return;
  if (!value->is_string() || value->get_string().size() > most_bytes) {
    fail(member, "a string of at most " + std::to_string(most_bytes) + " bytes", excerpt(*value));
    return;
  }
  into = std::string(value->get_string());
}

void JsonReader::read(const char* member, Handle& into, HandleKind kind) {
  std::optional<Handle> handle;
  if (require(member) == nullptr) return;
  read_optional(member, handle, kind);
  if (handle) into = *handle;
}

void JsonReader::read(const char* member, std::vector<Handle>& into, HandleKind kind) {
  const boost::json::value* value = find(member);
  if (value == nullptr) return;
  if (!value->is_array() || value->get_array().size() > kMostListEntries) {
    fail(member, "an array of at most " + std::to_string(kMostListEntries) + " handles",
         excerpt(*value));
    return;
  }
  for (const boost::json::value& entry : value->get_array()) {
    const auto handle =
        entry.is_string() ? parse_handle(std::string_view(entry.get_string())) : std::nullopt;
    if (!handle || handle->kind != kind) {
      fail(member, "handles like " + to_text(Handle{kind, 1}), excerpt(entry));
      return;
    }
    into.push_back(*handle);
  }
}

void JsonReader::read(const char* member, bool& into) {
  std::optional<bool> value;
  read_optional(member, value);
  into = value.value_or(false);
}

void JsonReader::read_optional(const char* member, std::optional<std::uint16_t>& into) {
  if (find(member) == nullptr) return;
  std::uint64_t number = 0;
  read(member, number, std::uint64_t{std::numeric_limits<std::uint16_t>::max()});
  into = static_cast<std::uint16_t>(number);
}

void JsonReader::read_optional(const char* member, std::optional<std::uint32_t>& into) {
  if (find(member) == nullptr) return;
  std::uint64_t number = 0;
  read(member, number, std::uint64_t{std::numeric_limits<std::uint32_t>::max()});
  into = static_cast<std::uint32_t>(number);
}

void JsonReader::read_optional(const char* member, std::optional<std::string>& into) {
  if (find(member) == nullptr) return;
  std::string text;
  read(member, text, 1024);
  into = std::move(text);
}

void JsonReader::read_optional(const char* member, std::optional<bool>& into) {
  const boost::json::value* value = find(member);
  if (value == nullptr) return;
  if (!value->is_bool()) {
    fail(member, "true or false", excerpt(*value));
    return;
  }
  into = value->get_bool();
}

void JsonReader::read_optional(const char* member, std::optional<Handle>& into, HandleKind kind) {
  const boost::json::value* value = find(member);
  if (value == nullptr) return;
  const auto handle =
      value->is_string() ? parse_handle(std::string_view(value->get_string())) : std::nullopt;
  if (!handle || handle->kind != kind) {
    fail(member, "a handle like " + to_text(Handle{kind, 1}), excerpt(*value));
    return;
  }
  into = *handle;
}

Status JsonReader::finish() {
  if (!trouble_ && object_ != nullptr) {
    for (const auto& member : *object_) {
      if (!seen_.contains(std::string(member.key()))) {
        fail(std::string(member.key()), "no such member", excerpt(member.value()));
        break;
      }
    }
  }
  if (trouble_) return *trouble_;
  return ok();
}

}  // namespace lockstep::properties
