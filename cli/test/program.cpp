#include "cli/test/program.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace lockstep::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }
};

pid_t spawn(const std::vector<std::string>& arguments, int output, int error) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (error >= 0) posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

int remaining_ms(Clock::time_point end) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

// Appends what there is; false at the end of the stream.
bool drain(int descriptor, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments,
                          std::chrono::seconds deadline) {
  ProgramResult result;
  Pipe output;
  Pipe error;
  const pid_t pid = spawn(arguments, output.write_end, error.write_end);
  close(output.write_end);
  close(error.write_end);
  if (pid < 0) {
    result.error = "cannot start " + arguments.front();
    close(output.read_end);
    close(error.read_end);
    return result;
  }
  const auto end = Clock::now() + deadline;
  bool output_open = true;
  bool error_open = true;
  while (output_open || error_open) {
    std::array<pollfd, 2> waiting{{{output_open ? output.read_end : -1, POLLIN, 0},
                                   {error_open ? error.read_end : -1, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), remaining_ms(end)) <= 0) {
      result.timed_out = true;
      kill(pid, SIGKILL);
      break;
    }
    if (waiting[0].revents != 0) output_open = drain(output.read_end, result.output);
    if (waiting[1].revents != 0) error_open = drain(error.read_end, result.error);
  }
  close(output.read_end);
  close(error.read_end);
  int status = 0;
  waitpid(pid, &status, 0);
  result.exit_code = exit_code_of(status);
  return result;
}

ProgramResult run_lockstep(std::vector<std::string> arguments, std::chrono::seconds deadline) {
  arguments.insert(arguments.begin(), LOCKSTEP_EXECUTABLE);
  return run_program(arguments, deadline);
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
  Pipe output;
  pid_ = spawn(arguments, output.write_end, -1);
  close(output.write_end);
  output_ = output.read_end;
}

RunningProgram::~RunningProgram() {
  static_cast<void>(stop());
  close(output_);
}

std::string RunningProgram::read_until(const std::string& text, std::chrono::seconds deadline) {
  std::string all;
  const auto end = Clock::now() + deadline;
  for (;;) {
    const std::size_t found = all.find(text);
    if (found != std::string::npos && all.find('\n', found) != std::string::npos) return all;
    pollfd waiting{output_, POLLIN, 0};
    if (poll(&waiting, 1, remaining_ms(end)) <= 0 || !drain(output_, all)) return all;
  }
}

void RunningProgram::kill_now() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int RunningProgram::end_with(int signal) {
  if (pid_ < 0) return -1;
  kill(pid_, signal);
  int status = 0;
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() >= end) {
      kill(pid_, SIGKILL);
      waitpid(pid_, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  pid_ = -1;
  return exit_code_of(status);
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lockstep-test-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace lockstep::cli
