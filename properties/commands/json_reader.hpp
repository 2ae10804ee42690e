// Reads one JSON object member by member, and refuses what is missing, mistyped, out of bounds or
// left over. The first trouble wins and is kept; later reads give defaults.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/names.hpp"
#include "properties/commands/handle.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::properties {

class JsonReader {
 public:
  // `where` names the object in messages. Borrows `value`.
  JsonReader(const boost::json::value& value, std::string where);

  [[nodiscard]] const boost::json::value* find(const char* member);  // nullptr: absent
  const boost::json::value* require(const char* member);             // absent: trouble

  void read(const char* member, std::uint64_t& into, std::uint64_t limit);
  void read(const char* member, std::uint32_t& into, std::uint32_t limit);
  void read(const char* member, std::string& into, std::size_t most_bytes);
  void read(const char* member, Handle& into, HandleKind kind);
  void read(const char* member, std::vector<Handle>& into, HandleKind kind);  // absent: empty
  void read(const char* member, bool& into);                                  // absent: false
  // Absent: NULL.
  void read_optional(const char* member, std::optional<std::uint16_t>& into);
  void read_optional(const char* member, std::optional<std::uint32_t>& into);
  void read_optional(const char* member, std::optional<std::string>& into);
  void read_optional(const char* member, std::optional<bool>& into);
  void read_optional(const char* member, std::optional<Handle>& into, HandleKind kind);

  template <class Enum>
  void read_name(const char* member, Enum& into) {
    std::string text;
    read(member, text, 64);
    if (trouble_) return;
    const auto value = parse_name<Enum>(text);
    if (value) {
      into = *value;
    } else {
      fail(member, "a known name", '"' + text + '"');
    }
  }

  void fail(const std::string& member, const std::string& expected, const std::string& found);
  // Call last: members that nobody asked for are trouble, too.
  [[nodiscard]] Status finish();
  [[nodiscard]] bool failed() const noexcept { return trouble_.has_value(); }

 private:
  const boost::json::object* object_ = nullptr;
  std::string where_;
  std::set<std::string> seen_;
  std::optional<Error> trouble_;
};

// A short rendering of a value for messages.
[[nodiscard]] std::string excerpt(const boost::json::value& value);

}  // namespace lockstep::properties
