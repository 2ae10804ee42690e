#include "properties/harness/saved_case.hpp"

#include "properties/commands/command_json.hpp"
#include "properties/commands/json_reader.hpp"
#include "properties/commands/plan.hpp"
#include "properties/commands/whole_file.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lockstep::properties {
namespace {

constexpr std::size_t kLongestText = 64 * 1024;

boost::json::object to_json(const report::StepRecord& step) {
  boost::json::object object;
  object["operation"] = step.operation;
  object["answered"] = step.answered;
  object["expected"] = step.expected;
  object["model"] = step.model;
  object["differs"] = step.differs;
  return object;
}

Status read_operations(JsonReader& json, const std::string& where, Sequence& into) {
  const boost::json::value* list = json.require("operations");
  if (list == nullptr) return ok();  // json holds the trouble
  if (!list->is_array() || list->get_array().empty() ||
      list->get_array().size() > kMostOperations) {
    json.fail("operations", fmt::format("an array of 1 to {} operations", kMostOperations),
              excerpt(*list));
    return ok();
  }
  Plan plan;
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    const std::string place = fmt::format("{}.operations[{}]", where, i);
    LOCKSTEP_TRY(auto command, command_from_json(list->get_array()[i], place));
    if (!plan.possible(command)) {
      return config_error(fmt::format(
          "{}: expected an operation that is possible after the ones before it, found {}", place,
          to_text(command)));
    }
    plan.apply(command);
    into.push_back(std::move(command));
  }
  return ok();
}

Status read_observations(JsonReader& json, const std::string& where,
                         std::vector<report::StepRecord>& into) {
  const boost::json::value* list = json.find("observations");
  if (list == nullptr) return ok();
  if (!list->is_array() || list->get_array().size() > 4 * kMostOperations) {
    json.fail("observations", "an array", excerpt(*list));
    return ok();
  }
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    report::StepRecord step;
    JsonReader entry(list->get_array()[i], fmt::format("{}.observations[{}]", where, i));
    entry.read("operation", step.operation, kLongestText);
    entry.read("answered", step.answered, kLongestText);
    entry.read("expected", step.expected, kLongestText);
    entry.read("model", step.model, kLongestText);
    entry.read("differs", step.differs);
    LOCKSTEP_TRY(entry.finish());
    into.push_back(std::move(step));
  }
  return ok();
}

}  // namespace

// One member or list entry per line, so that people can read and diff a case.
std::string case_text(const SavedCase& saved) {
  const auto text = [](const std::string& value) {
    return boost::json::serialize(boost::json::value(value));
  };
  std::string out = "{\n";
  out += fmt::format("  \"format\": {},\n", kCaseFormat);
  out += fmt::format("  \"property\": {},\n", text(saved.property));
  out += fmt::format("  \"provider\": {},\n", text(saved.provider_spec));
  out += fmt::format("  \"suite_version\": {},\n", text(saved.suite_version));
  out += fmt::format("  \"seed\": {},\n", saved.seed);
  out += fmt::format("  \"reproduce\": {},\n", text(saved.reproduce));
  out += fmt::format("  \"clause\": {},\n", text(saved.clause));
  out += fmt::format("  \"expected\": {},\n", text(saved.expected));
  out += fmt::format("  \"observed\": {},\n", text(saved.observed));
  const auto list = [&](const char* name, std::size_t count, const auto& entry, bool last) {
    out += fmt::format("  \"{}\": [", name);
    for (std::size_t i = 0; i < count; ++i) {
      out += (i == 0 ? "\n    " : ",\n    ") + boost::json::serialize(entry(i));
    }
    out += last ? "\n  ]\n" : "\n  ],\n";
  };
  list(
      "operations", saved.operations.size(),
      [&](std::size_t i) { return to_json(saved.operations[i]); }, false);
  list(
      "observations", saved.observations.size(),
      [&](std::size_t i) { return boost::json::value(to_json(saved.observations[i])); }, true);
  return out + "}\n";
}

std::string suite_version() { return LOCKSTEP_SUITE_VERSION; }

std::string case_file_name(const SavedCase& saved) {
  std::uint32_t hash = 2166136261u;
  for (const Command& command : saved.operations) {
    for (const char letter : boost::json::serialize(to_json(command))) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619u;
    }
  }
  std::string stem = saved.property;
  std::transform(stem.begin(), stem.end(), stem.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return fmt::format("{}-{:04x}.case.json", stem, (hash ^ (hash >> 16)) & 0xffffu);
}

Status write_case(const std::filesystem::path& file, const SavedCase& saved) {
  return write_whole_file(file, case_text(saved), "saved case");
}

Result<SavedCase> read_case(const std::filesystem::path& file) {
  LOCKSTEP_TRY(const auto text, read_whole_file(file, kLargestCaseBytes, "saved case"));
  return parse_case(text, "saved case " + file.string());
}

Result<SavedCase> parse_case(const std::string& text, const std::string& where) {
  boost::system::error_code trouble;
  boost::json::parse_options bounds;
  bounds.max_depth = 8;
  const boost::json::value document = boost::json::parse(text, trouble, {}, bounds);
  if (trouble) {
    return config_error(fmt::format("{}: expected JSON, found: {}; the file may be cut short",
                                    where, trouble.message()));
  }
  JsonReader json(document, where);
  std::uint64_t format = 0;
  json.read("format", format, UINT32_MAX);
  if (!json.failed() && format != kCaseFormat) {
    json.fail("format", fmt::format("version {}", kCaseFormat), std::to_string(format));
  }
  if (json.failed()) {
    LOCKSTEP_TRY(json.finish());
  }
  SavedCase saved;
  json.read("property", saved.property, 256);
  json.read("provider", saved.provider_spec, 1024);
  json.read("suite_version", saved.suite_version, 256);
  json.read("seed", saved.seed, UINT64_MAX);
  json.read("reproduce", saved.reproduce, kLongestText);
  json.read("clause", saved.clause, 64);
  json.read("expected", saved.expected, kLongestText);
  json.read("observed", saved.observed, kLongestText);
  LOCKSTEP_TRY(read_operations(json, where, saved.operations));
  LOCKSTEP_TRY(read_observations(json, where, saved.observations));
  LOCKSTEP_TRY(json.finish());
  return saved;
}

}  // namespace lockstep::properties
