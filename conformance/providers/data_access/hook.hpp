// A user's program that exposes a volume and prints the URL of its LUN. Internal.
#pragma once

#include "conformance/providers/data_access/data_access.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace lockstep::conformance {

// Runs it without a shell, with the placeholders filled in, until it ends or the time is up; then
// it and what it has started are killed. Nothing but one line with a URL on standard output, and
// exit code 0: else an Error of Origin::Config that says what was found, and the last words on
// standard error without the secrets of the environment.
[[nodiscard]] Result<std::string> run_hook(const std::vector<std::string>& command,
                                           const ElementRef& element,
                                           const VolumeIdentity& identity,
                                           std::chrono::milliseconds time);

}  // namespace lockstep::conformance
