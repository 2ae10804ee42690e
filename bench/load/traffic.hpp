// Work for one LUN at a constant depth, and what came of it.
#pragma once

#include "bench/load/wire.hpp"
#include "model/vocab/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sys/types.h>
#include <vector>

namespace lockstep::bench::load {

struct Work {
  bool writes = false;
  bool random = false;
  std::uint32_t block_bytes = 4096;  // of one command; a multiple of the LUN's block size
  std::uint32_t depth = 1;
  std::chrono::milliseconds warm_up{100};
  std::chrono::milliseconds duration{500};
  // Whose processor time is counted; 0: nobody's.
  pid_t target = 0;
};

// Of the measured time, without the warm-up.
struct Sample {
  std::uint64_t commands = 0;
  double seconds = 0;
  double bytes = 0;
  double p50_us = 0;
  double p99_us = 0;
  double longest_us = 0;
  double target_cpu_s = 0;
  double own_cpu_s = 0;
};

class Traffic {
 public:
  // One connection, with the unit attentions of a new session behind it.
  [[nodiscard]] static Result<std::unique_ptr<Traffic>> open(const Address& address);
  ~Traffic();

  [[nodiscard]] std::uint64_t volume_bytes() const noexcept;
  [[nodiscard]] bool uses_bypass() const noexcept;
  // A unit attention has its command sent once more; any other that does not end with GOOD ends the
  // run: Origin::Target.
  [[nodiscard]] Result<Sample> run(const Work& work);
  // Writes the whole volume once, with data that does not compress.
  [[nodiscard]] Status fill();

 private:
  Traffic();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::bench::load
