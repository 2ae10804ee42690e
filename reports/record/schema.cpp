// The schema of the records, from the same description that they are written and read by.
#include "reports/record/schema.hpp"

#include "reports/record/described.hpp"
#include "reports/record/required.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <limits>
#include <type_traits>

namespace lockstep::report {
namespace {

constexpr std::array kVerdicts{Verdict::Pass,         Verdict::Informational, Verdict::Warning,
                               Verdict::Fail,         Verdict::Error,         Verdict::Crash,
                               Verdict::Inconclusive, Verdict::NotSupported,  Verdict::NotTestable,
                               Verdict::Disabled};
constexpr std::array kOverall{Overall::Conformant, Overall::ConformantWithSkips,
                              Overall::NotConformant, Overall::Inconclusive, Overall::NothingRan};

template <class Values>
std::string one_of(const Values& values) {
  std::string text;
  for (const auto value : values) {
    text += (text.empty() ? "" : ", ") + ('"' + std::string(to_text(value)) + '"');
  }
  return R"({"enum": [)" + text + "]}";
}

// What may stand for a value of that type.
std::string type_of(const std::string*) { return R"({"type": "string"})"; }
std::string type_of(const bool*) { return R"({"type": "boolean"})"; }
// JSON has no infinity and no "not a number".
std::string type_of(const double*) { return R"({"type": ["number", "null"]})"; }
std::string type_of(const Verdict*) { return one_of(kVerdicts); }
std::string type_of(const Overall*) { return one_of(kOverall); }
std::string type_of(const StepRecord*) { return R"({"$ref": "#/$defs/step"})"; }
template <class T>
requires std::is_integral_v<T> std::string type_of(const T*) {
  return R"({"type": "integer", "minimum": )" + std::to_string(std::numeric_limits<T>::min()) +
         R"(, "maximum": )" + std::to_string(std::numeric_limits<T>::max()) + "}";
}
template <class T>
std::string type_of(const std::vector<T>*) {
  return R"({"type": "array", "items": )" + type_of(static_cast<const T*>(nullptr)) + "}";
}
template <class T>
std::string type_of(const std::map<std::string, T>*) {
  return R"({"type": "object", "additionalProperties": )" +
         type_of(static_cast<const T*>(nullptr)) + "}";
}

template <class Record>
std::string definition(const std::string& name) {
  std::string required;
  std::string members;
  const auto add = [&](const std::string& member, const std::string& type, bool needed) {
    const std::string quoted = '"' + member + '"';
    if (needed) required += (required.empty() ? "" : ", ") + quoted;
    members += (members.empty() ? "\n        " : ",\n        ") + quoted + ": " + type;
  };
  if constexpr (kTypeName<Record> != nullptr) {
    add("type", R"({"const": ")" + std::string(kTypeName<Record>) + "\"}", true);
  }
  boost::mp11::mp_for_each<boost::describe::describe_members<Record, boost::describe::mod_public>>(
      [&](auto described) {
        using Member = std::decay_t<decltype(std::declval<Record>().*described.pointer)>;
        const std::string member = described.name;
        const bool is_version = std::is_same_v<Record, RunHeader> && member == "schema";
        add(member,
            is_version ? R"({"const": )" + std::to_string(kSchemaVersion) + "}"
                       : type_of(static_cast<const Member*>(nullptr)),
            is_required(member));
      });
  return "    \"" + name + "\": {\n      \"type\": \"object\",\n      \"required\": [" + required +
         "],\n      \"properties\": {" + members + "\n      }\n    }";
}

}  // namespace

std::string schema() {
  std::string definitions = definition<StepRecord>("step");
  std::string lines;
  boost::mp11::mp_for_each<Line>([&](const auto& record) {
    using Record = std::decay_t<decltype(record)>;
    const std::string name = kTypeName<Record>;
    definitions += ",\n" + definition<Record>(name);
    lines += (lines.empty() ? "" : ", ") + (R"({"$ref": "#/$defs/)" + name + "\"}");
  });
  return R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "A line of lockstep's records.jsonl, version )" +
         std::to_string(kSchemaVersion) + R"(",
  "oneOf": [)" +
         lines + R"(],
  "$defs": {
)" + definitions +
         "\n  }\n}";
}

}  // namespace lockstep::report
