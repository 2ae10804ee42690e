#include "bench/compare/in_turn.hpp"

#include "bench/compare/thresholds.hpp"
#include "bench/measure.hpp"
#include "bench/process/child.hpp"
#include "reports/record/store.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

namespace lockstep::bench::compare {
namespace {

constexpr unsigned kRoundsBetweenQuestions = 4;
constexpr const char* kRepetitions = "21";  // the best of them is the figure of the round

// Everything that is selected, a few times: disturbances must not spoil a round.
Result<report::Run> run_once(const InTurnOptions& options, const std::string& program) {
  const std::string folder = options.folder + "/round";
  const std::string log = options.folder + "/output.log";
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.4f", options.min_time_s);
  LOCKSTEP_TRY(Child child,
               Child::start({program, "bench", "--filter", options.filter, "--min-time-s",
                             seconds.data(), "--repetitions", kRepetitions, "--out", folder},
                            log));
  const int code = child.wait(options.round_limit);
  // 1: a benchmark failed, which its record says.
  if (code != 0 && code != 1) {
    return config_error(program + " bench: expected exit code 0 or 1, found " +
                        (code < 0 ? "no end in time" : std::to_string(code)) +
                        "; its output is in " + log);
  }
  auto run = report::read_run(folder + "/latest");
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return run;
}

}  // namespace

namespace {

// What disturbs a measurement only adds to it: on a busy machine the best of several short ones
// varies a fraction of what their median does.
double best_of(const std::string& figure, const std::vector<double>& values) {
  if (values.empty()) return 0;
  return more_is_better(figure) ? *std::ranges::max_element(values)
                                : *std::ranges::min_element(values);
}

}  // namespace

void add_round(report::Run& run, const report::Run& more) {
  if (run.header.run_id.empty()) run.header = more.header;
  for (const report::BenchmarkRecord& measured : more.benchmarks) {
    auto record = std::ranges::find(run.benchmarks, measured.name, &report::BenchmarkRecord::name);
    if (record == run.benchmarks.end()) {
      run.benchmarks.emplace_back();
      record = run.benchmarks.end() - 1;
      record->name = measured.name;
      record->group = measured.group;
    }
    if (!measured.error.empty()) record->error = measured.error;
    record->repetitions += measured.repetitions;
    record->iterations = measured.iterations;
    auto samples = measured.samples;
    if (samples.empty() && measured.error.empty()) {  // written by a version that kept medians only
      samples[report::kRealTimeNs] = {measured.real_time_ns};
      for (const auto& [name, value] : measured.counters) samples[name] = {value};
    }
    for (const auto& [name, values] : samples) {
      auto& all = record->samples[name];
      all.push_back(best_of(name, values));
      (name == report::kRealTimeNs ? record->real_time_ns : record->counters[name]) = median(all);
    }
  }
}

Result<Runs> measure_in_turn(const InTurnOptions& options) {
  Runs runs;
  for (unsigned round = 1; round <= options.most_rounds; ++round) {
    // Forth and back, so that a drift favours neither side.
    std::array<std::pair<report::Run*, const std::string*>, 3> order{
        {{&runs.base, &options.base_program},
         {&runs.fresh, &options.new_program},
         {&runs.again, &options.base_program}}};
    if (round % 2 == 0) std::ranges::reverse(order);
    Runs whole = runs;  // a round counts whole or not at all: its sides belong together
    for (const auto& [run, program] : order) {
      if (options.stop_requested && options.stop_requested()) return whole;
      LOCKSTEP_TRY(const auto measured, run_once(options, *program));
      add_round(*run, measured);
    }
    if (options.progress) {
      options.progress("round " + std::to_string(round) + " of " +
                       std::to_string(options.least_rounds) + " to " +
                       std::to_string(options.most_rounds));
    }
    const bool may_ask = round >= options.least_rounds &&
                         (round - options.least_rounds) % kRoundsBetweenQuestions == 0;
    if (may_ask && (!options.is_enough || options.is_enough(runs))) break;
  }
  return runs;
}

}  // namespace lockstep::bench::compare
