// A provider behind a child process, as people name it: exec:COMMAND[?portal=URL&
// data-access=FILE&deadline=30s].
#pragma once

#include "model/vocab/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::conformance {

inline constexpr const char* kExecScheme = "exec:";

struct ExecSpec {
  std::vector<std::string> arguments;                 // the program and what it is given
  std::vector<std::string> portals;                   // iSCSI targets, besides those it names
  std::string data_access_file;                       // rules; empty: none
  std::optional<std::chrono::milliseconds> deadline;  // of every call
};

// Words of COMMAND are parted by spaces; single or double quotes hold words together. No shell is
// involved. No program, an open quote or an unknown option: Origin::Usage.
[[nodiscard]] Result<ExecSpec> parse_exec_spec(const std::string& spec);
// A command without the scheme and its options.
[[nodiscard]] Result<std::vector<std::string>> parse_command(const std::string& command);

}  // namespace lockstep::conformance
