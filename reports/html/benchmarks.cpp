// Benchmarks: per group, plots of what was measured and the table with every figure.
#include "reports/html/chart.hpp"
#include "reports/html/parts.hpp"
#include "reports/text/benchmark_name.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace lockstep::report::html {
namespace {

using Group = std::vector<const BenchmarkRecord*>;

std::vector<std::pair<std::string, Group>> groups_of(const Run& run) {
  std::vector<std::pair<std::string, Group>> groups;
  for (const BenchmarkRecord& record : run.benchmarks) {
    auto found = std::ranges::find(groups, record.group, &std::pair<std::string, Group>::first);
    if (found == groups.end()) {
      groups.emplace_back(record.group, Group{});
      found = groups.end() - 1;
    }
    found->second.push_back(&record);
  }
  return groups;
}

std::optional<double> counter_of(const BenchmarkRecord& record, const std::string& name) {
  const auto found = record.counters.find(name);
  if (!record.error.empty() || found == record.counters.end() || !std::isfinite(found->second)) {
    return std::nullopt;
  }
  return found->second;
}

double largest_of(const Group& group, const std::string& counter) {
  double largest = 0;
  for (const BenchmarkRecord* record : group) {
    largest = std::max(largest, counter_of(*record, counter).value_or(0));
  }
  return largest;
}

double longest_of(const Group& group) {
  double longest = 0;
  for (const BenchmarkRecord* record : group) {
    if (std::isfinite(record->real_time_ns)) longest = std::max(longest, record->real_time_ns);
  }
  return longest;
}

// The name without its group, which stands above the chart.
std::string short_name(const BenchmarkRecord& record) {
  std::string prefix = record.group + "/";
  std::ranges::replace(prefix, ' ', '_');
  return record.name.starts_with(prefix) ? record.name.substr(prefix.size()) : record.name;
}

// "read/bs:4KiB/qd:16" -> depth 16 of "read/bs:4KiB".
struct Depth {
  std::string rest;
  double depth;
};
std::optional<Depth> depth_of(const std::string& name) {
  const auto depth = parameter_of(name, "qd");
  if (!depth) return std::nullopt;
  std::string rest = "/" + name + "/";
  const std::string part = "/qd:" + depth->shown + "/";
  rest.replace(rest.find(part), part.size(), "/");
  return Depth{rest.substr(1, rest.size() - 2), depth->value};
}

// Benchmarks that differ in depth alone, as one line each; a line needs two points.
struct Lines {
  std::vector<Series> series;
  std::set<const BenchmarkRecord*> drawn;
};

Lines lines_of(const Group& group, const std::string& counter, double scale) {
  std::map<std::string, std::vector<std::pair<double, const BenchmarkRecord*>>> by_rest;
  for (const BenchmarkRecord* record : group) {
    const auto depth = depth_of(short_name(*record));
    if (depth && counter_of(*record, counter))
      by_rest[depth->rest].emplace_back(depth->depth, record);
  }
  Lines lines;
  for (auto& [rest, points] : by_rest) {
    if (points.size() < 2) continue;
    std::ranges::stable_sort(points, {}, [](const auto& point) { return point.first; });
    Series& series = lines.series.emplace_back(Series{rest, {}});
    for (const auto& [depth, record] : points) {
      series.points.emplace_back(depth, counter_of(*record, counter).value_or(0) * scale);
      lines.drawn.insert(record);
    }
  }
  return lines;
}

std::string speed_charts(const Group& group, const std::string& counter) {
  const Quantity quantity = quantity_of(counter, largest_of(group, counter));
  const Lines lines = lines_of(group, counter, quantity.scale);
  std::vector<Bar> bars;
  for (const BenchmarkRecord* record : group) {
    const auto value = counter_of(*record, counter);
    if (value && !lines.drawn.contains(record)) {
      bars.push_back({short_name(*record), *value * quantity.scale});
    }
  }
  std::string text;
  if (!lines.series.empty()) {
    text += line_chart(quantity.title + " by queue depth", "Requests in flight", quantity.unit,
                       lines.series);
  }
  if (!bars.empty()) text += bar_chart(quantity.title, quantity.unit, bars);
  return text;
}

std::string latency_spans(const Group& group) {
  const Quantity quantity = quantity_of("p99_us", largest_of(group, "p99_us"));
  std::vector<Span> spans;
  for (const BenchmarkRecord* record : group) {
    const auto low = counter_of(*record, "p50_us");
    const auto high = counter_of(*record, "p99_us");
    if (low && high)
      spans.push_back({short_name(*record), *low * quantity.scale, *high * quantity.scale});
  }
  return spans.empty() ? ""
                       : span_chart("Latency", quantity.unit, "median", "99th percentile", spans);
}

std::string charts(const Group& group) {
  const bool moves_bytes = largest_of(group, "bytes_per_second") > 0;
  const std::string speed = moves_bytes ? "bytes_per_second" : "io_per_second";
  std::string text = speed_charts(group, speed) + latency_spans(group);
  if (!text.empty()) return text;
  const Quantity time = time_quantity(longest_of(group));
  std::vector<Bar> bars;
  for (const BenchmarkRecord* record : group) {
    if (record->error.empty() && std::isfinite(record->real_time_ns)) {
      bars.push_back({short_name(*record), record->real_time_ns * time.scale});
    }
  }
  return bars.empty() ? "" : bar_chart(time.title, time.unit, bars);
}

std::string column_title(const Quantity& quantity) {
  return escape(quantity.unit.empty() ? quantity.title : quantity.title + ", " + quantity.unit);
}

std::string header_cell(const Quantity& quantity) {
  return fmt::format(R"(<th scope="col" class="number">{}</th>)", column_title(quantity));
}

std::string value_cell(const Quantity& quantity, std::optional<double> value) {
  return fmt::format(R"(<td class="number" data-label="{}">{}</td>)", column_title(quantity),
                     value ? number_text(*value * quantity.scale) : "–");
}

std::string table(const Group& group) {
  std::set<std::string> names;
  for (const BenchmarkRecord* record : group) {
    for (const auto& [name, value] : record->counters) names.insert(name);
  }
  const Quantity time = time_quantity(longest_of(group));
  std::vector<std::pair<std::string, Quantity>> columns;
  std::string head = header_cell(time);
  for (const std::string& name : names) {
    columns.emplace_back(name, quantity_of(name, largest_of(group, name)));
    head += header_cell(columns.back().second);
  }
  std::string rows;
  for (const BenchmarkRecord* record : group) {
    rows += fmt::format(R"(<tr><th scope="row">{}</th>)", escape(record->name));
    if (!record->error.empty()) {
      rows += fmt::format(R"(<td colspan="{}"><strong class="bad">✗ failed:</strong> {}</td></tr>
)",
                          columns.size() + 2, escape(record->error));
      continue;
    }
    rows += value_cell(time, record->real_time_ns);
    for (const auto& [name, quantity] : columns) {
      rows += value_cell(quantity, counter_of(*record, name));
    }
    rows +=
        fmt::format(R"(<td class="number" data-label="Repetitions × iterations">{} × {}</td></tr>
)",
                    record->repetitions, count_text(record->iterations));
  }
  return fmt::format(
      R"(<div class="wide" tabindex="0" role="region"
aria-label="All figures"><table class="stack"><caption>Medians of the repetitions</caption>
<thead><tr><th scope="col">Benchmark</th>{}<th scope="col"
class="number">Repetitions × iterations</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      head, rows);
}

}  // namespace

std::string figures(const Run& run) {
  std::string text;
  for (const auto& [name, group] : groups_of(run)) {
    text += fmt::format("<h3>{}</h3>\n", escape(name.empty() ? "benchmarks" : name)) + table(group);
  }
  return text;
}

std::string benchmarks(const Run& run) {
  if (run.benchmarks.empty()) return {};
  std::string text =
      "<p>Figures are medians, measured on one machine in one run. Compare them as ratios, and "
      "only with "
      "another run on the same machine.</p>\n";
  for (const auto& [name, group] : groups_of(run)) {
    text += fmt::format("<h3>{}</h3>\n", escape(name.empty() ? "benchmarks" : name)) +
            charts(group) + table(group);
  }
  return text;
}

}  // namespace lockstep::report::html
