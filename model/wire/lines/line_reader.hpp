// Takes what it is asked for out of a JSON object, and refuses what is missing, mistyped, out of
// range or left over. The first trouble wins; later reads give NULLs. Internal.
#pragma once

#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::lines {

class LineReader final : public wire::Fields {
 public:
  // `subject` names the object in messages: "result.out". Borrows the object.
  LineReader(const boost::json::object& object, std::string subject)
      : object_(object), subject_(std::move(subject)) {}

  // Nothing when all is well. Call last: members that nobody asked for are trouble, too.
  [[nodiscard]] std::optional<std::string> finish();
  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept { return trouble_; }

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

  void required(const char* name);
  template <class E>
  void name(const char* member, E& value) {
    const boost::json::value* found = find(member);
    if (found != nullptr) named(*found, member, value);
  }
  template <class E>
  void names(const char* member, std::set<E>& values) {
    const boost::json::array* list = array(member);
    if (list == nullptr) return;
    for (const boost::json::value& entry : *list) {
      E value{};
      if (named(entry, member, value)) values.insert(value);
    }
  }
  template <class T>
  void object(const char* member, T& value) {
    const boost::json::value* found = find(member);
    if (found != nullptr) inside(*found, subject_ + '.' + member, value);
  }
  template <class T>
  void objects(const char* member, std::vector<T>& values) {
    const boost::json::array* list = array(member);
    if (list == nullptr) return;
    for (const boost::json::value& entry : *list) {
      if (trouble_) return;
      const std::string where = subject_ + '.' + member + '[' + std::to_string(values.size()) + ']';
      inside(entry, where, values.emplace_back());
    }
  }

  void fail(const std::string& member, const std::string& expected, const std::string& found);
  [[nodiscard]] const boost::json::value* find(const char* member);  // NULL counts as absent

 private:
  template <class T>
  void inside(const boost::json::value& found, const std::string& where, T& value) {
    const boost::json::object* object = as_object(found, where);
    if (object == nullptr) return;
    LineReader inner(*object, where);
    members(inner, value);
    adopt(inner.finish());
  }
  template <class E>
  bool named(const boost::json::value& found, const char* member, E& value) {
    const auto parsed = found.is_string()
                            ? parse_name<E>({found.get_string().data(), found.get_string().size()})
                            : std::nullopt;
    if (!parsed) {
      fail_name(found, member, to_text(all_values<E>().front()));
      return false;
    }
    value = *parsed;
    return true;
  }
  [[nodiscard]] const boost::json::array* array(const char* member);
  const boost::json::object* as_object(const boost::json::value& found, const std::string& where);
  void fail_name(const boost::json::value& found, const char* member, const std::string& example);
  void adopt(std::optional<std::string> trouble) {
    if (!trouble_) trouble_ = std::move(trouble);
  }
  [[nodiscard]] std::optional<std::uint64_t> whole(const boost::json::value& found,
                                                   const char* member, std::uint64_t largest);
  void read_settings(const boost::json::object& found, const char* member,
                     std::optional<SettingDataParameter>& value);

  const boost::json::object& object_;
  std::string subject_;
  std::set<std::string, std::less<>> asked_;
  std::optional<std::string> trouble_;
};

// A short rendering of a value for messages.
[[nodiscard]] std::string excerpt(const boost::json::value& value);

}  // namespace lockstep::lines
