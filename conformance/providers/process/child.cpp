#include "conformance/providers/process/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace lockstep::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{1'000};
constexpr std::chrono::milliseconds kAfterTerminate{500};
constexpr std::size_t kMostErrorBytes = 1024 * 1024;

// Writing to a child that has ended must be an error, not the end of this process, whatever the
// program does about SIGPIPE.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct PipeEnds {
  int read = -1;
  int write = -1;
};

PipeEnds make_pipe() {
  std::array<int, 2> ends{-1, -1};
  static_cast<void>(pipe2(ends.data(), O_CLOEXEC));
  return {ends[0], ends[1]};
}

void close_end(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

void never_block(int descriptor) {
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

// What happens between fork() and exec(), so nothing that needs a lock. The guardian is told the
// group before the program can do anything.
[[noreturn]] void become(char* const* arguments, const std::array<int, 3>& standard, int guardian,
                         int trouble) {
  setpgid(0, 0);
  if (guardian >= 0) {
    std::array<char, 16> group{};
    const auto end = std::to_chars(group.data(), group.data() + group.size() - 1, getpid());
    *end.ptr = '\n';
    static_cast<void>(write(guardian, group.data(), std::strlen(group.data())));
  }
  for (int number = 1; number != NSIG; ++number) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (int descriptor = 0; descriptor != 3; ++descriptor) {
    const int given = standard[static_cast<std::size_t>(descriptor)];
    dup2(given >= 0 ? given : open("/dev/null", O_RDWR | O_CLOEXEC), descriptor);
  }
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // what libraries have left open
  execvp(arguments[0], arguments);
  const int failed = errno;
  static_cast<void>(write(trouble, &failed, sizeof failed));
  _exit(127);
}

// In a process group of its own, with signals as a program expects them. `guardian`: the pipe of
// whom is to be told the group; -1: nobody. 0 or what went wrong.
int spawn(const std::vector<std::string>& arguments, const std::array<int, 3>& standard,
          int guardian, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  PipeEnds trouble = make_pipe();
  if (trouble.write < 0) return EMFILE;
  pid = fork();
  int failed = pid < 0 ? errno : 0;
  if (pid == 0) become(argv.data(), standard, guardian, trouble.write);
  close_end(trouble.write);
  // Nothing comes when the program has begun.
  ssize_t told = 0;
  if (failed == 0) {
    do {
      told = read(trouble.read, &failed, sizeof failed);
    } while (told < 0 && errno == EINTR);
  }
  if (told > 0) waitpid(pid, nullptr, 0);
  close_end(trouble.read);
  return failed;
}

std::string text_of_status(int status) {
  if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* name = sigabbrev_np(number);
  return "signal " + std::to_string(number) +
         (name == nullptr ? std::string() : " (SIG" + std::string(name) + ")");
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const std::vector<std::string>& arguments) {
  std::unique_ptr<Child> child(new Child);
  PipeEnds input = make_pipe();
  PipeEnds output = make_pipe();
  PipeEnds errors = make_pipe();
  child->input_ = input.write;
  child->output_ = output.read;
  child->errors_ = errors.read;
  const Status guarded = child->start_guardian();
  int failed = errors.write < 0 ? EMFILE : 0;
  if (failed == 0 && guarded)
    failed = spawn(arguments, {input.read, output.write, errors.write}, child->guardian_pipe_,
                   child->pid_);
  close_end(input.read);
  close_end(output.write);
  close_end(errors.write);
  LOCKSTEP_TRY(guarded);
  if (failed != 0) {
    child->pid_ = -1;
    const char* remedy = failed == EACCES   ? "; make it executable (chmod +x)"
                         : failed == ENOENT ? "; check the path, and the first line of a script"
                                            : "";
    return config_error("adapter " + arguments.front() +
                        ": expected a program to start, found: " + std::strerror(failed) + remedy);
  }
  never_block(child->input_);
  never_block(child->output_);
  never_block(child->errors_);
  return child;
}

Status Child::start_guardian() {
  PipeEnds ends = make_pipe();
  guardian_pipe_ = ends.write;
  const int failed =
      spawn({"/bin/sh", "-c", "read group && { read nothing; kill -s KILL -- \"-$group\"; }",
             "lockstep-guardian"},
            {ends.read, -1, -1}, -1, guardian_);
  close_end(ends.read);
  if (failed == 0) return ok();
  guardian_ = -1;
  return internal_error(
      std::string("the guardian of an adapter: expected /bin/sh to start, found: ") +
      std::strerror(failed));
}

void Child::dismiss_guardian() {
  if (guardian_ > 0) {
    kill(guardian_, SIGKILL);
    waitpid(guardian_, nullptr, 0);
    guardian_ = -1;
  }
  close_end(guardian_pipe_);
}

Child::~Child() {
  static_cast<void>(end(kPatience));
  dismiss_guardian();
  close_end(output_);
  close_end(errors_);
}

void Child::close_input() { close_end(input_); }

bool Child::wait(bool sending, Deadline deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  std::array<pollfd, 3> waiting{
      {{output_, POLLIN, 0}, {errors_, POLLIN, 0}, {sending ? input_ : -1, POLLOUT, 0}}};
  constexpr long long kLongestWait = 60'000;
  const int ready = poll(waiting.data(), waiting.size(),
                         static_cast<int>(std::clamp<long long>(left, 0, kLongestWait)));
  if (ready <= 0) return left > 0;
  if (waiting[0].revents != 0) read_output();
  if (waiting[1].revents != 0) read_errors();
  input_ready_ = waiting[2].revents != 0;
  return true;
}

void Child::read_output() {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(output_, buffer.data(), buffer.size());
  if (count > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EAGAIN) {
    close_end(output_);
  }
}

void Child::read_errors() {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(errors_, buffer.data(), buffer.size());
  if (count == 0 || (count < 0 && errno != EAGAIN)) close_end(errors_);
  if (count <= 0) return;
  const bool had_room = error_bytes_ < kMostErrorBytes;
  error_bytes_ += static_cast<std::size_t>(count);
  if (error_bytes_ <= kMostErrorBytes) {
    error_text_.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (had_room) {
    error_text_ += "\n(more than 1 MiB; the rest is left out)\n";
  }
}

void Child::drain_errors() {
  constexpr int kMostReads = 1024;
  for (int reads = 0; reads != kMostReads && errors_ >= 0; ++reads) {
    const std::size_t before = error_bytes_;
    read_errors();
    if (error_bytes_ == before) return;
  }
}

Child::Told<void> Child::send(std::string_view line, Deadline deadline) {
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  const WithoutSigpipe quiet;
  while (!rest.empty()) {
    if (output_ < 0) return Trouble::Ended;
    if (!wait(true, deadline)) return Trouble::TooLate;
    if (!input_ready_) continue;
    const ssize_t count = write(input_, rest.data(), rest.size());
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return Trouble::Ended;
    }
  }
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

Child::Told<std::string> Child::receive(Deadline deadline, std::size_t most_bytes) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t newline = received_.find('\n', searched);
    if (std::min(newline, received_.size()) > most_bytes) return Trouble::TooLong;
    if (newline != std::string::npos) {
      std::string line = received_.substr(0, newline);
      received_.erase(0, newline + 1);
      return line;
    }
    searched = received_.size();
    if (output_ < 0) return Trouble::Ended;
    if (!wait(false, deadline)) return Trouble::TooLate;
  }
}

std::string Child::unread() {
  if (output_ >= 0) read_output();
  return received_;
}

std::string Child::take_errors() {
  drain_errors();
  return std::exchange(error_text_, {});
}

bool Child::ended_by(Deadline deadline) {
  constexpr std::chrono::milliseconds kPause{2};
  for (;;) {
    siginfo_t info{};
    // Not yet reaped: the number of the group stays taken until all of it has been ended.
    const int asked = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG);
    if (asked != 0 || info.si_pid == pid_) return true;
    if (Clock::now() >= deadline) return false;
    // A child that cannot write what it wants to say would not end.
    if (output_ >= 0) read_output();
    if (errors_ >= 0) read_errors();
    std::this_thread::sleep_for(kPause);
  }
}

std::string Child::end(std::chrono::milliseconds patience) {
  if (pid_ < 0) return how_it_ended_;
  close_input();
  if (!ended_by(Clock::now() + patience)) {
    kill(-pid_, SIGTERM);
    static_cast<void>(ended_by(Clock::now() + kAfterTerminate));
  }
  kill(-pid_, SIGKILL);
  // The guardian first, so that it never meets a group that is not this one.
  dismiss_guardian();
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  how_it_ended_ = text_of_status(status);
  exit_status_ = status;
  drain_errors();
  return how_it_ended_;
}

}  // namespace lockstep::conformance
