// What a benchmark of the suite is. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace benchmark {
class State;
}

namespace lockstep::bench {

class Environment;

struct Case {
  // A path: "data_path/read/random/bs:4KiB/qd:16". Its first part is the group.
  std::string name;
  std::function<void(benchmark::State&, Environment&)> run;
  // 0: as many as the asked time takes. Otherwise fixed, because the part that is not timed would
  // take too long.
  std::int64_t iterations = 0;
  bool manual_time = false;
};

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
