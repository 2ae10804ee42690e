// Writes a record as one line of JSON, members in the order of the struct.
#include "reports/record/described.hpp"
#include "reports/record/store.hpp"
#include "reports/record/utf8.hpp"

#include <boost/describe/members.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace lockstep::report {
namespace {

class Encoder {
 public:
  template <class Record>
  void record(const Record& record) {
    text_ += '{';
    if constexpr (kTypeName<Record> != nullptr) member("type", std::string(kTypeName<Record>));
    boost::mp11::mp_for_each<
        boost::describe::describe_members<Record, boost::describe::mod_public>>(
        [&](auto described) { member(described.name, record.*described.pointer); });
    text_ += '}';
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  template <class T>
  void member(std::string_view name, const T& of) {
    if (text_.back() != '{') text_ += ',';
    value(std::string(name));
    text_ += ':';
    value(of);
  }

  void value(const std::string& of) {
    text_ += boost::json::serialize(boost::json::string(valid_utf8(of)));
  }
  void value(bool of) { text_ += of ? "true" : "false"; }
  void value(Verdict of) { value(std::string(to_text(of))); }
  void value(Overall of) { value(std::string(to_text(of))); }

  // JSON has no infinity and no "not a number".
  void value(double of) {
    if (std::isfinite(of)) {
      number(of);
    } else {
      text_ += "null";
    }
  }
  template <class T>
  requires std::is_integral_v<T>
  void value(T of) { number(of); }

  template <class T>
  void value(const std::vector<T>& of) {
    text_ += '[';
    for (const T& element : of) {
      if (text_.back() != '[') text_ += ',';
      value(element);
    }
    text_ += ']';
  }
  template <class T>
  void value(const std::map<std::string, T>& of) {
    text_ += '{';
    for (const auto& [name, element] : of) member(name, element);
    text_ += '}';
  }
  void value(const StepRecord& of) { record(of); }

  template <class T>
  void number(T of) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), of).ptr;
    text_.append(digits.data(), end);
  }

  std::string text_;
};

}  // namespace

std::string to_json_line(const Line& line) {
  Encoder encoder;
  std::visit([&](const auto& record) { encoder.record(record); }, line);
  return std::move(encoder).take();
}

}  // namespace lockstep::report
