#include "target_impl/durability/process.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lockstep::durability {

Process::Process(std::vector<std::string> arguments) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::vector<char*> words;
  for (std::string& argument : arguments) {
    words.push_back(argument.data());
  }
  words.push_back(nullptr);
  id_ = ::fork();
  if (id_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  std::signal(SIGPIPE, SIG_IGN);
}

Process::~Process() {
  kill();
  ::close(to_);
  ::close(from_);
}

bool Process::say(const std::string& line) {
  const std::string text = line + "\n";
  return ::write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string Process::hear() {
  constexpr int kPatienceMs = 10'000;
  while (true) {
    if (const auto end = heard_.find('\n'); end != std::string::npos) {
      const std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    pollfd ready{from_, POLLIN, 0};
    std::array<char, 256> part{};
    const ssize_t got =
        ::poll(&ready, 1, kPatienceMs) == 1 ? ::read(from_, part.data(), part.size()) : 0;
    if (got <= 0) {
      return {};
    }
    heard_.append(part.data(), static_cast<std::size_t>(got));
  }
}

bool Process::kill() {
  int status = 0;
  if (!killed_ && id_ > 0) {
    killed_ = true;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, &status, 0);
  }
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace lockstep::durability
