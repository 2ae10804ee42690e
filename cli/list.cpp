// lockstep list: what there is.
#include "bench/bench.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "conformance/clauses/catalogue.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace lockstep::cli {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

json::array list_cases() {
  json::array rows;
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    rows.push_back(json::object{{"id", info.id},
                                {"method", info.method},
                                {"clauses", strings(info.clauses)},
                                {"level", info.level},
                                {"does", info.does},
                                {"requires", info.requires_text}});
  }
  return rows;
}

json::array list_clauses() {
  json::array rows;
  for (const conformance::Clause& clause : conformance::catalogue()) {
    rows.push_back(json::object{{"id", clause.id},
                                {"method", clause.method},
                                {"level", conformance::to_text(clause.level)},
                                {"statement", clause.statement},
                                {"untestable", clause.untestable}});
  }
  return rows;
}

json::array list_providers() {
  json::array rows{json::object{{"id", "reference"},
                                {"description", "the built-in reference target and service"}},
                   json::object{{"id", "null"}, {"description", "refuses everything, legally"}}};
  for (const ReferenceVariant& variant : reference_variants()) {
    rows.push_back(json::object{{"id", "reference:" + variant.name},
                                {"description", "conforms; " + variant.description}});
  }
  for (const conformance::FaultyProvider& faulty : conformance::faulty_providers()) {
    rows.push_back(
        json::object{{"id", "faulty:" + faulty.name},
                     {"description", faulty.description + " [" + joined(faulty.clauses) + "]"}});
  }
  return rows;
}

json::array list_benchmarks() {
  json::array rows;
  for (const std::string& name : bench::list_benchmarks({}))
    rows.push_back(json::object{{"id", name}});
  return rows;
}

}  // namespace

int run(const ListOptions& options) {
  json::array rows;
  if (options.what == "cases") rows = list_cases();
  if (options.what == "clauses") rows = list_clauses();
  if (options.what == "providers") rows = list_providers();
  if (options.what == "benchmarks") rows = list_benchmarks();
  if (options.json) {
    print(json::serialize(rows));
    return kAsExpected;
  }
  for (const json::value& row : rows) {
    std::string text;
    for (const char* member : {"does", "statement", "description"}) {
      if (const auto* found = row.as_object().if_contains(member))
        text = found->as_string().c_str();
    }
    print(fmt::format("{:<44} {}", row.at("id").as_string().c_str(), text));
  }
  return kAsExpected;
}

}  // namespace lockstep::cli
