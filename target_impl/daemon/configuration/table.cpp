#include "target_impl/daemon/configuration/table.hpp"

#include "model/vocab/units_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace lockstep::target {
namespace {

constexpr std::size_t kMostShown = 80;

std::string kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return quoted(node.as_string()->get().substr(0, kMostShown));
    case toml::node_type::integer:
      return std::to_string(node.as_integer()->get());
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return node.as_boolean()->get() ? "true" : "false";
    default:
      return "a date or time";
  }
}

std::string list_of(const std::vector<std::string>& items) {
  std::string list = "[";
  for (const std::string& item : items) {
    list += (list.size() > 1 ? ", " : "") + item;
  }
  return list + "]";
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", unsigned{byte});
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Reading::place_of(const toml::source_region& region) const {
  if (!region.begin) {
    return "command line";
  }
  return file + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

void Reading::refuse(const toml::source_region& region, const std::string& path,
                     const std::string& expected, const std::string& found) {
  if (!mistake) {
    mistake = place_of(region) + ": " + path + ": expected " + expected + ", found " + found;
  }
}

std::string Table::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const toml::node* Table::ask(std::string_view key) {
  known_.emplace_back(key);
  return table_->get(key);
}

void Table::note(std::string_view key, const std::optional<std::string>& value) {
  const toml::node* node = table_->get(key);
  std::string origin = "default";
  if (node != nullptr) {
    const auto& begin = node->source().begin;
    origin = begin ? reading_->file + ":" + std::to_string(begin.line) : "command line";
  }
  reading_->effective.push_back(
      {value ? std::string(key) + " = " + *value : "# " + std::string(key) + " is not set",
       std::move(origin)});
}

void Table::unset(std::string_view key, const std::string& meaning) {
  static_cast<void>(ask(key));
  reading_->effective.push_back({"# " + std::string(key) + " is not set", "default: " + meaning});
}

void Table::heading(const std::string& text) { reading_->effective.push_back({text, ""}); }

void Table::refuse(std::string_view key, const std::string& expected, const std::string& found,
                   std::optional<std::size_t> at) {
  const toml::node* node = table_->get(key);
  std::string path = path_of(key);
  if (node != nullptr && at && node->is_array()) {
    path += "[" + std::to_string(*at) + "]";
    node = node->as_array()->get(*at);
  }
  reading_->refuse(node != nullptr ? node->source() : table_->source(), path, expected, found);
}

void Table::refuse_type(std::string_view key, const toml::node& node, const std::string& expected) {
  reading_->refuse(node.source(), path_of(key), expected, kind_of(node));
}

void Table::text(std::string_view key, std::string& value) {
  if (const toml::node* node = ask(key)) {
    if (const auto* string = node->as_string()) {
      value = string->get();
    } else {
      refuse_type(key, *node, "a string");
    }
  }
  note(key, quoted(value));
}

void Table::text(std::string_view key, std::optional<std::string>& value) {
  if (const toml::node* node = ask(key)) {
    if (const auto* string = node->as_string()) {
      value = string->get();
    } else {
      refuse_type(key, *node, "a string");
    }
  }
  note(key, value ? std::optional(quoted(*value)) : std::nullopt);
}

void Table::texts(std::string_view key, std::vector<std::string>& values) {
  if (const toml::node* node = ask(key)) {
    const auto* array = node->as_array();
    if (array == nullptr) {
      refuse_type(key, *node, "an array of strings");
    }
    for (std::size_t i = 0; array != nullptr && i != array->size(); ++i) {
      const toml::node& element = *array->get(i);
      if (const auto* string = element.as_string()) {
        values.push_back(string->get());
      } else {
        refuse_type(std::string(key) + "[" + std::to_string(i) + "]", element, "a string");
      }
    }
  }
  std::vector<std::string> shown;
  std::transform(values.begin(), values.end(), std::back_inserter(shown), quoted);
  note(key, list_of(shown));
}

void Table::boolean(std::string_view key, bool& value) {
  if (const toml::node* node = ask(key)) {
    if (const auto* boolean = node->as_boolean()) {
      value = boolean->get();
    } else {
      refuse_type(key, *node, "true or false");
    }
  }
  note(key, value ? "true" : "false");
}

void Table::size(std::string_view key, std::uint64_t& bytes, Range<std::uint64_t> range) {
  if (const toml::node* node = ask(key)) {
    std::optional<std::uint64_t> found;
    if (const auto* string = node->as_string()) {
      found = parse_byte_size(string->get());
    }
    if (!found) {
      refuse_type(key, *node, R"(a size such as "512MiB" or "64GiB")");
    } else if (*found < range.least || *found > range.most) {
      refuse(key,
             "a size from " + byte_size_text(range.least) + " to " + byte_size_text(range.most),
             kind_of(*node));
    } else {
      bytes = *found;
    }
  }
  note(key, quoted(byte_size_text(bytes)));
}

void Table::duration(std::string_view key, std::chrono::milliseconds& value,
                     Range<std::chrono::milliseconds> range, bool may_be_off) {
  if (const toml::node* node = ask(key)) {
    const auto* string = node->as_string();
    const auto found = string != nullptr ? parse_duration(string->get()) : std::nullopt;
    if (may_be_off && string != nullptr && string->get() == "off") {
      value = std::chrono::milliseconds(0);
    } else if (!found) {
      refuse_type(key, *node,
                  std::string(R"(a duration such as "500ms", "30s" or "10m")") +
                      (may_be_off ? R"(, or "off")" : ""));
    } else if (*found < range.least || *found > range.most) {
      refuse(key,
             "a duration from " + duration_text(range.least) + " to " + duration_text(range.most),
             kind_of(*node));
    } else {
      value = *found;
    }
  }
  note(key, value.count() == 0 && may_be_off ? quoted("off") : quoted(duration_text(value)));
}

std::optional<std::int64_t> Table::whole_number(std::string_view key, std::int64_t least,
                                                std::int64_t most) {
  const toml::node* node = ask(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto* integer = node->as_integer();
  if (integer == nullptr || integer->get() < least || integer->get() > most) {
    refuse_type(key, *node,
                "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return integer->get();
}

void Table::numbers(std::string_view key, std::vector<std::uint16_t>& values,
                    Range<std::uint16_t> range) {
  const std::string expected =
      "whole numbers from " + std::to_string(range.least) + " to " + std::to_string(range.most);
  if (const toml::node* node = ask(key)) {
    const auto* array = node->as_array();
    if (array == nullptr) {
      refuse_type(key, *node, "an array of " + expected);
    }
    for (std::size_t i = 0; array != nullptr && i != array->size(); ++i) {
      const toml::node& element = *array->get(i);
      const auto* integer = element.as_integer();
      if (integer != nullptr && integer->get() >= range.least && integer->get() <= range.most) {
        values.push_back(static_cast<std::uint16_t>(integer->get()));
      } else {
        refuse_type(std::string(key) + "[" + std::to_string(i) + "]", element, expected);
      }
    }
  }
  std::vector<std::string> shown;
  std::transform(values.begin(), values.end(), std::back_inserter(shown),
                 [](std::uint16_t value) { return std::to_string(value); });
  note(key, list_of(shown));
}

std::vector<Table> Table::tables(std::string_view key) {
  std::vector<Table> found;
  const toml::node* node = ask(key);
  if (node == nullptr) {
    return found;
  }
  const auto* array = node->as_array();
  const std::string heading = "[[" + std::string(key) + "]] tables";
  if (array == nullptr) {
    refuse_type(key, *node, heading);
    return found;
  }
  for (std::size_t i = 0; i != array->size(); ++i) {
    const std::string name = std::string(key) + "[" + std::to_string(i) + "]";
    if (const auto* element = array->get(i)->as_table()) {
      found.emplace_back(*reading_, *element, path_of(name));
    } else {
      refuse_type(name, *array->get(i), heading);
    }
  }
  return found;
}

Table Table::table(std::string_view key) {
  static const toml::table kEmpty;
  const toml::node* node = ask(key);
  if (node != nullptr && !node->is_table()) {
    refuse_type(key, *node, "a table, [" + path_of(key) + "]");
    node = nullptr;
  }
  return {*reading_, node != nullptr ? *node->as_table() : kEmpty, path_of(key)};
}

void Table::require(std::string_view key, const std::string& expected, const std::string& example) {
  if (!has(key)) {
    missing_.push_back({std::string(key), expected, example});
  }
}

void Table::forbid(std::string_view key, const std::string& expected, const std::string& found) {
  if (const toml::node* node = ask(key)) {
    reading_->refuse(node->source(), path_of(key), expected, found);
  }
  known_.pop_back();
}

void Table::finish() {
  const toml::key* unknown = nullptr;
  for (const auto& [key, node] : *table_) {
    const bool is_known = std::find(known_.begin(), known_.end(), key.str()) != known_.end();
    const bool is_first = unknown == nullptr || key.source().begin < unknown->source().begin;
    if (!is_known && is_first) {
      unknown = &key;
    }
  }
  if (unknown != nullptr) {
    const std::string name(unknown->str().substr(0, kMostShown));
    const std::string shown = quoted(name);
    const bool is_plain = shown.size() == name.size() + 2;
    reading_->refuse(unknown->source(), path_of(is_plain ? name : shown), "a key that exists here",
                     "an unknown one; did you mean " + nearest(name, known_) + "?");
  }
  for (const Missing& missing : missing_) {
    reading_->refuse(table_->source(), path_of(missing.key), missing.expected,
                     "nothing; add " + missing.example);
  }
}

}  // namespace lockstep::target
