#include "properties/commands/command_json.hpp"

#include "model/vocab/names.hpp"
#include "properties/commands/command_members.hpp"
#include "properties/commands/json_reader.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <limits>
#include <type_traits>
#include <utility>

namespace lockstep::properties {
namespace {

// In the order of the variant.
constexpr std::array<const char*, std::variant_size_v<Command>> kKinds = {
    "create_volume", "replicate",    "modify", "make_group", "drop_group",
    "extend_group",  "reduce_group", "write",  "unmap",      "read",
    "await_job",     "change_job",   "look",   "disturb",    "drop_volume"};

struct Writer {
  boost::json::object out;

  void handle(const char* member, const Handle& value, HandleKind) { out[member] = to_text(value); }
  void handles(const char* member, const std::vector<Handle>& value, HandleKind) {
    if (value.empty()) return;
    boost::json::array list;
    for (const Handle entry : value) list.emplace_back(to_text(entry));
    out[member] = std::move(list);
  }
  void optional_handles(const char* member, const std::optional<std::vector<Handle>>& value,
                        HandleKind kind) {
    if (!value) return;
    out[member] = boost::json::array();
    handles(member, *value, kind);
  }
  void optional_handle(const char* member, const std::optional<Handle>& value, HandleKind) {
    if (value) out[member] = to_text(*value);
  }
  void optional_strings(const char* member, const std::optional<std::vector<std::string>>& value) {
    if (!value) return;
    boost::json::array list;
    for (const std::string& entry : *value) list.emplace_back(entry);
    out[member] = std::move(list);
  }
  template <class Number>
  void number(const char* member, const Number& value, Number) {
    out[member] = value;
  }
  template <class Value>
  void optional(const char* member, const std::optional<Value>& value) {
    if (value) out[member] = *value;
  }
  void flag(const char* member, const bool& value) {
    if (value) out[member] = true;
  }
  template <class Enum>
  void name(const char* member, const Enum& value) {
    out[member] = lockstep::to_text(value);
  }
  template <class Enum>
  void optional_name(const char* member, const std::optional<Enum>& value) {
    if (value) out[member] = lockstep::to_text(*value);
  }
  template <class Object>
  void optional_object(const char* member, std::optional<Object>& value) {
    if (!value) return;
    Writer inner;
    members(inner, *value);
    out[member] = std::move(inner.out);
  }
};

struct Reader {
  JsonReader json;
  std::string where;

  void handle(const char* member, Handle& into, HandleKind kind) { json.read(member, into, kind); }
  void handles(const char* member, std::vector<Handle>& into, HandleKind kind) {
    json.read(member, into, kind);
  }
  void optional_handles(const char* member, std::optional<std::vector<Handle>>& into,
                        HandleKind kind) {
    if (json.find(member) == nullptr) return;
    json.read(member, into.emplace(), kind);
  }
  void optional_handle(const char* member, std::optional<Handle>& into, HandleKind kind) {
    json.read_optional(member, into, kind);
  }
  void optional_strings(const char* member, std::optional<std::vector<std::string>>& into) {
    const boost::json::value* value = json.find(member);
    if (value == nullptr) return;
    if (!value->is_array() || value->get_array().size() > kMostListEntries) {
      json.fail(member, "an array of at most " + std::to_string(kMostListEntries) + " strings",
                excerpt(*value));
      return;
    }
    into.emplace();
    for (const boost::json::value& entry : value->get_array()) {
      if (!entry.is_string() || entry.get_string().size() > 1024) {
        json.fail(member, "strings of at most 1024 bytes", excerpt(entry));
        return;
      }
      into->emplace_back(entry.get_string());
    }
  }
  template <class Number>
  void number(const char* member, Number& into, Number limit) {
    json.read(member, into, limit);
  }
  template <class Value>
  void optional(const char* member, std::optional<Value>& into) {
    json.read_optional(member, into);
  }
  void flag(const char* member, bool& into) { json.read(member, into); }
  template <class Enum>
  void name(const char* member, Enum& into) {
    json.read_name(member, into);
  }
  template <class Enum>
  void optional_name(const char* member, std::optional<Enum>& into) {
    if (json.find(member) != nullptr) json.read_name(member, into.emplace());
  }
  template <class Object>
  void optional_object(const char* member, std::optional<Object>& into) {
    const boost::json::value* value = json.find(member);
    if (value == nullptr) return;
    const std::string inside = where + '.' + member;
    Reader inner{JsonReader(*value, inside), inside};
    members(inner, into.emplace());
    if (const Status status = inner.json.finish(); status.has_error()) {
      json.fail(member, "a valid object", '"' + status.error().message + '"');
    }
  }
};

template <std::size_t... I>
bool emplace_kind(Command& command, std::string_view kind, std::index_sequence<I...>) {
  return ((kind == kKinds[I] && (command.emplace<I>(), true)) || ...);
}

// What the members alone cannot say.
void check_sense(const Command& command, JsonReader& json) {
  const auto* replicate = std::get_if<Replicate>(&command);
  if (replicate == nullptr) return;
  if (replicate->method > Method::AttachReplica) {
    json.fail("method", "one of the five replication methods",
              '"' + lockstep::to_text(replicate->method) + '"');
  }
}

}  // namespace

boost::json::value to_json(const Command& command) {
  Writer writer;
  writer.out["do"] = kKinds[command.index()];
  Command copy = command;
  std::visit([&](auto& op) { members(writer, op); }, copy);
  return writer.out;
}

Result<Command> command_from_json(const boost::json::value& value, const std::string& where) {
  Reader reader{JsonReader(value, where), where};
  std::string kind;
  reader.json.read("do", kind, 64);
  Command command;
  if (!reader.json.failed() &&
      !emplace_kind(command, kind, std::make_index_sequence<std::variant_size_v<Command>>{})) {
    reader.json.fail("do", "a known command", '"' + kind + '"');
  }
  std::visit([&](auto& op) { members(reader, op); }, command);
  check_sense(command, reader.json);
  LOCKSTEP_TRY(reader.json.finish());
  return command;
}

}  // namespace lockstep::properties
