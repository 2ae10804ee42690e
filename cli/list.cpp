// lockstep list: what there is.
#include "bench/bench.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/harness_cases.hpp"
#include "cli/run_provider.hpp"
#include "cli/selection.hpp"
#include "conformance/clauses/catalogue.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "model/core/rules.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <map>

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

Result<std::vector<conformance::CaseInfo>> selected_cases(const SelectionOptions& options) {
  LOCKSTEP_TRY(const auto selection, selection_of(options));
  return conformance::select_cases(selection);
}

Status mark_skips(const std::string& spec, std::vector<conformance::CaseInfo>& cases) {
  LOCKSTEP_TRY(const auto provider, open_provider(spec));
  return conformance::find_skips(*provider, cases);
}

json::array list_cases(const std::vector<conformance::CaseInfo>& cases) {
  json::array rows;
  for (const conformance::CaseInfo& info : cases) {
    json::object row{{"id", info.id},
                     {"method", info.method},
                     {"clauses", strings(info.clauses)},
                     {"level", info.level},
                     {"does", info.does},
                     {"requires", info.requires_text},
                     {"features", strings(info.features)},
                     {"tags", strings(info.tags)}};
    if (info.disabled) {
      row["skip"] = "Disabled: excluded by the user";
    } else if (!info.skip.empty()) {
      row["skip"] = info.skip;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Every value of that kind, and how many cases have it.
json::array list_values(std::vector<std::string> conformance::CaseInfo::*values) {
  std::map<std::string, std::size_t> counts;
  for (const conformance::CaseInfo& info : conformance::list_cases()) {
    for (const std::string& value : info.*values) ++counts[value];
  }
  json::array rows;
  for (const auto& [value, count] : counts) {
    rows.push_back(json::object{{"id", value}, {"description", fmt::format("{} cases", count)}});
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

json::array list_rules() {
  json::array rows;
  for (const model::Rule& rule : model::rules()) {
    rows.push_back(
        json::object{{"id", rule.id},
                     {"applies", rule.applies},
                     {"source", rule.basis},
                     {"statement", fmt::format("{}: {}", rule.applies, rule.statement)}});
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
  bench::BenchOptions options;
  options.outside = harness_cases();
  for (const std::string& name : bench::list_benchmarks(options))
    rows.push_back(json::object{{"id", name}});
  return rows;
}

}  // namespace

int run(const ListOptions& options) {
  json::array rows;
  if (options.what == "cases") {
    auto cases = selected_cases(options.selection);
    if (!cases) return fail_selection(cases.error());
    if (options.provider) {
      const auto marked = mark_skips(*options.provider, cases.value());
      if (!marked) return fail(marked.error());
    }
    rows = list_cases(cases.value());
  }
  if (options.what == "features") rows = list_values(&conformance::CaseInfo::features);
  if (options.what == "tags") rows = list_values(&conformance::CaseInfo::tags);
  if (options.what == "clauses") rows = list_clauses();
  if (options.what == "rules") rows = list_rules();
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
    if (const auto* skip = row.as_object().if_contains("skip"))
      text += fmt::format("  [{}]", skip->as_string().c_str());
    print(fmt::format("{:<44} {}", row.at("id").as_string().c_str(), text));
  }
  return kAsExpected;
}

}  // namespace lockstep::cli
