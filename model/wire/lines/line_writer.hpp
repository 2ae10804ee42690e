// Collects what it is shown as a JSON object; NULLs are left out. Internal.
#pragma once

#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::lines {

class LineWriter final : public wire::Fields {
 public:
  [[nodiscard]] boost::json::object& written() noexcept { return written_; }

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

  void required(const char*) noexcept {}
  // An enumeration of this project's own, by name.
  template <class E>
  void name(const char* member, E& value) {
    written_[member] = to_text(value);
  }
  template <class E>
  void names(const char* member, std::set<E>& values) {
    boost::json::array list;
    for (const E value : values) list.emplace_back(to_text(value));
    written_[member] = std::move(list);
  }
  template <class T>
  void object(const char* member, T& value) {
    LineWriter inner;
    members(inner, value);
    written_[member] = std::move(inner.written_);
  }
  template <class T>
  void objects(const char* member, std::vector<T>& values) {
    boost::json::array list;
    for (T& value : values) {
      LineWriter inner;
      members(inner, value);
      list.emplace_back(std::move(inner.written_));
    }
    written_[member] = std::move(list);
  }

 private:
  boost::json::object written_;
};

}  // namespace lockstep::lines
