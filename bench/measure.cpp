#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <sys/resource.h>
#include <utility>

namespace lockstep::bench {

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

double process_cpu_seconds() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void set_effort(benchmark::State& state, double cpu_seconds, double bytes) {
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  state.counters["bytes_per_second"] = benchmark::Counter(bytes, benchmark::Counter::kIsRate);
  if (bytes > 0) state.counters["cpu_s_per_gib"] = cpu_seconds / (bytes / kGiB);
}

}  // namespace lockstep::bench
