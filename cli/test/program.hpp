// Runs a program the way a person would and says what came of it.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lockstep::cli {

struct ProgramResult {
  int exit_code = -1;  // -1: ended by a signal or by the deadline
  bool timed_out = false;
  std::string output;  // standard output
  std::string error;   // standard error
};

// `arguments[0]` is the program, found on PATH when it has no slash. Killed after `deadline`.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments,
                                        std::chrono::seconds deadline = std::chrono::seconds(10));

// The lockstep executable under test, with `arguments` behind it.
[[nodiscard]] ProgramResult run_lockstep(std::vector<std::string> arguments,
                                         std::chrono::seconds deadline = std::chrono::seconds(10));

// A program left running; ended (SIGTERM, then SIGKILL) with the object.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  // Standard output up to and including the first line that holds `text`; what there is when
  // `deadline` passes or the output ends.
  [[nodiscard]] std::string read_until(const std::string& text, std::chrono::seconds deadline);
  // SIGKILL, and waits for the end.
  void kill_now();
  // SIGTERM, then the exit code; -1 when it had to be killed.
  [[nodiscard]] int stop() { return end_with(SIGTERM); }
  // The same with another signal.
  [[nodiscard]] int end_with(int signal);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// A fresh folder, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace lockstep::cli
