// How much worse a figure may become before the gate fails: rules by name, from a TOML file.
#pragma once

#include "model/vocab/error.hpp"

#include <memory>
#include <string>
#include <vector>

namespace lockstep::bench::compare {

// Rates are better when they are larger, everything else (times, costs) when it is smaller.
[[nodiscard]] bool more_is_better(const std::string& figure);

class Thresholds {
 public:
  // One rule: 5 % more time for an iteration, for every benchmark.
  Thresholds();
  Thresholds(Thresholds&&) noexcept;
  Thresholds& operator=(Thresholds&&) noexcept;
  ~Thresholds();

  //   [[rule]]
  //   name = "data_path/write/.*"     regular expression, anywhere in the name
  //   figure = "p99_us"               default: real_time_ns
  //   worse_percent = 12
  //
  // The rules come after the built-in one; the last that matches a name and figure counts. A figure
  // is compared where a rule names it. Wrong file, key or value: Origin::Config, naming it.
  [[nodiscard]] static Result<Thresholds> read(const std::string& file);
  [[nodiscard]] static Result<Thresholds> parse(const std::string& text, const std::string& file);

  struct Limit {
    std::string figure;
    double worse_percent = 0;
  };
  // In the order of the rules that first name each figure.
  [[nodiscard]] std::vector<Limit> limits_of(const std::string& benchmark) const;

 private:
  struct Rule;
  std::vector<Rule> rules_;
};

}  // namespace lockstep::bench::compare
