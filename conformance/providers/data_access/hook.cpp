#include "conformance/providers/data_access/hook.hpp"

#include "conformance/providers/evidence.hpp"
#include "conformance/providers/process/child.hpp"
#include "target_impl/portal_data_path.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr std::size_t kMostLineBytes = 1024;
constexpr std::size_t kMostWordsShown = 300;
constexpr std::chrono::milliseconds kNoPatience{0};

// A placeholder in a value is no placeholder: each argument is gone through once.
std::string filled_in(const std::string& argument, const ElementRef& element,
                      const VolumeIdentity& identity) {
  const std::pair<std::string_view, const std::string&> known[] = {{"{name}", identity.name},
                                                                   {"{path}", element.path},
                                                                   {"{identifier}", identity.naa},
                                                                   {"{serial}", identity.serial}};
  std::string filled;
  for (std::size_t at = 0; at < argument.size();) {
    const auto* found =
        std::find_if(std::begin(known), std::end(known), [&](const auto& placeholder) {
          return argument.compare(at, placeholder.first.size(), placeholder.first) == 0;
        });
    if (found == std::end(known)) {
      filled += argument[at++];
    } else {
      filled += found->second;
      at += found->first.size();
    }
  }
  return filled;
}

// The end of what it said, on one line and without control characters.
std::string last_words(Child& child) {
  std::string text = Evidence(secrets_of_environment()).without_secrets(child.take_errors());
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return {};
  if (text.size() > kMostWordsShown) text.erase(0, text.size() - kMostWordsShown);
  for (char& letter : text) {
    if (letter >= 0 && letter < ' ') letter = ' ';
  }
  return "; it said: " + text;
}

}  // namespace

Result<std::string> run_hook(const std::vector<std::string>& command, const ElementRef& element,
                             const VolumeIdentity& identity, std::chrono::milliseconds time) {
  std::vector<std::string> arguments{command.front()};  // the program is nobody's name
  for (std::size_t i = 1; i < command.size(); ++i) {
    arguments.push_back(filled_in(command[i], element, identity));
  }
  const std::string subject = "data access command " + command.front() + ": ";
  const Deadline deadline = std::chrono::steady_clock::now() + time;
  auto started = Child::start(arguments);
  if (!started) return config_error(subject + started.error().message);
  Child& child = *started.value();
  child.close_input();
  const auto line = child.receive(deadline, kMostLineBytes);
  // A last line may go without its newline.
  const std::string rest = line ? std::string() : child.unread();
  const auto refuse = [&](const std::string& found) {
    const std::string how = child.end(kNoPatience);
    return config_error(subject + "expected one line with iscsi://host[:port]/target/lun, found " +
                        found + " (" + how + ")" + last_words(child));
  };
  if (!line && (line.error() != Child::Trouble::Ended || rest.empty())) {
    switch (line.error()) {
      case Child::Trouble::Ended:
        // Its output ends a moment before itself; how it ends by itself says why.
        static_cast<void>(child.ended_by(deadline));
        return refuse("none");
      case Child::Trouble::TooLate:
        return refuse("none within " + std::to_string(time.count()) + " ms");
      case Child::Trouble::TooLong:
        return refuse("more than " + std::to_string(kMostLineBytes) + " bytes");
    }
  }
  const auto second = child.receive(deadline, kMostLineBytes);
  const bool more =
      second || second.error() == Child::Trouble::TooLong || (line && !child.unread().empty());
  if (more) return refuse("a second line");
  if (second.error() == Child::Trouble::TooLate || !child.ended_by(deadline)) {
    return refuse("that it did not end within " + std::to_string(time.count()) + " ms");
  }
  const std::string how = child.end(kNoPatience);
  if (!child.ended_well()) {
    return config_error(subject + "expected exit code 0, found " + how + last_words(child));
  }
  std::string url = line ? line.value() : rest;
  if (const auto checked = check_lun_url(url); !checked) {
    return config_error(subject + checked.error().message);
  }
  return url;
}

}  // namespace lockstep::conformance
