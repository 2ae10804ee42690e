// Declares what it is shown as the JSON Schema of an object. Internal.
#pragma once

#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <set>
#include <string>
#include <vector>

namespace lockstep::lines {

// The schema of an object of that type.
template <class T>
[[nodiscard]] boost::json::object schema_of(T*);
// The two classes of relationship differ in their members: one or the other.
[[nodiscard]] boost::json::object schema_of(RelationshipView*);

class LineSchema final : public wire::Fields {
 public:
  // No other members than those shown.
  [[nodiscard]] boost::json::object schema() const;

  void text(const char* name, std::optional<std::string>& value) override;
  void texts(const char* name, wire::OptionalTexts& values) override;
  void number(const char* name, wire::NumberType type,
              std::optional<std::uint64_t>& value) override;
  void numbers(const char* name, wire::NumberType type, wire::OptionalNumbers& values) override;
  void flag(const char* name, std::optional<bool>& value) override;
  void interval(const char* name, std::optional<std::uint64_t>& seconds) override;
  void reference(const char* name, const char* class_name,
                 std::optional<std::string>& value) override;
  void references(const char* name, const char* class_name, wire::OptionalTexts& values) override;
  void settings(const char* name, const char* class_name,
                std::optional<SettingDataParameter>& value) override;
  void status(const char* name, const char* class_name,
              std::optional<ExtendedStatus>& value) override;

  void required(const char* name) { required_.emplace_back(name); }
  template <class E>
  void name(const char* member, E&) {
    put(member, {{"enum", every_name<E>()}}, false);
  }
  template <class E>
  void names(const char* member, std::set<E>&) {
    put(member, {{"type", "array"}, {"items", {{"enum", every_name<E>()}}}}, true);
  }
  template <class T>
  void object(const char* member, T& value) {
    LineSchema inner;
    members(inner, value);
    put(member, inner.schema(), true);
  }
  template <class T>
  void objects(const char* member, std::vector<T>&) {
    put(member, {{"type", "array"}, {"items", schema_of(static_cast<T*>(nullptr))}}, true);
  }
  // Replaces what was shown under that name.
  void constant(const char* member, const std::string& value);

 private:
  template <class E>
  static boost::json::array every_name() {
    boost::json::array list;
    for (const E value : all_values<E>()) list.emplace_back(to_text(value));
    return list;
  }
  void put(const char* member, boost::json::object schema, bool or_null);

  boost::json::object properties_;
  std::vector<std::string> required_;
};

template <class T>
boost::json::object schema_of(T*) {
  LineSchema one;
  T value{};
  members(one, value);
  return one.schema();
}

}  // namespace lockstep::lines
