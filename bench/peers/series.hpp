// Figures of several targets, round by round, and the records made of them. Internal.
#pragma once

#include "reports/record/record.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lockstep::bench::peers {

// Of one measurement, by counter name.
using Figures = std::map<std::string, double>;

class Series {
 public:
  // `references`: the targets that others are compared with; one of them only with those before it.
  // `compared`: the counters for which ratios are wanted.
  Series(std::string name, std::vector<std::string> references, std::vector<std::string> compared)
      : name_(std::move(name)),
        references_(std::move(references)),
        compared_(std::move(compared)) {}

  // Every target gets its figures once a round, in the same order.
  void add(const std::string& target, Figures figures, std::uint64_t iterations,
           double iteration_ns);
  void fail(const std::string& target, const std::string& why);

  // NAME/target:LABEL, in the order in which the targets came first.
  [[nodiscard]] std::vector<report::BenchmarkRecord> records() const;

 private:
  struct Rows {
    std::string target;
    std::vector<Figures> rounds;
    std::vector<double> iteration_ns;
    std::uint64_t iterations = 0;
    std::string error;
  };
  [[nodiscard]] Rows& rows_of(const std::string& target);
  void add_ratios(const Rows& rows, report::BenchmarkRecord& record) const;
  void add_ratios(const Rows& rows, const Rows& reference, report::BenchmarkRecord& record) const;

  std::string name_;
  std::vector<std::string> references_;
  std::vector<std::string> compared_;
  std::vector<Rows> rows_;
};

}  // namespace lockstep::bench::peers
