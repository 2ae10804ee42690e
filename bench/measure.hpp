// Latencies and processor time of one timed region, and how they become counters. Internal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace benchmark {
class State;
}

namespace lockstep::bench {

// Counts of durations in buckets of about 3 % width, so that recording costs a few instructions and
// no memory however long the run is.
class Latencies {
 public:
  void record(std::chrono::nanoseconds duration) noexcept;
  // By percent, "1" to "100": enough of them to draw the distribution. Empty: nothing was recorded.
  [[nodiscard]] std::map<std::string, double> percentiles_us() const;
  // The duration that `share` (0..1) of the recorded ones do not exceed, in microseconds; 0 when
  // nothing was recorded.
  [[nodiscard]] double percentile_us(double share) const noexcept;

 private:
  static constexpr std::size_t kSteps = 32;  // buckets per power of two
  static constexpr std::size_t kBuckets = 60 * kSteps;
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
};

// p50_us, p99_us and p99_9_us.
void set_percentiles(benchmark::State& state, const Latencies& latencies);

// How much was done in each of many equal intervals: whether a rate is steady.
class Progress {
 public:
  static constexpr std::chrono::milliseconds kInterval{10};
  explicit Progress(std::chrono::milliseconds interval = kInterval)
      : begin_(std::chrono::steady_clock::now()), interval_(interval) {}
  void add(std::chrono::steady_clock::time_point at, double bytes);
  // Whole intervals only; at most the first 6000.
  [[nodiscard]] std::vector<double> bytes_per_interval() const;
  // The last one, too, in which something came to its end.
  [[nodiscard]] const std::vector<double>& until_end() const noexcept { return bytes_; }
  [[nodiscard]] std::chrono::milliseconds interval() const noexcept { return interval_; }

 private:
  std::chrono::steady_clock::time_point begin_;
  std::chrono::milliseconds interval_;
  std::vector<double> bytes_;
};

// "4KiB", "1TiB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// The mean of the two in the middle when they are even in number; 0 of none.
[[nodiscard]] double median(std::vector<double> values);

// NAME, NAME_min and NAME_max of the rounds' own figures: the median and its spread.
void set_spread(benchmark::State& state, const std::string& name, std::vector<double> values);

// User and system time of the whole process so far: initiator and target together.
[[nodiscard]] double process_cpu_seconds() noexcept;

// What threads have used of the machine so far.
struct Use {
  double cpu_seconds = 0;
  double context_switches = 0;
};
[[nodiscard]] Use use_of_process() noexcept;  // all its threads
[[nodiscard]] Use use_of_calling_thread() noexcept;

// io_per_second and bytes_per_second of the timed region.
void set_rates(benchmark::State& state, double requests, double bytes);

// bytes_per_second and cpu_s_per_gib; `bytes` is the total of the timed region.
void set_effort(benchmark::State& state, double cpu_seconds, double bytes);

// Processor seconds between the construction and stop().
class Effort {
 public:
  Effort() : begin_(process_cpu_seconds()) {}
  void stop() noexcept { used_ = process_cpu_seconds() - begin_; }
  [[nodiscard]] double cpu_seconds() const noexcept { return used_; }

 private:
  double begin_;
  double used_ = 0;
};

}  // namespace lockstep::bench
