#include "bench/process/child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace lockstep::bench {
namespace {

constexpr std::chrono::milliseconds kPoll{5};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Error cannot_fork() {
  return internal_error(std::string("starting a process: ") + std::strerror(errno));
}

// In the child. Dies with its parent, also when that ended before we asked for it.
void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string full = folder + "/" + name;
    if (!folder.empty() && ::access(full.c_str(), X_OK) == 0) return full;
  }
  return {};
}

Result<Child> Child::start(const std::vector<std::string>& arguments, const std::string& log,
                           const Variables& more) {
  std::vector<std::string> words = arguments;
  words[0] = find_program(arguments[0]);
  if (words[0].empty()) {
    return config_error("expected the program '" + arguments[0] + "', found none in PATH");
  }
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable)
    environment.push_back(*variable);
  for (const auto& [name, value] : more) environment.push_back(name + "=" + value);
  const auto argv = pointers_to(words);
  const auto envp = pointers_to(environment);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) return cannot_fork();
  if (process == 0) {
    die_with(parent);
    const int nothing = ::open("/dev/null", O_RDONLY);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  return Child(process);
}

Result<Child> Child::start_copy(const std::function<void()>& work) {
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) return cannot_fork();
  if (process == 0) {
    die_with(parent);
    work();
    ::_exit(0);
  }
  return Child(process);
}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill();
    process_ = std::exchange(other.process_, 0);
  }
  return *this;
}

bool Child::is_running() {
  if (process_ == 0) return false;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) == 0) return true;
  process_ = 0;
  return false;
}

int Child::wait(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (process_ != 0) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != 0) {
      process_ = 0;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    if (std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(kPoll);
  }
  kill();
  return -1;
}

void Child::kill() noexcept {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code ignored;
  const std::string base = ::access("/dev/shm", W_OK) == 0
                               ? std::string("/dev/shm")
                               : std::filesystem::temp_directory_path(ignored).string();
  std::string path = base + "/lockstep-peers-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return config_error("scratch folder in " + base + ": " + std::strerror(errno));
  }
  return ScratchFolder(path);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace lockstep::bench
