// Work for one LUN at a constant depth, and what came of it.
#pragma once

#include "bench/load/wire.hpp"
#include "model/vocab/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lockstep::bench::load {

struct Work {
  bool writes = false;
  bool random = false;
  std::uint32_t block_bytes = 4096;  // of one command; a multiple of the LUN's block size
  std::uint32_t depth = 1;
  std::uint64_t most_bytes = 0;  // of the LUN, from its beginning; 0: all of it
  std::chrono::milliseconds warm_up{100};
  std::chrono::milliseconds duration{500};
  // Whose processor time and context switches are counted; 0: nobody's.
  pid_t target = 0;
  // Called when the measured time begins and when it ends; may be empty.
  std::function<void()> begun;
  std::function<void()> ended;
};

// Of the measured time, without the warm-up.
struct Sample {
  std::uint64_t commands = 0;
  double seconds = 0;
  double bytes = 0;
  double p50_us = 0;
  double p99_us = 0;
  double longest_us = 0;
  double p99_9_us = 0;
  std::map<std::string, double> percentiles_us;  // by percent
  std::vector<double> progress;                  // bytes in each Progress::kInterval
  double target_cpu_s = 0;
  double target_switches = 0;
  double own_cpu_s = 0;
  double own_switches = 0;
};

// The last command of one of the places in flight: what it wrote, or read.
struct LastCommand {
  std::uint64_t offset = 0;  // in bytes
  std::span<const std::byte> data;
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
  // Of the last run, until the next.
  [[nodiscard]] std::vector<LastCommand> last_commands() const;
  // Writes the whole volume once, with data that does not compress.
  [[nodiscard]] Status fill();

 private:
  Traffic();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::bench::load
