#include "properties/commands/renumber.hpp"

#include "properties/commands/command_members.hpp"

#include <map>

namespace lockstep::properties {
namespace {

struct Renumber {
  std::map<Handle, Handle> numbers;

  void handle(const char*, Handle& value, HandleKind) {
    const auto found = numbers.find(value);
    if (found != numbers.end()) value = found->second;
  }
  void handles(const char* member, std::vector<Handle>& values, HandleKind kind) {
    for (Handle& value : values) handle(member, value, kind);
  }
  void optional_handles(const char* member, std::optional<std::vector<Handle>>& values,
                        HandleKind kind) {
    if (values) handles(member, *values, kind);
  }
  void optional_handle(const char* member, std::optional<Handle>& value, HandleKind kind) {
    if (value) handle(member, *value, kind);
  }
  template <class Object>
  void optional_object(const char*, std::optional<Object>& value) {
    if (value) members(*this, *value);
  }
  // What holds no handles.
  void optional_strings(const char*, std::optional<std::vector<std::string>>&) {}
  template <class Number>
  void number(const char*, Number&, Number) {}
  template <class Value>
  void optional(const char*, std::optional<Value>&) {}
  void flag(const char*, bool&) {}
  template <class Enum>
  void name(const char*, Enum&) {}
  template <class Enum>
  void optional_name(const char*, std::optional<Enum>&) {}
};

}  // namespace

Sequence renumbered(const Sequence& sequence) {
  Renumber renumber;
  std::map<HandleKind, std::uint32_t> last;
  for (const Command& command : sequence) {
    for (const Handle made : handles_made(command)) {
      renumber.numbers.emplace(made, Handle{made.kind, ++last[made.kind]});
    }
  }
  Sequence result = sequence;
  for (Command& command : result) {
    std::visit([&](auto& op) { members(renumber, op); }, command);
  }
  return result;
}

}  // namespace lockstep::properties
