// Reads a record from one line of JSON; the line comes from a file that anybody may have written.
#include "reports/record/described.hpp"
#include "reports/record/exact_json.hpp"
#include "reports/record/required.hpp"
#include "reports/record/store.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <limits>
#include <type_traits>

namespace lockstep::report {
namespace {

namespace json = boost::json;

Error wrong(const std::string& member, std::string_view expected, const json::value& found) {
  const auto kind = json::to_string(found.kind());
  return config_error("member '" + member + "': expected " + std::string(expected) + ", found " +
                      std::string(kind.data(), kind.size()));
}

Status read(const json::value& from, const std::string& member, std::string& to) {
  if (!from.is_string()) return wrong(member, "a string", from);
  to.assign(from.get_string().data(), from.get_string().size());
  return ok();
}

Status read(const json::value& from, const std::string& member, bool& to) {
  if (!from.is_bool()) return wrong(member, "true or false", from);
  to = from.get_bool();
  return ok();
}

Status read(const json::value& from, const std::string& member, double& to) {
  if (from.is_null()) {
    to = std::numeric_limits<double>::quiet_NaN();
  } else if (from.is_double()) {
    to = from.get_double();
  } else if (from.is_int64()) {
    to = static_cast<double>(from.get_int64());
  } else if (from.is_uint64()) {
    to = static_cast<double>(from.get_uint64());
  } else {
    return wrong(member, "a number", from);
  }
  return ok();
}

template <class T>
requires std::is_integral_v<T> Status read(const json::value& from, const std::string& member,
                                           T& to) {
  boost::system::error_code out_of_range;
  const T number = from.to_number<T>(out_of_range);
  if (out_of_range || from.is_double()) {
    return wrong(member,
                 "a whole number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                     std::to_string(std::numeric_limits<T>::max()),
                 from);
  }
  to = number;
  return ok();
}

Status read(const json::value& from, const std::string& member, Verdict& to) {
  std::string text;
  LOCKSTEP_TRY(read(from, member, text));
  const auto verdict = parse_verdict(text);
  if (!verdict) return config_error("member '" + member + "': no verdict is called '" + text + "'");
  to = *verdict;
  return ok();
}

Status read(const json::value& from, const std::string& member, Overall& to) {
  std::string text;
  LOCKSTEP_TRY(read(from, member, text));
  for (const Overall overall :
       {Overall::Conformant, Overall::ConformantWithSkips, Overall::NotConformant,
        Overall::Inconclusive, Overall::NothingRan}) {
    if (text != to_text(overall)) continue;
    to = overall;
    return ok();
  }
  return config_error("member '" + member + "': no overall verdict is called '" + text + "'");
}

template <class Record>
Status read_record(const json::value& from, const std::string& where, Record& to);

Status read(const json::value& from, const std::string& member, StepRecord& to) {
  return read_record(from, member, to);
}

template <class T>
Status read(const json::value& from, const std::string& member, std::vector<T>& to) {
  if (!from.is_array()) return wrong(member, "an array", from);
  to.clear();
  for (const json::value& element : from.get_array()) {
    const std::string name = member + "[" + std::to_string(to.size()) + "]";
    LOCKSTEP_TRY(read(element, name, to.emplace_back()));
  }
  return ok();
}

template <class T>
Status read(const json::value& from, const std::string& member, std::map<std::string, T>& to) {
  if (!from.is_object()) return wrong(member, "an object", from);
  to.clear();
  for (const auto& pair : from.get_object()) {
    const std::string name(pair.key().data(), pair.key().size());
    LOCKSTEP_TRY(read(pair.value(), member + "." + name, to[name]));
  }
  return ok();
}

template <class Record>
Status read_record(const json::value& from, const std::string& where, Record& to) {
  if (!from.is_object()) return wrong(where, "an object", from);
  const json::object& object = from.get_object();
  Status status = ok();
  boost::mp11::mp_for_each<boost::describe::describe_members<Record, boost::describe::mod_public>>(
      [&](auto described) {
        if (!status) return;
        const std::string member = (where.empty() ? "" : where + ".") + described.name;
        const json::value* found = object.if_contains(described.name);
        if (found != nullptr) {
          status = read(*found, member, to.*described.pointer);
        } else if (is_required(described.name)) {
          status = config_error("member '" + member + "' is missing");
        }
      });
  return status;
}

template <class Record>
Result<Line> line_of(const json::value& from) {
  Record record;
  LOCKSTEP_TRY(read_record(from, "", record));
  return Line{std::move(record)};
}

}  // namespace

Result<Line> parse_json_line(std::string_view text) {
  LOCKSTEP_TRY(const auto value, parse_json(text));
  if (!value.is_object()) return config_error("expected a JSON object with a member 'type'");
  const json::value* type = value.get_object().if_contains("type");
  if (type == nullptr) return config_error("member 'type' is missing");
  std::string name;
  LOCKSTEP_TRY(read(*type, "type", name));
  if (name == kTypeName<RunHeader>) {
    LOCKSTEP_TRY(auto line, line_of<RunHeader>(value));
    const int schema = std::get<RunHeader>(line).schema;
    if (schema == kSchemaVersion) return line;
    return config_error("member 'schema': this version reads " + std::to_string(kSchemaVersion) +
                        ", found " + std::to_string(schema) + "; use the lockstep that wrote it");
  }
  if (name == kTypeName<CaseRecord>) return line_of<CaseRecord>(value);
  if (name == kTypeName<CoverageRecord>) return line_of<CoverageRecord>(value);
  if (name == kTypeName<BenchmarkRecord>) return line_of<BenchmarkRecord>(value);
  if (name == kTypeName<RunSummary>) return line_of<RunSummary>(value);
  return config_error("member 'type': expected run, case, coverage, benchmark or summary, found '" +
                      name.substr(0, 40) + "'");
}

}  // namespace lockstep::report
