// Runs the suite of two builds in turn, so that what the machine does meanwhile meets both: each
// round runs the base build twice and the new build once, one after the other. The two runs of the
// base build show what the machine alone changes.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace lockstep::bench::compare {

struct Runs {
  report::Run base;
  report::Run again;  // the base build a second time
  report::Run fresh;
};

struct InTurnOptions {
  std::string base_program;  // a lockstep executable
  std::string new_program;
  std::string filter = ".";   // as `lockstep bench --filter`
  double min_time_s = 0.003;  // of a repetition; a round has 21 of each benchmark
  unsigned least_rounds = 16;
  unsigned most_rounds = 48;
  std::chrono::seconds round_limit{1800};  // of one program in one round
  std::string folder;                      // for the programs' own records and output; must exist
  // Asked after `least_rounds` and every fourth round after: do these do? Empty: the least do.
  std::function<bool(const Runs&)> is_enough;
  std::function<void(const std::string&)> progress;
  std::function<bool()> stop_requested;
};

// A program that cannot be started, ends otherwise than `lockstep bench` does or leaves no record:
// Origin::Config, naming it and its output. Stopped: what there is, which may be nothing.
[[nodiscard]] Result<Runs> measure_in_turn(const InTurnOptions& options);

// Adds a round to `run`: of every figure the best of what `more` measured, behind the earlier
// rounds. The record's own medians are made anew.
void add_round(report::Run& run, const report::Run& more);

}  // namespace lockstep::bench::compare
