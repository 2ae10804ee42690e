// What a benchmark of the suite is. Internal.
#pragma once

#include "model/vocab/error.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {
class State;
}

namespace lockstep::bench {

class Environment;

// What of a subject (bench/subject.hpp) a benchmark can be put to.
enum class Needs : std::uint8_t {
  Nothing,    // it measures the machine, or another part of this program
  OwnTarget,  // it looks or reaches into the target of this process
  Lun,        // it reads
  WritableLun,
  Service,
};

struct Case {
  // A path: "data_path/read/random/bs:4KiB/qd:16". Its first part is the group.
  std::string name;
  std::function<void(benchmark::State&, Environment&)> run;
  // 0: as many as the asked time takes. Otherwise fixed, because the part that is not timed would
  // take too long.
  std::int64_t iterations = 0;
  bool manual_time = false;
  bool needs_far_system = false;  // Environment::far_system
  Needs needs = Needs::OwnTarget;
};

[[nodiscard]] inline Case needing(Needs needs, Case made) {
  made.needs = needs;
  return made;
}

// Of a replication service, timed by itself; an Error of `measure` fails it.
[[nodiscard]] Case service_case(
    std::string name, std::function<Status(benchmark::State&, const Environment&)> measure,
    std::int64_t iterations);

[[nodiscard]] std::vector<Case> limit_cases();
[[nodiscard]] std::vector<Case> data_path_cases();
[[nodiscard]] std::vector<Case> wire_cases();
[[nodiscard]] std::vector<Case> copy_cases();
[[nodiscard]] std::vector<Case> snapshot_cases();
[[nodiscard]] std::vector<Case> replica_cases();
[[nodiscard]] std::vector<Case> mirror_cases();
[[nodiscard]] std::vector<Case> lag_cases();
[[nodiscard]] std::vector<Case> under_load_cases();
[[nodiscard]] std::vector<Case> scaling_cases();

}  // namespace lockstep::bench
