// Two runs of the benchmarks, compared figure by figure into verdicts that can fail a build.
#pragma once

#include "bench/compare/rank_test.hpp"
#include "bench/compare/thresholds.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::bench::compare {

enum class Verdict : std::uint8_t {
  Better,
  Same,
  Worse,
  New,           // not in the base run
  Missing,       // not in the new run, or without the figure there
  NewlyFailing,  // failed in the new run only
  Undecided,     // too few repetitions, too wide an interval, or failing on both sides
};
[[nodiscard]] const char* to_text(Verdict verdict) noexcept;

struct Row {
  std::string benchmark;
  std::string figure;
  Verdict verdict = Verdict::Undecided;
  double base_median = 0;
  double new_median = 0;
  Change change;             // log_ratio above 0: the figure grew; p as adjusted
  double noise = 0;          // logarithm: how far the base build was from itself
  double worse_percent = 0;  // the limit
  std::string note;          // why, where the figures do not say it
};

struct Comparison {
  std::vector<Row> rows;
  bool in_turn = false;  // the runs were measured in turn, round by round
  double alpha = 0;
  [[nodiscard]] std::size_t count(Verdict verdict) const;
  [[nodiscard]] bool fails() const;     // something is worse, missing or newly failing
  [[nodiscard]] bool is_green() const;  // everything is better, same or new, and something is
};

struct CompareOptions {
  double alpha = 0.01;  // chance of one false alarm or more in the whole comparison
  bool in_turn = false;
};

// A figure is worse when it changed for the worse by more than its limit *and* by more than the
// base build differs from itself, and chance explains such a change in less than `alpha` of all
// comparisons. It is the same when the 95 % interval of its change stays below the limit; what is
// neither is undecided. `again` is a second run of the base build: it counts as more repetitions of
// it and shows how far it is from itself; without it, the base run's odd repetitions against its
// even ones show that. Another cpu, number of cores or kernel: Origin::Config, naming both.
[[nodiscard]] Result<Comparison> compare_runs(const report::Run& base, const report::Run& fresh,
                                              const report::Run* again,
                                              const Thresholds& thresholds,
                                              const CompareOptions& options);

}  // namespace lockstep::bench::compare
