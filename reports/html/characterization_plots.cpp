// The plots of the characterization page.
#include "reports/html/characterization.hpp"
#include "reports/html/chart.hpp"
#include "reports/text/benchmark_name.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/growth.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>

namespace lockstep::report::html {
namespace {

constexpr double kDistributionBytes = 4096;
constexpr std::size_t kMostGrowthPlots = 24;

using Chosen = std::function<bool(const Measured&)>;
using Place = double (*)(const Measured&);

double largest_of(const Loads& loads, const Chosen& chosen, const std::string& figure) {
  double largest = 0;
  for (const Measured& one : loads.measured) {
    if (chosen(one)) largest = std::max(largest, figure_of(*one.record, figure).value_or(0));
  }
  return largest;
}

// One curve for each contender that has points.
std::vector<Curve> curves_of(const Loads& loads, const Chosen& chosen, Place x,
                             const std::string& figure, double scale) {
  std::vector<Curve> curves;
  for (std::size_t at = 0; at < loads.contenders.size(); ++at) {
    Curve curve{loads.contenders[at], {}};
    for (const Measured& one : loads.measured) {
      const auto value = figure_of(*one.record, figure);
      if (one.contender != at || !chosen(one) || !value) continue;
      curve.points.push_back({x(one), *value * scale, *value, one.record->name, figure});
    }
    std::ranges::stable_sort(curve.points, {}, &PlotPoint::x);
    if (!curve.points.empty()) curves.push_back(std::move(curve));
  }
  return curves;
}

std::string figure_plot(const Loads& loads, const Chosen& chosen, Place x, const Axis& x_axis,
                        const std::string& figure, Scale scale, const std::string& note) {
  const Quantity quantity = quantity_of(figure, largest_of(loads, chosen, figure));
  return plot({quantity.title,
               note,
               x_axis,
               {quantity.unit, scale},
               curves_of(loads, chosen, x, figure, quantity.scale)});
}

double depth_of(const Measured& one) { return one.depth; }
double bytes_of(const Measured& one) { return one.block_bytes; }

Axis axis_over(const Loads& loads, const Chosen& chosen, Place x, const char* title,
               std::string (*shown)(double)) {
  std::set<double> values;
  for (const Measured& one : loads.measured) {
    if (chosen(one)) values.insert(x(one));
  }
  Axis axis{title, Scale::Logarithmic, {}};
  for (const double value : values) axis.ticks.emplace_back(value, shown(value));
  return axis;
}

std::string whole_text(double value) { return fmt::format("{:g}", value); }

std::string grid(const std::string& plots) {
  return plots.empty() ? "" : "<div class=\"plots\">\n" + plots + "</div>\n";
}

const char* word_of(bool writes) { return writes ? "writes" : "reads"; }

}  // namespace

std::string by_depth(const Loads& loads) {
  std::string text;
  for (const bool writes : {false, true}) {
    const Chosen chosen = [writes](const Measured& one) {
      return one.writes == writes && one.random && one.block_bytes == kDistributionBytes;
    };
    const Axis axis = axis_over(loads, chosen, depth_of, "Requests in flight", whole_text);
    if (axis.ticks.size() < 2) continue;
    const std::string note = std::string("random ") + word_of(writes) + " of 4 KiB";
    std::string plots;
    plots += figure_plot(loads, chosen, depth_of, axis, "io_per_second", Scale::Linear, note);
    for (const char* latency : {"p50_us", "p99_us", "p99_9_us"}) {
      plots += figure_plot(loads, chosen, depth_of, axis, latency, Scale::Logarithmic, note);
    }
    text += grid(plots);
  }
  return text;
}

std::string by_size(const Loads& loads) {
  // The depth at which most sizes were measured.
  std::map<double, std::set<double>> sizes;
  for (const Measured& one : loads.measured) {
    if (!one.random) sizes[one.depth].insert(one.block_bytes);
  }
  double depth = 0;
  for (const auto& [candidate, found] : sizes) {
    if (depth == 0 || found.size() > sizes[depth].size()) depth = candidate;
  }
  if (depth == 0 || sizes[depth].size() < 2) return {};
  std::string text;
  for (const bool writes : {false, true}) {
    const Chosen chosen = [writes, depth](const Measured& one) {
      return one.writes == writes && !one.random && one.depth == depth;
    };
    const Axis axis = axis_over(loads, chosen, bytes_of, "Bytes of a request", bytes_text);
    const std::string note = fmt::format("sequential {}, {:g} in flight", word_of(writes), depth);
    std::string plots;
    plots += figure_plot(loads, chosen, bytes_of, axis, "bytes_per_second", Scale::Linear, note);
    for (const char* figure : {"p50_us", "p99_us", "p99_9_us"}) {
      plots += figure_plot(loads, chosen, bytes_of, axis, figure, Scale::Logarithmic, note);
    }
    text += grid(plots);
  }
  return text;
}

std::string distributions(const Loads& loads) {
  const Axis axis{"Percent of the requests that were no slower",
                  Scale::Nines,
                  {{0, "0"},
                   {50, "50"},
                   {90, "90"},
                   {99, "99"},
                   {99.9, "99.9"},
                   {99.99, "99.99"},
                   {100, "all"}}};
  std::string plots;
  for (const bool writes : {false, true}) {
    for (const double depth : {1.0, 16.0, 64.0}) {
      Plot drawn{"Latency",
                 fmt::format("random {} of 4 KiB, {:g} in flight", word_of(writes), depth),
                 axis,
                 {"µs", Scale::Logarithmic},
                 {}};
      for (const Measured& one : loads.measured) {
        if (one.writes != writes || !one.random || one.block_bytes != kDistributionBytes ||
            one.depth != depth || !one.record->error.empty()) {
          continue;
        }
        Curve curve{loads.contenders[one.contender], {}, false};
        for (const auto& [percent, us] : one.record->percentiles_us) {
          double x = 0;
          std::from_chars(percent.data(), percent.data() + percent.size(), x);
          if (!(us > 0)) continue;
          curve.points.push_back({x, us, us, one.record->name, "percentile " + percent});
        }
        std::ranges::stable_sort(curve.points, {}, &PlotPoint::x);
        if (!curve.points.empty()) drawn.curves.push_back(std::move(curve));
      }
      plots += plot(drawn);
    }
  }
  return grid(plots);
}

std::string over_time(const Loads& loads) {
  constexpr double kMiB = 1024.0 * 1024.0;
  std::string plots;
  std::set<std::string> drawn_loads;
  for (const Measured& like : loads.measured) {
    const bool is_shown =
        (like.random && like.block_bytes == kDistributionBytes && like.depth == 64) ||
        (!like.random && like.block_bytes == 64 * kDistributionBytes && like.depth == 16);
    const std::string note =
        fmt::format("{} {} of {}, {:g} in flight", like.random ? "random" : "sequential",
                    word_of(like.writes), bytes_text(like.block_bytes), like.depth);
    if (!is_shown || !drawn_loads.insert(note).second) continue;
    Plot drawn{"Throughput", note, {"Milliseconds", Scale::Linear}, {"MiB/s", Scale::Linear}, {}};
    for (const Measured& one : loads.measured) {
      const BenchmarkRecord& record = *one.record;
      if (one.writes != like.writes || one.random != like.random || one.depth != like.depth ||
          one.block_bytes != like.block_bytes || record.progress_interval_ms == 0) {
        continue;
      }
      Curve curve{loads.contenders[one.contender], {}, false};
      for (std::size_t i = 0; i < record.progress.size(); ++i) {
        const double bytes = record.progress[i];
        curve.points.push_back({static_cast<double>(i + 1) * record.progress_interval_ms,
                                bytes / kMiB * 1000 / record.progress_interval_ms, bytes,
                                record.name, fmt::format("progress {}", i)});
      }
      if (curve.points.size() > 1) drawn.curves.push_back(std::move(curve));
    }
    plots += plot(drawn);
  }
  return grid(plots);
}

namespace {

// How much had been copied by the end of each interval.
Curve copied_over_time(const BenchmarkRecord& record, Look look) {
  constexpr double kMiB = 1024.0 * 1024.0;
  Curve curve{std::move(look), {{0, 0, 0, record.name, "copied in 0"}}, false};
  double bytes = 0;
  for (std::size_t i = 0; i < record.progress.size(); ++i) {
    bytes += record.progress[i];
    curve.points.push_back({static_cast<double>(i + 1) * record.progress_interval_ms, bytes / kMiB,
                            bytes, record.name, fmt::format("copied in {}", i + 1)});
  }
  return curve;
}

const BenchmarkRecord* copy_of_run(const Run& run, const std::string& name) {
  const auto found = std::ranges::find(run.benchmarks, name, &BenchmarkRecord::name);
  const bool is_drawn = found != run.benchmarks.end() && found->error.empty() &&
                        found->progress_interval_ms != 0 && found->progress.size() > 1;
  return is_drawn ? &*found : nullptr;
}

}  // namespace

std::string copies_over_time(const Runs& runs) {
  const std::string in_memory = "copy/memcpy/bs:256KiB";
  std::string plots;
  std::set<std::string> drawn_names{in_memory};
  for (const Run& like : runs) {
    for (const BenchmarkRecord& record : like.benchmarks) {
      if (record.group != "copy" || !copy_of_run(like, record.name)) continue;
      if (!drawn_names.insert(record.name).second) continue;
      Plot drawn{"Progress",
                 record.name.substr(std::string("copy/").size()) + "; dashed: in memory",
                 {"Milliseconds", Scale::Linear},
                 {"MiB copied", Scale::Linear},
                 {}};
      for (std::size_t run = 0; run < runs.size(); ++run) {
        const std::string letter = run_letter(runs, run);
        const std::string before = letter.empty() ? "" : letter + ": ";
        for (const auto& [name, dash] : {std::pair{record.name, 0U}, {in_memory, 1U}}) {
          const BenchmarkRecord* const copy = copy_of_run(runs[run], name);
          if (copy == nullptr) continue;
          drawn.curves.push_back(
              copied_over_time(*copy, {200 + run, run, dash, before + name, run}));
        }
      }
      plots += plot(drawn);
    }
  }
  return grid(plots);
}

namespace {

struct GrowthOfRun {
  std::size_t run;
  Growth growth;
};

std::string growth_plot(const Runs& runs, const std::vector<GrowthOfRun>& all,
                        const std::string& name) {
  double largest = 0;
  for (const GrowthOfRun& one : all) {
    if (one.growth.name != name) continue;
    for (const GrowthPoint& point : one.growth.points) largest = std::max(largest, point.time_ns);
  }
  const Quantity time = time_quantity(largest);
  Plot drawn{name, "", {"", Scale::Logarithmic}, {time.unit, Scale::Logarithmic}, {}};
  for (const GrowthOfRun& one : all) {
    if (one.growth.name != name) continue;
    const std::string letter = run_letter(runs, one.run);
    drawn.x.title = one.growth.parameter;
    Look look{100 + one.run, one.run, one.run,
              (letter.empty() ? "" : letter + ": ") +
                  fmt::format("time ∝ {}^{:.2f}", one.growth.parameter, one.growth.exponent),
              one.run};
    Curve curve{look, {}};
    for (const GrowthPoint& point : one.growth.points) {
      curve.points.push_back(
          {point.value, point.time_ns * time.scale, point.time_ns, point.benchmark, kRealTimeNs});
      const std::pair tick{point.value, point.shown};
      if (std::ranges::find(drawn.x.ticks, tick) == drawn.x.ticks.end()) {
        drawn.x.ticks.push_back(tick);
      }
    }
    drawn.note += (drawn.note.empty() ? "" : "; ") + look.label;
    drawn.curves.push_back(std::move(curve));
  }
  std::ranges::sort(drawn.x.ticks);
  return plot(drawn);
}

std::string growth_row(const Runs& runs, const GrowthOfRun& one) {
  const Growth& growth = one.growth;
  const char* tone = growth.is_worse_than_linear() ? "bad" : "pass";
  const char* said = growth.is_worse_than_linear() ? "✗ worse than linear"
                     : growth.exponent > 0.9       ? "✓ linear"
                     : growth.exponent > 0.15      ? "✓ less than linear"
                     : growth.exponent > -0.15     ? "✓ does not depend on it"
                                                   : "✓ falls";
  return fmt::format(
      R"(<tr><th scope="row"><code>{}</code></th><td>{}</td><td data-label="From">{} to {}</td><td class="number"
data-label="Exponent">{:.2f}</td><td><span class="badge {}">{}</span></td></tr>
)",
      escape(growth.name), escape(run_letter(runs, one.run)), escape(growth.points.front().shown),
      escape(growth.points.back().shown), growth.exponent, tone, said);
}

}  // namespace

