#include "reports/text/benchmark_name.hpp"

#include "reports/text/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

namespace lockstep::report {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{{{"", 1},
                                                                     {"%", 1},
                                                                     {"B", 1},
                                                                     {"KiB", 1024},
                                                                     {"MiB", 1048576},
                                                                     {"GiB", 1073741824},
                                                                     {"TiB", 1099511627776}}};

// Nothing: it is no such number.
std::optional<double> value_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number == 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* const found =
      std::ranges::find(kUnits, unit, &std::pair<std::string_view, double>::first);
  if (found == kUnits.end()) return std::nullopt;
  return static_cast<double>(number) * found->second;
}

}  // namespace

std::vector<Parameter> parameters_of(const std::string& benchmark) {
  std::vector<Parameter> parameters;
  for (std::size_t at = 0; at <= benchmark.size();) {
    const std::size_t end = std::min(benchmark.find('/', at), benchmark.size());
    const std::string part = benchmark.substr(at, end - at);
    const std::size_t colon = part.find(':');
    if (colon != std::string::npos && colon > 0) {
      std::string shown = part.substr(colon + 1);
      if (const auto value = value_of(shown)) {
        parameters.push_back({part.substr(0, colon), std::move(shown), *value});
      }
    }
    at = end + 1;
  }
  return parameters;
}

std::optional<Parameter> parameter_of(const std::string& benchmark, const std::string& name) {
  const auto all = parameters_of(benchmark);
  const auto found = std::ranges::find(all, name, &Parameter::name);
  if (found == all.end()) return std::nullopt;
  return *found;
}

std::string with_value(const std::string& benchmark, const Parameter& parameter,
                       const std::string& text) {
  const std::string part = parameter.name + ":" + parameter.shown;
  std::string named = "/" + benchmark + "/";
  const std::size_t at = named.find("/" + part + "/");
  if (at == std::string::npos) return benchmark;
  named.replace(at + 1 + parameter.name.size() + 1, parameter.shown.size(), text);
  return named.substr(1, named.size() - 2);
}

std::string bytes_text(double bytes) {
  const auto* best = &kUnits[2];
  for (const auto& unit : kUnits) {
    if (!unit.first.empty() && unit.first != "%" && bytes >= unit.second) best = &unit;
  }
  const double shown = bytes / best->second;
  const bool is_whole = std::abs(shown - std::round(shown)) < 1e-9 && shown < 10'000;
  return (is_whole ? count_text(static_cast<std::uint64_t>(std::llround(shown)))
                   : number_text(shown)) +
         " " + std::string(best->first);
}

}  // namespace lockstep::report
