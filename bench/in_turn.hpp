// Two or more ways under the same load in turn, round by round, so that a busy moment of the
// machine meets all of them, and the ratios of the rounds. Internal.
#pragma once

#include "bench/load/traffic.hpp"
#include "bench/load/wire.hpp"
#include "model/vocab/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace benchmark {
class State;
}

namespace lockstep::bench {

// Whose initiator the host has.
enum class Host : std::uint8_t {
  Batching,  // the load's own, which batches commands
  Libiscsi,  // the one by which peers are reached, too
};

// Random writes of 4 KiB.
struct RandomWrites {
  Host host = Host::Batching;
  std::uint32_t depth = 16;
  std::chrono::milliseconds warm_up{30};
  std::chrono::milliseconds duration{100};
};
// On a connection of its own, from a thread that keeps to one processor meanwhile.
[[nodiscard]] Result<load::Sample> write_randomly(const load::Address& address,
                                                  const RandomWrites& load);
// Every extent is the volume's own afterwards.
[[nodiscard]] Status fill(const load::Address& address);

// The samples of one way and those of the way it is compared with, round by round.
class Rounds {
 public:
  void add(const load::Sample& sample, const load::Sample& reference);
  // io_per_second, p50_us and p99_us of the one, those of the other as NAME_`reference`, and the
  // ratios as NAME_vs_`reference`, each with its spread.
  void report(benchmark::State& state, const std::string& reference) const;

 private:
  std::vector<load::Sample> samples_;
  std::vector<load::Sample> references_;
};

}  // namespace lockstep::bench
