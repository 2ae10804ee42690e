// What each end of a timed region used of the machine. Internal.
#pragma once

#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <cstdint>

namespace lockstep::bench {

// The calling thread is the initiator's end, all other threads of the process are the target's;
// where the target is not of this process, nothing is known of its end. Made at the beginning of
// the timed region.
class Ends {
 public:
  explicit Ends(const Environment& environment);
  void stop() noexcept;

  // Whether the initiator's system calls are known: the transports of this project count theirs,
  // libiscsi does not.
  enum class Initiator : std::uint8_t { Own, Libiscsi };
  // cpu_s_per_gib (both ends) and cpu_s_per_gib_initiator, cpu_s_per_gib_target; by request
  // switches_per_io_initiator, switches_per_io_target, syscalls_per_io_target and, where it is
  // known, syscalls_per_io_initiator.
  void set(benchmark::State& state, double requests, double bytes, Initiator initiator) const;

 private:
  struct Reading {
    Use process;
    Use initiator;
    std::uint64_t target_calls = 0;
    std::uint64_t initiator_calls = 0;
  };
  [[nodiscard]] Reading read() const noexcept;

  const Environment& environment_;
  Reading begin_;
  Reading end_;
};

}  // namespace lockstep::bench
