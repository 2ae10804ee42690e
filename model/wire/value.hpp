// Values of CIM as the wire carries them, and instances made of them.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/object_path.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lockstep::wire {

// NULL, a text (of any type but reference), or a reference.
using Item = std::variant<std::monostate, std::string, ObjectPath>;

struct Value {
  std::string type;      // "uint16", "string", "reference", ...; empty when the sender left it out
  bool array = false;    // a scalar has exactly one item
  std::string embedded;  // "instance", "object", or empty
  std::vector<Item> items;
  friend bool operator==(const Value&, const Value&) = default;
};

[[nodiscard]] Value scalar(std::string type, std::string text);
[[nodiscard]] Value text_value(std::string text);
[[nodiscard]] Value number_value(std::string type, std::uint64_t number);
[[nodiscard]] Value boolean_value(bool flag);
[[nodiscard]] Value reference_value(ObjectPath path);
// ddddddddhhmmss.mmmmmm:000
[[nodiscard]] Value interval_value(std::uint64_t seconds);
[[nodiscard]] Value array_value(std::string type);

// Reading is tolerant of what the specification leaves open: the type may be missing, numbers may
// be hexadecimal, truth values have any case. What cannot be read: Origin::Provider, naming `what`.
[[nodiscard]] Result<std::uint64_t> read_number(const Item& item, std::uint64_t largest,
                                                const std::string& what);
[[nodiscard]] Result<bool> read_boolean(const Item& item, const std::string& what);
[[nodiscard]] Result<std::string> read_text(const Item& item, const std::string& what);
[[nodiscard]] Result<ObjectPath> read_reference(const Item& item, const std::string& what);
// Whole seconds of an interval.
[[nodiscard]] Result<std::uint64_t> read_interval(const Item& item, const std::string& what);
[[nodiscard]] inline bool is_null(const Item& item) noexcept { return item.index() == 0; }

struct Named {
  std::string name;
  std::optional<Value> value;  // nothing: NULL
  friend bool operator==(const Named&, const Named&) = default;
};
using Properties = std::vector<Named>;
using Parameters = std::vector<Named>;

// Names compare without case; nullptr when there is none or it is NULL.
[[nodiscard]] const Value* find_value(const std::vector<Named>& all,
                                      std::string_view name) noexcept;

// The first item of that value; nullptr as well for an array without items.
[[nodiscard]] const Item* find_item(const std::vector<Named>& all, std::string_view name) noexcept;

struct Instance {
  std::string class_name;
  Properties properties;
  friend bool operator==(const Instance&, const Instance&) = default;
};

struct PathInstance {
  ObjectPath path;
  Instance instance;
  friend bool operator==(const PathInstance&, const PathInstance&) = default;
};

}  // namespace lockstep::wire
