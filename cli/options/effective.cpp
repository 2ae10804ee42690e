// The effective configuration of a subcommand, and where each value comes from.
#include "cli/options/subcommands.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace lockstep::cli {
namespace {

// Secrets, and what leads to them: whether they are there is said, what they are is not.
struct Secret {
  const char* variable;
  bool shown;
};
constexpr Secret kFromEnvironmentOnly[] = {{"LOCKSTEP_CIMXML_USER", true},
                                           {"LOCKSTEP_CIMXML_PASSWORD", false},
                                           {"LOCKSTEP_CIMXML_PASSWORD_FILE", true}};

std::string quoted(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  if (plain || text == "true" || text == "false") return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string list_text(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + quoted(value);
  return "[" + text + "]";
}

bool on_command_line(const CLI::Option& option, const std::vector<std::string>& arguments) {
  if (option.get_positional()) return true;  // or in a file, which has been looked at
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    const std::string name = argument.substr(0, argument.find('='));
    return std::any_of(option.get_lnames().begin(), option.get_lnames().end(),
                       [&](const std::string& known) { return name == "--" + known; }) ||
           std::any_of(option.get_snames().begin(), option.get_snames().end(),
                       [&](const std::string& known) { return argument == "-" + known; });
  });
}

std::string value_of(const CLI::Option& option) {
  const bool flag = option.get_items_expected_max() == 0;
  if (option.count() == 0) {
    if (flag) return "false";
    const std::string& standard = option.get_default_str();
    return standard.empty() ? std::string() : quoted(standard);
  }
  if (flag) return "true";
  return option.get_items_expected_max() > 1 ? list_text(option.results())
                                             : quoted(option.results().back());
}

void add_line(std::string& text, const std::string& name, const std::string& value,
              const std::string& origin) {
  constexpr std::size_t kColumn = 44;
  std::string line = value.empty() ? "# " + name + " is not set" : name + " = " + value;
  if (line.size() < kColumn) line.append(kColumn - line.size(), ' ');
  text += line + "  # " + origin + "\n";
}

}  // namespace

std::string effective_configuration(const CLI::App& sub, const std::vector<std::string>& arguments,
                                    const std::set<std::string>& configured) {
  std::string text = "[" + sub.get_name() + "]\n";
  for (const CLI::Option* option : sub.get_options()) {
    const std::string name =
        option->get_lnames().empty() ? option->get_name() : option->get_lnames().front();
    if (name == "help" || name == "config" || name == "print-config") continue;
    std::string origin = "default";
    if (option->count() > 0) {
      origin = configured.contains(name)             ? "file"
               : on_command_line(*option, arguments) ? "command line"
                                                     : "environment " + option->get_envname();
    }
    add_line(text, name, value_of(*option), origin);
  }
  text += "\n# From the environment only:\n";
  for (const auto& [variable, shown] : kFromEnvironmentOnly) {
    const char* value = std::getenv(variable);
    const std::string said = value == nullptr ? "" : shown ? quoted(value) : "\"(secret)\"";
    add_line(text, (value == nullptr ? "" : "# ") + std::string(variable), said,
             value == nullptr ? "default" : "environment");
  }
  return text;
}

}  // namespace lockstep::cli
