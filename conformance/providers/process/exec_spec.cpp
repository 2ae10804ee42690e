#include "conformance/providers/process/exec_spec.hpp"

#include "model/vocab/units_text.hpp"
#include "model/wire/http.hpp"

#include <sstream>
#include <string_view>

namespace lockstep::conformance {

Result<std::vector<std::string>> parse_command(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = '\0';
  for (const char letter : command) {
    if (quote != '\0') {
      if (letter == quote) {
        quote = '\0';
      } else {
        word += letter;
      }
    } else if (letter == '\'' || letter == '"') {
      quote = letter;
      inside = true;
    } else if (letter == ' ') {
      if (inside) words.push_back(word);
      word.clear();
      inside = false;
    } else {
      word += letter;
      inside = true;
    }
  }
  if (quote != '\0') {
    return usage_error("command '" + command + "': expected a closing " + quote + ", found none");
  }
  if (inside) words.push_back(word);
  if (words.empty() || words.front().empty()) {
    return usage_error("command '" + command +
                       "': expected a program, found none; for example exec:./adapter.py");
  }
  return words;
}

Result<ExecSpec> parse_exec_spec(const std::string& spec) {
  const std::string text = spec.substr(std::string_view(kExecScheme).size());
  const std::size_t question = text.find('?');
  ExecSpec parsed;
  LOCKSTEP_TRY(parsed.arguments, parse_command(text.substr(0, question)));
  if (question == std::string::npos) return parsed;
  std::istringstream options(text.substr(question + 1));
  for (std::string option; std::getline(options, option, '&');) {
    const std::size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (name == "portal") {
      parsed.portals.push_back(value);
    } else if (name == "data-access") {
      const auto file = wire::percent_decode(value);
      if (!file || file->empty()) {
        return usage_error("provider " + spec + ": expected a file for data-access, found '" +
                           value + "'");
      }
      parsed.data_access_file = *file;
    } else if (name == "deadline") {
      parsed.deadline = parse_duration(value);
      if (!parsed.deadline || parsed.deadline->count() == 0) {
        return usage_error("provider " + spec +
                           ": expected a deadline such as 500ms or 30s, found '" + value + "'");
      }
    } else {
      return usage_error("provider " + spec +
                         ": expected portal=URL, data-access=FILE or deadline=TIME, found '" +
                         option + "'");
    }
  }
  return parsed;
}

}  // namespace lockstep::conformance
