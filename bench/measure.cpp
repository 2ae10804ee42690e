#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <bit>
#include <ctime>
#include <iterator>
#include <sys/resource.h>
#include <utility>

namespace lockstep::bench {
namespace {

Use use_of(int who, clockid_t clock) noexcept {
  rusage usage{};
  ::getrusage(who, &usage);
  timespec cpu{};
  ::clock_gettime(clock, &cpu);
  return {static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9,
          static_cast<double>(usage.ru_nvcsw + usage.ru_nivcsw)};
}

}  // namespace

void Latencies::record(std::chrono::nanoseconds duration) noexcept {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 1));
  // Below 32 ns one bucket per nanosecond; above, 32 buckets per power of two.
  const auto power = static_cast<std::size_t>(std::bit_width(ns));
  std::size_t bucket = ns;
  if (power > 5) bucket = (power - 5) * kSteps + ((ns >> (power - 6)) & (kSteps - 1));
  ++counts_[std::min(bucket, kBuckets - 1)];
  ++total_;
}

double Latencies::percentile_us(double share) const noexcept {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_ - 1)) + 1;
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen < wanted) continue;
    if (bucket < kSteps) return static_cast<double>(bucket) / 1e3;
    const std::size_t power = bucket / kSteps + 5;
    // The middle of the bucket.
    const double step = static_cast<double>(std::uint64_t{1} << (power - 6));
    return (static_cast<double>(kSteps + bucket % kSteps) + 0.5) * step / 1e3;
  }
  return 0;
}

std::map<std::string, double> Latencies::percentiles_us() const {
  constexpr std::array<std::pair<const char*, double>, 14> kShares{{{"1", 0.01},
                                                                    {"5", 0.05},
                                                                    {"10", 0.1},
                                                                    {"25", 0.25},
                                                                    {"50", 0.5},
                                                                    {"75", 0.75},
                                                                    {"90", 0.9},
                                                                    {"95", 0.95},
                                                                    {"99", 0.99},
                                                                    {"99.5", 0.995},
                                                                    {"99.9", 0.999},
                                                                    {"99.95", 0.9995},
                                                                    {"99.99", 0.9999},
                                                                    {"100", 1}}};
  std::map<std::string, double> found;
  if (total_ == 0) return found;
  for (const auto& [percent, share] : kShares) found[percent] = percentile_us(share);
  return found;
}

void set_percentiles(benchmark::State& state, const Latencies& latencies) {
  state.counters["p50_us"] = latencies.percentile_us(0.50);
  state.counters["p99_us"] = latencies.percentile_us(0.99);
  state.counters["p99_9_us"] = latencies.percentile_us(0.999);
}

void Progress::add(std::chrono::steady_clock::time_point at, double bytes) {
  constexpr std::size_t kMost = 6000;
  if (at < begin_) return;
  const auto interval = static_cast<std::size_t>((at - begin_) / interval_);
  if (interval >= kMost) return;
  if (interval >= bytes_.size()) bytes_.resize(interval + 1);
  bytes_[interval] += bytes;
}

std::vector<double> Progress::bytes_per_interval() const {
  std::vector<double> whole = bytes_;
  if (!whole.empty()) whole.pop_back();  // it had not come to its end
  return whole;
}

std::string size_text(std::uint64_t bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + units[unit];
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 != 0) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

void set_spread(benchmark::State& state, const std::string& name, std::vector<double> values) {
  if (values.empty()) return;
  state.counters[name + "_min"] = *std::min_element(values.begin(), values.end());
  state.counters[name + "_max"] = *std::max_element(values.begin(), values.end());
  state.counters[name] = median(std::move(values));
}

Use use_of_process() noexcept { return use_of(RUSAGE_SELF, CLOCK_PROCESS_CPUTIME_ID); }

Use use_of_calling_thread() noexcept { return use_of(RUSAGE_THREAD, CLOCK_THREAD_CPUTIME_ID); }

double process_cpu_seconds() noexcept { return use_of_process().cpu_seconds; }

void set_rates(benchmark::State& state, double requests, double bytes) {
  state.counters["bytes_per_second"] = benchmark::Counter(bytes, benchmark::Counter::kIsRate);
  state.counters["io_per_second"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
}

void set_effort(benchmark::State& state, double cpu_seconds, double bytes) {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  state.counters["bytes_per_second"] = benchmark::Counter(bytes, benchmark::Counter::kIsRate);
  if (bytes > 0) state.counters["cpu_s_per_gib"] = cpu_seconds / (bytes / kGiB);
}

}  // namespace lockstep::bench
