#include "conformance/providers/data_access/rules.hpp"

#include "model/vocab/units_text.hpp"
#include "target_impl/portal_data_path.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace lockstep::conformance {
namespace {

using By = DataAccessRule::By;

constexpr std::size_t kMostFileBytes = std::size_t{256} * 1024;
constexpr std::size_t kMostRules = 100;
constexpr std::chrono::milliseconds kLongestCommand{10 * 60 * 1000};

struct Kind {
  By by;
  std::string_view name;
  std::string_view key;  // what it needs; empty: nothing
};
constexpr std::array kKinds{Kind{By::Identifier, "identifier", ""}, Kind{By::Serial, "serial", ""},
                            Kind{By::Name, "name", "url"}, Kind{By::Table, "table", "urls"},
                            Kind{By::Command, "command", "command"}};

// Keeps the first mistake.
class Reading {
 public:
  explicit Reading(const std::string& file) : file_(file) {}

  void refuse(const std::string& where, const std::string& expected, const std::string& found) {
    if (!mistake_) {
      mistake_ = config_error(file_ + ": " + where + ": expected " + expected + ", found " + found);
    }
  }
  [[nodiscard]] const std::optional<Error>& mistake() const noexcept { return mistake_; }

  // Complains of keys that are not among `known`.
  void only(const toml::table& table, const std::string& where,
            const std::vector<std::string>& known) {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        refuse(where + name, "a key that is known",
               "none; did you mean " + lockstep::nearest(name, known));
      }
    }
  }
  [[nodiscard]] std::optional<std::string> text(const toml::node* node, const std::string& where) {
    if (node == nullptr) return std::nullopt;
    const auto found = node->value_exact<std::string>();
    if (!found || found->empty()) refuse(where, "a text that is not empty", "something else");
    return found;
  }
  [[nodiscard]] std::vector<std::string> texts(const toml::node* node, const std::string& where) {
    std::vector<std::string> found;
    if (node == nullptr) return found;
    if (!node->is_array()) refuse(where, "an array of texts", "something else");
    if (node->is_array()) {
      for (const toml::node& one : *node->as_array()) {
        found.push_back(text(&one, where).value_or(""));
      }
    }
    return found;
  }
  void lun_url(const std::string& url, const std::string& where) {
    check(check_lun_url(url), url, where, "iscsi://host[:port]/target/lun");
  }
  void target_url(const std::string& url, const std::string& where) {
    check(check_target_url(url), url, where, "iscsi://host[:port]/target");
  }

 private:
  void check(const Status& checked, const std::string& url, const std::string& where,
             const std::string& form) {
    if (!checked) refuse(where, form, "'" + url + "': " + checked.error().message);
  }

  std::string file_;
  std::optional<Error> mistake_;
};

// A volume of some name, to try a URL with.
std::string with_example_name(std::string url) {
  for (const std::string_view placeholder : {"{name}", "{lower_name}"}) {
    for (std::size_t at = url.find(placeholder); at != std::string::npos;
         at = url.find(placeholder)) {
      url.replace(at, placeholder.size(), "1");
    }
  }
  return url;
}

