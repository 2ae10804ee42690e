// How the time of a benchmark follows a parameter in its name: benchmarks that differ in one
// parameter alone, and a power of it fitted to their times.
#pragma once

#include "reports/record/record.hpp"

#include <string>
#include <vector>

namespace lockstep::report {

struct GrowthPoint {
  std::string shown;   // the parameter's value, as in the name
  double value = 0;    // of the parameter
  double time_ns = 0;  // median, of an iteration
  std::string benchmark;
};

struct Growth {
  std::string name;  // "scaling/sessions:*/read/bs:4KiB"
  std::string parameter;
  std::vector<GrowthPoint> points;  // by ascending value
  // Time is about value to this power: 0 does not depend on it, 1 is in proportion. By least
  // squares over logarithms.
  double exponent = 0;
  // With room for what noise does to a fit.
  [[nodiscard]] bool is_worse_than_linear() const noexcept { return exponent > 1.1; }
};

// Three points or more, whose values differ by a factor of four at least; in the order of their
// first points. Reference lines are left out.
[[nodiscard]] std::vector<Growth> growths_of(const std::vector<BenchmarkRecord>& records);

}  // namespace lockstep::report
