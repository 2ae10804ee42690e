// Numbers for people, independent of the locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::report {

// "1 234 567", with narrow no-break spaces.
[[nodiscard]] std::string count_text(std::uint64_t count);
// "1 case", "2 cases"
[[nodiscard]] std::string count_of(std::uint64_t count, std::string_view one,
                                   std::string_view many);
// "380 µs", "1.2 ms", "14 s", "2 min 05 s"
[[nodiscard]] std::string duration_text(std::uint64_t microseconds);
// Three significant digits; "not a number" reads "-".
[[nodiscard]] std::string number_text(double number);

// How the counter of a benchmark is called and shown; from its name: bytes_per_second, p99_us, ...
struct Quantity {
  std::string title;  // "Throughput"
  std::string unit;   // "MiB/s"
  double scale = 1;   // shown value = counter * scale
};
// A unit in which `largest` reads well, so that all values of one column share it.
[[nodiscard]] Quantity quantity_of(std::string_view counter, double largest);
[[nodiscard]] Quantity time_quantity(double largest_ns);

}  // namespace lockstep::report
