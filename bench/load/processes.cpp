#include "bench/load/processes.hpp"

#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <system_error>

namespace lockstep::bench::load {

double cpu_seconds_of(pid_t process) {
  double seconds = 0;
  std::error_code ignored;
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::ifstream file(task.path() / "schedstat");
    double nanoseconds = 0;
    if (file >> nanoseconds) seconds += nanoseconds / 1e9;
  }
  return seconds;
}

double context_switches_of(pid_t process) {
  double switches = 0;
  std::error_code ignored;
  const std::string tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::ifstream file(task.path() / "status");
    for (std::string name; file >> name;) {
      double count = 0;
      if (name.ends_with("voluntary_ctxt_switches:") && file >> count) switches += count;
    }
  }
  return switches;
}

struct OnLastProcessor::Mask {
  cpu_set_t set;
};

OnLastProcessor::OnLastProcessor() : before_(new Mask) {
  if (::sched_getaffinity(0, sizeof before_->set, &before_->set) != 0) {
    delete before_;
    before_ = nullptr;
    return;
  }
  cpu_set_t last;
  CPU_ZERO(&last);
  for (std::size_t i = CPU_SETSIZE; i > 0; --i) {
    if (CPU_ISSET(i - 1, &before_->set)) {
      CPU_SET(i - 1, &last);
      break;
    }
  }
  ::sched_setaffinity(0, sizeof last, &last);
}

OnLastProcessor::~OnLastProcessor() {
  if (before_ != nullptr) ::sched_setaffinity(0, sizeof before_->set, &before_->set);
  delete before_;
}

}  // namespace lockstep::bench::load
