// Exit codes of every subcommand.
#pragma once

namespace lockstep::cli {

enum ExitCode : int {
  kAsExpected = 0,
  kUnexpected = 1,    // a failure, or a replay that no longer fails
  kInconclusive = 2,  // inconclusive or flaky results only
  kUsage = 64,        // the command line, a file or an option is wrong
  kUnreachable = 69,  // the provider or target cannot be reached
  kOurBug = 70,
  kNothingRan = 77,
  kInterrupted = 130,
};

}  // namespace lockstep::cli
