// Options from a file: the same names as on the command line, one TOML table for each subcommand.
// Read once the command line and the environment have been: what they say is left as it is.
#include "cli/options/subcommands.hpp"
#include "target_impl/daemon/configuration/small_file.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace lockstep::cli {
namespace {

constexpr std::size_t kMostFileKib = 64;

std::string name_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name() : option.get_lnames().front();
}

// What a file cannot say: what ends the program at once, and where the file is.
bool in_files(const CLI::Option& option) {
  const std::string name = name_of(option);
  return name != "help" && name != "print-config" && name != "config";
}

std::string place(const std::string& file, const toml::node& node) {
  return file + ":" + std::to_string(node.source().begin.line) + ": ";
}

// As one writes it on the command line; nothing for what cannot be written there.
std::optional<std::string> written(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  return std::nullopt;
}

class FileReading {
 public:
  FileReading(const CLI::App& sub, const std::string& file) : sub_(sub), file_(file) {
    for (const CLI::Option* option : sub.get_options()) {
      if (in_files(*option)) known_.push_back(name_of(*option));
    }
  }

  Status add(const std::string& key, const toml::node& value) {
    const CLI::Option* option = find(key);
    if (option == nullptr) {
      return config_error(place(file_, value) + "'" + key + "' is no option of `lockstep " +
                          sub_.get_name() + "`; did you mean '" + nearest(key, known_) + "'?");
    }
    std::vector<std::string> values;
    if (const toml::array* array = value.as_array()) {
      if (option->get_items_expected_max() <= 1) return refuse(key, value, "one value");
      for (const toml::node& one : *array) {
        const auto text = written(one);
        if (!text) return refuse(key, one, "texts, numbers, true or false");
        values.push_back(*text);
      }
    } else {
      const auto text = written(value);
      if (!text) return refuse(key, value, "a text, a number, true, false, or an array of them");
      values.push_back(*text);
    }
    return pass_on(*option, key, value, values);
  }

  [[nodiscard]] Configured take() && { return std::move(result_); }

 private:
  [[nodiscard]] const CLI::Option* find(const std::string& key) const {
    for (const CLI::Option* option : sub_.get_options()) {
      if (in_files(*option) && name_of(*option) == key) return option;
    }
    return nullptr;
  }

  [[nodiscard]] Status refuse(const std::string& key, const toml::node& node,
                              const std::string& expected) const {
    return config_error(place(file_, node) + key + ": expected " + expected);
  }

  Status pass_on(const CLI::Option& option, const std::string& key, const toml::node& node,
                 const std::vector<std::string>& values) {
    const bool flag = option.get_items_expected_max() == 0;
    if (flag && !node.is_boolean()) return refuse(key, node, "true or false");
    if (flag && values.front() == "false") return ok();
    if (key == "allow-data-loss") {
      return refuse(key, node, "this permission on the command line, where somebody gives it");
    }
    if (option.count() > 0) return ok();
    const bool positional = option.get_lnames().empty();
    result_.names.insert(key);
    for (const std::string& value : values) {
      if (positional && value.starts_with('-')) {
        return refuse(key, node, "no option, found '" + value + "'");
      }
      result_.arguments.push_back(positional ? value
                                  : flag     ? "--" + key
                                             : "--" + key + "=" + value);
    }
    return ok();
  }

  const CLI::App& sub_;
  const std::string& file_;
  std::vector<std::string> known_;
  Configured result_;
};

Result<toml::table> parse(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return config_error(file + ":" + std::to_string(error.source().begin.line) + ": " +
                        std::string(error.description()));
  }
}

}  // namespace

bool has_options_file(const CLI::App& sub) {
  return sub.get_name() != "target" && sub.get_option_no_throw("--config") != nullptr;
}

Result<Configured> read_configured(const CLI::App& program, const CLI::App& sub,
                                   const std::string& file) {
  LOCKSTEP_TRY(const std::string text,
               target::read_small_text(file, kMostFileKib, "--config " + file));
  return parse_configured(program, sub, text, file);
}

Result<Configured> parse_configured(const CLI::App& program, const CLI::App& sub,
                                    const std::string& text, const std::string& file) {
  LOCKSTEP_TRY(const toml::table content, parse(text, file));
  std::vector<std::string> names;
  for (const CLI::App* one : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (has_options_file(*one)) names.push_back(one->get_name());
  }
  FileReading reading(sub, file);
  for (const auto& [key, node] : content) {
    const std::string name(key.str());
    if (!node.is_table() || std::find(names.begin(), names.end(), name) == names.end()) {
      return config_error(place(file, node) + "expected a table such as [" + sub.get_name() +
                          "], found '" + name + "'; did you mean [" + nearest(name, names) + "]?");
    }
    if (name != sub.get_name()) continue;
    for (const auto& [option, value] : *node.as_table()) {
      LOCKSTEP_TRY(reading.add(std::string(option.str()), value));
    }
  }
  return std::move(reading).take();
}

}  // namespace lockstep::cli
