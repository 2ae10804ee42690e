#include "reports/text/growth.hpp"

#include "reports/text/benchmark_name.hpp"

#include <algorithm>
#include <cmath>

namespace lockstep::report {
namespace {

constexpr std::size_t kLeastPoints = 3;
constexpr double kLeastRange = 4;

double slope_of(const std::vector<GrowthPoint>& points) {
  const auto count = static_cast<double>(points.size());
  double x_mean = 0;
  double y_mean = 0;
  for (const GrowthPoint& point : points) {
    x_mean += std::log(point.value) / count;
    y_mean += std::log(point.time_ns) / count;
  }
  double rise = 0;
  double run = 0;
  for (const GrowthPoint& point : points) {
    const double x = std::log(point.value) - x_mean;
    rise += x * (std::log(point.time_ns) - y_mean);
    run += x * x;
  }
  return rise / run;
}

}  // namespace

std::vector<Growth> growths_of(const std::vector<BenchmarkRecord>& records) {
  std::vector<Growth> growths;
  for (const BenchmarkRecord& record : records) {
    const bool is_usable = record.error.empty() && std::isfinite(record.real_time_ns) &&
                           record.real_time_ns > 0 && record.group != "limit";
    if (!is_usable) continue;
    for (const Parameter& parameter : parameters_of(record.name)) {
      const std::string name = with_value(record.name, parameter, "*");
      auto found = std::ranges::find(growths, name, &Growth::name);
      if (found == growths.end()) {
        growths.push_back({name, parameter.name, {}, 0});
        found = growths.end() - 1;
      }
      found->points.push_back({parameter.shown, parameter.value, record.real_time_ns, record.name});
    }
  }
  std::erase_if(growths, [](Growth& growth) {
    std::ranges::stable_sort(growth.points, {}, &GrowthPoint::value);
    return growth.points.size() < kLeastPoints ||
           growth.points.back().value < kLeastRange * growth.points.front().value;
  });
  for (Growth& growth : growths) growth.exponent = slope_of(growth.points);
  return growths;
}

}  // namespace lockstep::report
