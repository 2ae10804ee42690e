// The suite as a whole: which benchmarks there are, and running them into records.
#include "bench/bench.hpp"
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/far_system.hpp"
#include "bench/google_output.hpp"
#include "bench/limits.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <regex>
#include <set>
#include <utility>

namespace lockstep::bench {
namespace {

Case case_of(const OutsideCase& outside) {
  return needing(
      Needs::Nothing,
      Case{outside.name,
           [measure = outside.measure](benchmark::State& state, Environment& environment) {
             for (auto _ : state) {
               const auto sample = measure(environment.duration);
               if (!sample) return state.SkipWithError(sample.error().message.c_str());
               state.SetIterationTime(sample.value().operation_s);
               for (const auto& [name, value] : sample.value().counters) {
                 state.counters[name] = value;
               }
             }
           },
           1, true});
}

// Whether it can be put to the subject; everything can where there is none.
bool fits(const Subject& subject, Needs needs) {
  if (!subject.lun && subject.service == nullptr) return true;
  switch (needs) {
    case Needs::Nothing:
    case Needs::OwnTarget:
      return false;
    case Needs::Lun:
      return subject.lun.has_value();
    case Needs::WritableLun:
      return subject.lun && subject.lun->may_write;
    case Needs::Service:
      return subject.service != nullptr;
  }
  return false;
}

std::vector<Case> all_cases(const BenchOptions& options) {
  std::vector<Case> all = limit_cases();
  for (auto* const more : {data_path_cases, wire_cases, copy_cases, snapshot_cases, replica_cases,
                           mirror_cases, lag_cases, under_load_cases, scaling_cases}) {
    auto cases = more();
    std::move(cases.begin(), cases.end(), std::back_inserter(all));
  }
  for (const OutsideCase& outside : options.outside) all.push_back(case_of(outside));
  return all;
}

// The reference lines that come first, so that the others can be held against them.
void put_limits_first(std::vector<Case>& cases, const std::set<std::string>& limits) {
  std::ranges::stable_partition(cases, [&](const Case& c) { return limits.contains(c.name); });
}

// As Google Benchmark reads it: anywhere in the name, and a leading '-' excludes.
Result<std::vector<Case>> selected_cases(const BenchOptions& options) {
  const std::string& filter = options.filter;
  const bool exclude = filter.starts_with('-');
  std::optional<std::regex> pattern;
  try {
    pattern.emplace(exclude ? filter.substr(1) : filter);
  } catch (const std::regex_error& error) {
    return usage_error("benchmark filter '" + filter +
                       "': expected a regular expression: " + error.what());
  }
  std::vector<Case> cases = all_cases(options);
  const auto is_selected = [&](const Case& c) {
    return fits(options.subject, c.needs) && std::regex_search(c.name, *pattern) != exclude;
  };
  std::set<std::string> limits;
  for (const Case& c : cases) {
    const auto limit = is_selected(c) ? limit_of(c.name) : std::nullopt;
    if (limit) limits.insert(*limit);
  }
  std::erase_if(cases, [&](const Case& c) {
    return !is_selected(c) && !(options.with_limits && limits.contains(c.name));
  });
  put_limits_first(cases, limits);
  if (cases.empty()) {
    return usage_error("benchmark filter '" + filter + "': expected it to select a benchmark" +
                       (options.subject.lun || options.subject.service
                            ? " that can be put to the LUN or provider"
                            : "") +
                       ", it selects none; see 'lockstep list benchmarks'");
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

// Starts when the first benchmark runs; a failure is every benchmark's failure.
class LazyEnvironment {
 public:
  LazyEnvironment(const Subject& subject, std::chrono::milliseconds duration, FarSystem* far_system)
      : subject_(subject), duration_(duration), far_system_(far_system) {}

  void run(const Case& c, benchmark::State& state) {
    if (!environment_) environment_.emplace(Environment::start(subject_));
    if (!*environment_) return state.SkipWithError(environment_->error().message.c_str());
    Environment& environment = *environment_->value();
    environment.duration = duration_;
    environment.far_system = far_system_;
    environment.detail = {};
    c.run(state, environment);
    if (c.needs == Needs::Service && subject_.tidy) subject_.tidy();
  }
  // What the last benchmark left behind.
  [[nodiscard]] Detail take_detail() {
    if (!environment_ || !*environment_) return {};
    return std::exchange(environment_->value()->detail, {});
  }

 private:
  const Subject& subject_;
  std::chrono::milliseconds duration_;
  FarSystem* far_system_;
  std::optional<Result<std::unique_ptr<Environment>>> environment_;
};

// Makes one record of the repetitions of each benchmark; Google Benchmark hands them over together.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  Collector(const BenchOptions& options, LazyEnvironment& environment)
      : options_(options), environment_(environment) {}

  bool ReportContext(const Context& context) override {
    google_.context(context);
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    google_.add(runs);
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
    Detail detail = environment_.take_detail();
    if (record.error.empty()) {
      record.percentiles_us = std::move(detail.percentiles_us);
      record.progress = std::move(detail.progress);
      if (!record.progress.empty()) {
        record.progress_interval_ms = static_cast<std::uint32_t>(detail.interval.count());
      }
      add_share(record);
    }
    if (options_.finished) options_.finished(record);
    records_.push_back(std::move(record));
  }

  [[nodiscard]] const GoogleOutput& google() const noexcept { return google_; }
  [[nodiscard]] std::vector<report::BenchmarkRecord> take() { return std::move(records_); }

 private:
  void add_share(report::BenchmarkRecord& record) const {
    const auto limit = limit_of(record.name);
    if (!limit) return;
    const auto line = std::ranges::find(records_, *limit, &report::BenchmarkRecord::name);
    if (line == records_.end()) return;
    const auto share = share_of_limit(record, *line);
    if (!share) return;
    record.limit = *limit;
    record.counters[report::kShareOfLimit] = *share;
  }

  const BenchOptions& options_;
  LazyEnvironment& environment_;
  GoogleOutput google_;
  std::vector<report::BenchmarkRecord> records_;
};

}  // namespace

Case service_case(std::string name,
                  std::function<Status(benchmark::State&, const Environment&)> measure,
                  std::int64_t iterations) {
  return needing(Needs::Service, Case{std::move(name),
                                      [measure = std::move(measure)](benchmark::State& state,
                                                                     Environment& environment) {
                                        const Status done = measure(state, environment);
                                        if (!done)
                                          state.SkipWithError(done.error().message.c_str());
                                      },
                                      iterations, true});
}

std::vector<std::string> list_benchmarks(const BenchOptions& options) {
  std::vector<std::string> names;
  const auto cases = selected_cases(options);
  if (!cases) return names;
  for (const Case& c : cases.value()) names.push_back(c.name);
  return names;
}

Result<std::vector<report::BenchmarkRecord>> run_benchmarks(const BenchOptions& options) {
  LOCKSTEP_TRY(const auto cases, selected_cases(options));
  if (!(options.min_time_s > 0) || options.repetitions == 0) {
    return usage_error("benchmarks: expected a positive time and at least one repetition");
  }
  // First: later there are threads.
  std::unique_ptr<FarSystem> far_system;
  if (std::ranges::any_of(cases, &Case::needs_far_system)) {
    LOCKSTEP_TRY(far_system, FarSystem::start());
  }
  LazyEnvironment environment(options.subject,
                              std::chrono::ceil<std::chrono::milliseconds>(
                                  std::chrono::duration<double>(options.min_time_s)),
                              far_system.get());
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
  Collector collector(options, environment);
  benchmark::RunSpecifiedBenchmarks(&collector, ".");
  const Status json = collector.google().write_json(options.google_json);
  const Status csv = collector.google().write_csv(options.google_csv);
  benchmark::ClearRegisteredBenchmarks();  // they refer to what ends here
  LOCKSTEP_TRY(json);
  LOCKSTEP_TRY(csv);
  return collector.take();
}

}  // namespace lockstep::bench
