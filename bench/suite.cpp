// The suite as a whole: which benchmarks there are, and running them into records.
#include "bench/bench.hpp"
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <regex>
#include <utility>

namespace lockstep::bench {
namespace {

std::vector<Case> all_cases() {
  std::vector<Case> all = data_path_cases();
  for (auto* const more :
       {copy_cases, snapshot_cases, replica_cases, mirror_cases, lag_cases, under_load_cases}) {
    auto cases = more();
    std::move(cases.begin(), cases.end(), std::back_inserter(all));
  }
  return all;
}

// As Google Benchmark reads it: anywhere in the name, and a leading '-' excludes.
Result<std::vector<Case>> selected_cases(const std::string& filter) {
  const bool exclude = filter.starts_with('-');
  std::optional<std::regex> pattern;
  try {
    pattern.emplace(exclude ? filter.substr(1) : filter);
  } catch (const std::regex_error& error) {
    return usage_error("benchmark filter '" + filter +
                       "': expected a regular expression: " + error.what());
  }
  std::vector<Case> cases = all_cases();
  std::erase_if(cases,
                [&](const Case& c) { return std::regex_search(c.name, *pattern) == exclude; });
  if (cases.empty()) {
    return usage_error("benchmark filter '" + filter +
                       "': expected it to select a benchmark, it selects none; " +
                       "see 'lockstep list benchmarks'");
  }
  return cases;
}

// "data_path/read/..." belongs to "data path".
std::string group_of(const std::string& name) {
  std::string group = name.substr(0, name.find('/'));
  std::replace(group.begin(), group.end(), '_', ' ');
  return group;
}

constexpr const char* kStopped = "stopped";

// Makes one record of the repetitions of each benchmark; Google Benchmark hands them over together.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(const BenchOptions& options) : options_(options) {}

  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    report::BenchmarkRecord record;
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      if (run.error_occurred && run.error_message == kStopped) return;
      record.name = run.run_name.function_name;
      ++record.repetitions;
      if (run.error_occurred) {
        record.error = run.error_message.empty() ? "failed" : run.error_message;
        continue;
      }
      record.iterations = static_cast<std::uint64_t>(run.iterations);
      record.samples[report::kRealTimeNs].push_back(
          run.real_accumulated_time * 1e9 /
          static_cast<double>(std::max<std::int64_t>(run.iterations, 1)));
      for (const auto& [name, counter] : run.counters) {
        record.samples[name].push_back(counter.value);
      }
    }
    if (record.name.empty()) return;
    record.group = group_of(record.name);
    for (const auto& [name, values] : record.samples) {
      (name == report::kRealTimeNs ? record.real_time_ns : record.counters[name]) = median(values);
    }
    if (options_.finished) options_.finished(record);
    records_.push_back(std::move(record));
  }

  [[nodiscard]] std::vector<report::BenchmarkRecord> take() { return std::move(records_); }

 private:
  const BenchOptions& options_;
  std::vector<report::BenchmarkRecord> records_;
};

// Starts when the first benchmark runs; a failure is every benchmark's failure.
class LazyEnvironment {
 public:
  void run(const Case& c, benchmark::State& state) {
    if (!environment_) environment_.emplace(Environment::start());
    if (!*environment_) return state.SkipWithError(environment_->error().message.c_str());
    c.run(state, *environment_->value());
  }

 private:
  std::optional<Result<std::unique_ptr<Environment>>> environment_;
};

}  // namespace

std::vector<std::string> list_benchmarks(const BenchOptions& options) {
  std::vector<std::string> names;
  const auto cases = selected_cases(options.filter);
  if (!cases) return names;
  for (const Case& c : cases.value()) names.push_back(c.name);
  return names;
}

Result<std::vector<report::BenchmarkRecord>> run_benchmarks(const BenchOptions& options) {
  LOCKSTEP_TRY(const auto cases, selected_cases(options.filter));
  if (!(options.min_time_s > 0) || options.repetitions == 0) {
    return usage_error("benchmarks: expected a positive time and at least one repetition");
  }
  LazyEnvironment environment;
  for (const Case& c : cases) {
    auto* const registered =
        benchmark::RegisterBenchmark(c.name.c_str(), [&](benchmark::State& state) {
          if (options.stop_requested && options.stop_requested()) {
            return state.SkipWithError(kStopped);
          }
          environment.run(c, state);
        });
    registered->Repetitions(static_cast<int>(options.repetitions));
    if (c.iterations > 0) {
      registered->Iterations(c.iterations);
    } else {
      registered->MinTime(options.min_time_s);
    }
    if (c.manual_time) {
      registered->UseManualTime();
    } else {
      registered->UseRealTime();
    }
  }
  Collector collector(options);
  benchmark::RunSpecifiedBenchmarks(&collector, ".");
  benchmark::ClearRegisteredBenchmarks();  // they refer to what ends here
  return collector.take();
}

}  // namespace lockstep::bench
