// Ctrl-C and SIGTERM, as a question that long-running subcommands ask.
#pragma once

namespace lockstep::cli {

// From now on SIGINT and SIGTERM are remembered instead of ending the process; a second one ends
// it.
void watch_for_interrupt();
[[nodiscard]] bool interrupted() noexcept;

}  // namespace lockstep::cli