DataAccessRule read_rule(Reading& reading, const toml::table& table, const std::string& where) {
  DataAccessRule rule;
  const std::string by = reading.text(table.get("by"), where + "by").value_or("");
  const auto* kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& one) { return one.name == by; });
  if (kind == kKinds.end()) {
    reading.refuse(where + "by", "identifier, serial, name, table or command", "'" + by + "'");
    return rule;
  }
  rule.by = kind->by;
  std::vector<std::string> known{"by", "volumes"};
  if (!kind->key.empty()) {
    known.emplace_back(kind->key);
    if (!table.contains(kind->key)) {
      reading.refuse(where + std::string(kind->key), "it with by = \"" + by + "\"", "none");
    }
  }
  reading.only(table, where, known);
  rule.volumes = reading.text(table.get("volumes"), where + "volumes").value_or("*");
  if (rule.by == By::Name) {
    rule.url = reading.text(table.get("url"), where + "url").value_or("");
    if (rule.url.find("name}") == std::string::npos) {
      reading.refuse(where + "url", "{name} or {lower_name} in it", "'" + rule.url + "'");
    }
    reading.lun_url(with_example_name(rule.url), where + "url");
  }
  if (rule.by == By::Command) {
    rule.command = reading.texts(table.get("command"), where + "command");
    if (rule.command.empty()) reading.refuse(where + "command", "a program", "none");
  }
  if (rule.by == By::Table) {
    const toml::table* urls = table["urls"].as_table();
    if (urls == nullptr) {
      reading.refuse(where + "urls", "a table of URLs by volume name", "something else");
      return rule;
    }
    for (const auto& [name, value] : *urls) {
      const std::string place = where + "urls.\"" + std::string(name.str()) + "\"";
      const std::string url = reading.text(&value, place).value_or("");
      reading.lun_url(url, place);
      rule.urls.emplace(name.str(), url);
    }
  }
  return rule;
}

void read_rules(Reading& reading, const toml::table& document, DataAccessRules& rules) {
  reading.only(document, "", {"portals", "rule", "command_time"});
  rules.portals = reading.texts(document.get("portals"), "portals");
  for (const std::string& portal : rules.portals) reading.target_url(portal, "portals");
  if (const auto text = reading.text(document.get("command_time"), "command_time")) {
    const auto time = parse_duration(*text);
    if (time && time->count() > 0 && *time <= kLongestCommand) {
      rules.command_time = *time;
    } else {
      reading.refuse("command_time", "a time of at most 10m, such as 20s", "'" + *text + "'");
    }
  }
  const toml::node* list = document.get("rule");
  if (list == nullptr) return;
  const toml::array* array = list->as_array();
  if (array == nullptr || array->size() > kMostRules) {
    return reading.refuse("rule", "at most 100 tables [[rule]]", "something else");
  }
  for (const toml::node& one : *array) {
    const std::string where = "rule " + std::to_string(rules.rules.size() + 1) + ": ";
    const toml::table* table = one.as_table();
    if (table == nullptr) return reading.refuse("rule", "tables [[rule]]", "something else");
    rules.rules.push_back(read_rule(reading, *table, where));
  }
}

Result<std::string> text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto bytes = static_cast<std::size_t>(stream.gcount());
  if (stream.bad() || (bytes == 0 && !stream.eof())) {
    return config_error(file +
                        ": expected a file with rules of data access, found none that can "
                        "be read; check --data-access");
  }
  if (bytes > kMostFileBytes) {
    return config_error(file + ": expected at most 256 KiB, found more");
  }
  text.resize(bytes);
  return text;
}

}  // namespace

Result<DataAccessRules> parse_data_access_rules(std::string_view text, const std::string& name) {
  DataAccessRules rules;
  try {
    Reading reading(name);
    read_rules(reading, toml::parse(text), rules);
    if (reading.mistake()) return *reading.mistake();
  } catch (const toml::parse_error& error) {
    return config_error(name + ":" + std::to_string(error.source().begin.line) +
                        ": expected TOML, found: " + std::string(error.description()));
  }
  return rules;
}

Result<DataAccessRules> read_data_access_rules(const std::string& file) {
  LOCKSTEP_TRY(const std::string text, text_of(file));
  return parse_data_access_rules(text, file);
}

std::string to_text(const std::vector<DataAccessRule>& rules) {
  std::string text;
  for (const DataAccessRule& rule : rules) {
    const auto* kind = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const Kind& one) { return one.by == rule.by; });
    text += (text.empty() ? "by " : ", by ") + std::string(kind->name);
    if (rule.volumes != "*") text += " (" + rule.volumes + ")";
  }
  return text.empty() ? "by identifier" : text;
}

}  // namespace lockstep::conformance
