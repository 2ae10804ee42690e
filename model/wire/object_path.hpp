// Object paths of CIM: what a reference to an instance or class is made of, and their text form.
#pragma once

#include "model/vocab/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::wire {

struct ObjectPath;

// What VALUETYPE can say of a key's text.
enum class KeyType : unsigned char { String, Boolean, Numeric, Reference };

struct KeyBinding {
  std::string name;  // empty: the class has one key, and the path leaves its name out
  KeyType type = KeyType::String;
  std::string text;                   // every type but Reference
  std::vector<ObjectPath> reference;  // exactly one for a Reference, else none
  friend bool operator==(const KeyBinding&, const KeyBinding&) = default;
};

// Without keys it names a class. Host and namespace may be empty: "where the request went".
struct ObjectPath {
  std::string host;
  std::string name_space;  // segments joined by '/'
  std::string class_name;
  std::vector<KeyBinding> keys;
  friend bool operator==(const ObjectPath&, const ObjectPath&) = default;

  [[nodiscard]] bool names_instance() const noexcept { return !keys.empty(); }
  // The key of that name (without regard to case), or nullptr.
  [[nodiscard]] const KeyBinding* key(std::string_view name) const noexcept;
};

[[nodiscard]] KeyBinding string_key(std::string name, std::string text);
[[nodiscard]] KeyBinding reference_key(std::string name, ObjectPath path);

// Class, key and namespace names compare without case (DSP0004); key values with it.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text);

// Equal for two paths exactly when they name the same object: host, spelling of names, order of
// keys and the type of a key do not count. An empty namespace counts as `default_namespace`.
[[nodiscard]] std::string identity_of(const ObjectPath& path, std::string_view default_namespace);

// `ns:Class.Key="text",Flag=TRUE,End="ns:Other.Key=\"text\""`; quotes and backslashes inside quotes
// are escaped by a backslash. Host is left out.
[[nodiscard]] std::string to_text(const ObjectPath& path);
// The inverse. Anything else: Origin::Usage, naming the place.
[[nodiscard]] Result<ObjectPath> parse_object_path(std::string_view text);

}  // namespace lockstep::wire
