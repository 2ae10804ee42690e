// Goal: the commands in the documents work. Method: every line of a ```sh block in README.md and
// docs/ that starts with "lockstep " is run, in the order of its document, in one fresh folder per
// document. A trailing comment "# exits N" says which exit code is expected; otherwise it is 0.
#include "cli/test/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct DocumentedCommand {
  std::string line;
  std::vector<std::string> arguments;
  int exit_code = 0;
};

std::vector<std::string> split_arguments(const std::string& text) {
  std::vector<std::string> arguments;
  std::string current;
  bool quoted = false;
  for (const char letter : text) {
    if (letter == '\'') {
      quoted = !quoted;
    } else if (letter == ' ' && !quoted) {
      if (!current.empty()) arguments.push_back(std::exchange(current, {}));
    } else {
      current += letter;
    }
  }
  if (!current.empty()) arguments.push_back(current);
  return arguments;
}

std::vector<DocumentedCommand> commands_of(const fs::path& document) {
  std::vector<DocumentedCommand> commands;
  std::ifstream stream(document);
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) {
      inside = !inside && line == "```sh";
      continue;
    }
    if (!inside || !line.starts_with("lockstep ")) continue;
    DocumentedCommand command;
    command.line = line;
    const std::size_t comment = line.find(" #");
    const std::string remark = comment == std::string::npos ? "" : line.substr(comment);
    if (const std::size_t exits = remark.find("exits "); exits != std::string::npos) {
      command.exit_code = std::stoi(remark.substr(exits + 6));
    }
    command.arguments =
        split_arguments(line.substr(9, comment == std::string::npos ? comment : comment - 9));
    commands.push_back(std::move(command));
  }
  return commands;
}

std::vector<fs::path> documents() {
  std::vector<fs::path> found{"README.md"};
  for (const auto& entry : fs::recursive_directory_iterator("docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Docs, CommandsAreFoundAtAll) { EXPECT_GE(commands_of("README.md").size(), 3U); }

TEST(Docs, EveryCommandWorksAsWritten) {
  for (const fs::path& document : documents()) {
    const auto commands = commands_of(document);
    if (commands.empty()) continue;
    TemporaryFolder folder;
    for (const DocumentedCommand& command : commands) {
      // env -C: in the document's folder, so that out/latest means what the reader sees.
      // A command may name `lockstep` again, as the adapter to start.
      const std::string path = "PATH=" + fs::path(LOCKSTEP_EXECUTABLE).parent_path().string() +
                               ":" + std::getenv("PATH");
      std::vector<std::string> arguments{"env", "-C", folder.path(), path, LOCKSTEP_EXECUTABLE};
      arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
      const auto result = run_program(arguments, std::chrono::seconds(120));
      EXPECT_EQ(result.exit_code, command.exit_code) << document << ": " << command.line << "\n"
                                                     << result.output << result.error;
    }
  }
}

}  // namespace
}  // namespace lockstep::cli
