// Which measurements belong together: the same work, done by different paths, targets and runs.
#pragma once

#include "reports/html/plot.hpp"
#include "reports/record/record.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::report::html {

// Reads or writes of one size at one depth, from a closed loop.
struct Measured {
  std::size_t contender = 0;
  bool writes = false;
  bool random = false;
  double block_bytes = 0;
  double depth = 0;
  const BenchmarkRecord* record = nullptr;
};

struct Loads {
  std::vector<Look> contenders;  // paths and targets, run by run
  std::vector<Measured> measured;
};
// Points into the runs, which must outlive it.
[[nodiscard]] Loads loads_of(const std::vector<Run>& runs);

// What runs are called on a page: nothing for one, letters for several.
[[nodiscard]] std::string run_letter(const std::vector<Run>& runs, std::size_t run);

// A counter of a benchmark that did not fail, or real_time_ns.
[[nodiscard]] std::optional<double> figure_of(const BenchmarkRecord& record,
                                              const std::string& figure);

}  // namespace lockstep::report::html