std::string growths(const Runs& runs) {
  std::vector<GrowthOfRun> all;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (Growth& growth : growths_of(runs[run].benchmarks)) all.push_back({run, std::move(growth)});
  }
  if (all.empty()) return {};
  std::string plots;
  std::set<std::string> drawn;
  for (const GrowthOfRun& one : all) {
    // Sizes and depths have plots of their own above.
    if (one.growth.parameter == "bs" || one.growth.parameter == "qd") continue;
    if (drawn.size() >= kMostGrowthPlots || !drawn.insert(one.growth.name).second) continue;
    plots += growth_plot(runs, all, one.growth.name);
  }
  std::ranges::stable_sort(all, std::greater{},
                           [](const GrowthOfRun& one) { return one.growth.exponent; });
  std::string rows;
  for (const GrowthOfRun& one : all) rows += growth_row(runs, one);
  return grid(plots) +
         fmt::format(
             R"(<details class="behind"><summary>All {} fits: time of one iteration as a power of the parameter</summary>
<div class="wide"><table class="stack"><caption>The steepest first</caption><thead><tr><th scope="col">Benchmarks</th><th scope="col">Run</th><th
scope="col">Values</th><th scope="col" class="number">Exponent</th><th scope="col">Growth</th></tr></thead>
<tbody>
{}</tbody></table></div></details>
)",
             all.size(), rows);
}

}  // namespace lockstep::report::html
