#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lockstep::report {
namespace {

struct Step {
  double from;
  const char* unit;
};

template <std::size_t N>
Quantity pick(std::string title, const std::array<Step, N>& steps, double largest) {
  const Step* best = &steps.front();
  for (const Step& step : steps) {
    // Ten of a unit before it is used, so that the smaller values of a column keep their digits.
    if (std::abs(largest) >= 10 * step.from) best = &step;
  }
  return {std::move(title), best->unit, 1.0 / best->from};
}

constexpr double kKi = 1024;
constexpr std::array<Step, 4> kBytesPerSecond{
    {{1, "B/s"}, {kKi, "KiB/s"}, {kKi * kKi, "MiB/s"}, {kKi * kKi * kKi, "GiB/s"}}};
constexpr std::array<Step, 3> kPerSecond{{{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}}};
constexpr std::array<Step, 4> kNanoseconds{{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}};

std::string words_of(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// p50_us: the title without its unit; the smallest step of time is then a microsecond.
Quantity microseconds_of(std::string_view name, double largest) {
  const std::string_view stem = name.substr(0, name.size() - 3);
  const bool percentile = stem.size() > 1 && stem[0] == 'p' && stem[1] >= '0' && stem[1] <= '9';
  std::string title = (percentile ? "Latency " : "") + words_of(stem);
  // p99_9: the tenths of a percent.
  if (percentile) std::replace(title.begin() + 9, title.end(), ' ', '.');
  Quantity quantity = pick(title, kNanoseconds, std::max(largest, 1.0) * 1e3);
  quantity.scale *= 1e3;
  return quantity;
}

}  // namespace

std::string count_text(std::uint64_t count) {
  const std::string digits = fmt::format("{}", count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += "\u202F";
    text += digits[i];
  }
  return text;
}

std::string count_of(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count_text(count), count == 1 ? one : many);
}

std::string duration_text(std::uint64_t microseconds) {
  const auto us = static_cast<double>(microseconds);
  if (microseconds < 1000) return fmt::format("{} µs", microseconds);
  if (microseconds < 1'000'000) return number_text(us / 1e3) + " ms";
  if (microseconds < 60'000'000) return number_text(us / 1e6) + " s";
  const std::uint64_t seconds = microseconds / 1'000'000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return "-";
  const double size = std::abs(number);
  if (size >= 1e6) return fmt::format("{:.2e}", number);
  if (size >= 1000) {
    const auto whole = static_cast<std::uint64_t>(std::llround(size));
    return (number < 0 ? "-" : "") + count_text(whole);
  }
  if (size >= 100) return fmt::format("{:.0f}", number);
  if (size >= 10) return fmt::format("{:.1f}", number);
  if (size >= 0.1 || size == 0) return fmt::format("{:.2f}", number);
  return fmt::format("{:.2g}", number);
}

Quantity quantity_of(std::string_view counter, double largest) {
  if (counter == "bytes_per_second") return pick("Throughput", kBytesPerSecond, largest);
  if (counter == "io_per_second") return pick("Requests", kPerSecond, largest);
  if (counter == "cpu_s_per_gib") return {"CPU time", "s/GiB", 1};
  if (counter.starts_with("cpu_s_per_gib_")) {
    return {"CPU time, " + words_of(counter.substr(14)), "s/GiB", 1};
  }
  if (counter.starts_with("syscalls_per_io_")) {
    return {"System calls, " + words_of(counter.substr(16)), "per request", 1};
  }
  if (counter.starts_with("switches_per_io_")) {
    return {"Context switches, " + words_of(counter.substr(16)), "per request", 1};
  }
  if (counter == "share_of_limit") return {"Share of the limit", "%", 100};
  if (counter.ends_with("_us")) return microseconds_of(counter, largest);
  if (counter.ends_with("_per_second")) {
    return pick(words_of(counter.substr(0, counter.size() - 11)), kPerSecond, largest);
  }
  return {words_of(counter), "", 1};
}

Quantity time_quantity(double largest_ns) {
  return pick("Time per iteration", kNanoseconds, largest_ns);
}

}  // namespace lockstep::report
