// What other processes have used of the machine, and where this one runs. Linux only.
#pragma once

#include <sys/types.h>

namespace lockstep::bench::load {

// Processor seconds of all threads of a process so far, from the scheduler's own count; 0 when it
// cannot be read.
[[nodiscard]] double cpu_seconds_of(pid_t process);
// Of the calling thread.
[[nodiscard]] double own_cpu_seconds() noexcept;

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
