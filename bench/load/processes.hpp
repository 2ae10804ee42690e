// What other processes have used of the machine, and where this one runs. Linux only.
#pragma once

#include <sys/types.h>

namespace lockstep::bench::load {

// Processor seconds of all threads of a process so far, from the scheduler's own count; 0 when it
// cannot be read.
[[nodiscard]] double cpu_seconds_of(pid_t process);
// Voluntary and involuntary context switches of all threads of a process so far; 0 when they cannot
// be read.
[[nodiscard]] double context_switches_of(pid_t process);

// Keeps the calling thread, and children it starts, on the last processor that it may use while the
// object lives: load that wanders over the processors cannot be compared.
class OnLastProcessor {
 public:
  OnLastProcessor();
  ~OnLastProcessor();
  OnLastProcessor(const OnLastProcessor&) = delete;
  OnLastProcessor& operator=(const OnLastProcessor&) = delete;

 private:
  struct Mask;
  Mask* before_;
};

}  // namespace lockstep::bench::load
