#include "reports/html/plot.hpp"

#include "reports/html/chart.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace lockstep::report::html {
namespace {

constexpr std::size_t kColours = 6;
constexpr double kWidth = 560, kHeight = 306, kLeft = 58, kRight = 546, kTop = 12, kBottom = 256;
constexpr double kMostNines = 4.4;  // where 100 % stands
constexpr std::size_t kMostTabulated = 24;

double scaled(Scale scale, double value) {
  switch (scale) {
    case Scale::Logarithmic:
      return std::log10(std::max(value, 1e-12));
    case Scale::Nines:
      return value >= 100 ? kMostNines : std::min(-std::log10(1 - value / 100), kMostNines);
    case Scale::Linear:
      break;
  }
  return value;
}

struct Range {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  void take(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

// An axis with its ticks chosen, and the ends of what it shows.
struct Placed {
  Axis axis;
  Range range;  // of scaled values
  [[nodiscard]] double share(double value) const {
    const double span = std::max(range.most - range.least, 1e-9);
    return (scaled(axis.scale, value) - range.least) / span;
  }
};

std::string short_text(double value) {
  for (const auto& [unit, suffix] :
       {std::pair{1e9, "G"}, std::pair{1e6, "M"}, std::pair{1e3, "k"}}) {
    if (std::abs(value) >= unit) return fmt::format("{:g}{}", value / unit, suffix);
  }
  return fmt::format("{:g}", value);
}

// 1, 2 and 5 of each power of ten; tens alone where that were too many.
std::vector<double> logarithmic_ticks(double least, double most) {
  std::vector<double> ticks;
  const bool is_wide = std::log10(most / least) > 2.5;
  for (double power = std::pow(10, std::floor(std::log10(least))); power <= most * 10;
       power *= 10) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (is_wide && factor > 1) continue;
      ticks.push_back(power * factor);
    }
  }
  const auto first = std::ranges::find_if(ticks, [&](double tick) { return tick > least; });
  const auto last = std::ranges::find_if(ticks, [&](double tick) { return tick >= most; });
  return {first == ticks.begin() ? first : first - 1, last == ticks.end() ? last : last + 1};
}

Placed place(Axis axis, Range values) {
  Placed placed{std::move(axis), {}};
  // What hardly changes must not look as if it did.
  if (placed.axis.scale == Scale::Logarithmic && placed.axis.ticks.empty() &&
      values.most < 10 * values.least) {
    const double middle = std::sqrt(values.least * values.most);
    values = {middle / std::sqrt(10), middle * std::sqrt(10)};
  }
  if (placed.axis.ticks.empty()) {
    const std::vector<double> ticks = placed.axis.scale == Scale::Logarithmic
                                          ? logarithmic_ticks(values.least, values.most)
                                          : ticks_to(values.most);
    for (const double tick : ticks) placed.axis.ticks.emplace_back(tick, short_text(tick));
  }
  for (const auto& [tick, text] : placed.axis.ticks) {
    placed.range.take(scaled(placed.axis.scale, tick));
  }
  placed.range.take(scaled(placed.axis.scale, values.least));
  placed.range.take(scaled(placed.axis.scale, values.most));
  return placed;
}

double x_of(const Placed& axis, double value) {
  return kLeft + (kRight - kLeft) * axis.share(value);
}
double y_of(const Placed& axis, double value) {
  return kBottom - (kBottom - kTop) * axis.share(value);
}

std::string axes(const Placed& x, const Placed& y) {
  std::string text;
  for (const auto& [tick, shown] : y.axis.ticks) {
    text += fmt::format(
        R"(<line class="axis" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text class="tick"
x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
        kLeft, kRight, y_of(y, tick), kLeft - 8, y_of(y, tick) + 4, escape(shown));
  }
  double last = -100;
  for (const auto& [tick, shown] : x.axis.ticks) {
    const double at = x_of(x, tick);
    text += fmt::format(R"(<line class="axis" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>)", at,
                        kBottom, kBottom + 4);
    if (at - last < 30) continue;  // the marks stay, the words would run into each other
    last = at;
    text += fmt::format(R"(<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>)", at,
                        kBottom + 19, at > kRight - 12 ? "end" : "middle", escape(shown));
  }
  return text + fmt::format(R"(<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>)",
                            (kLeft + kRight) / 2, kBottom + 41, escape(x.axis.title));
}

// Told apart without their colour.
std::string mark(const Look& look, double x, double y) {
  switch (look.number % 4) {
    case 0:
      return fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="4.2"/>)", x, y);
    case 1:
      return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="7.6" height="7.6"/>)", x - 3.8,
                         y - 3.8);
    case 2:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l4.8 8.6h-9.6z"/>)", x, y - 5);
    default:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l5.2 5.2l-5.2 5.2l-5.2 -5.2z"/>)", x, y - 5.2);
  }
}

std::string attributes_of(const PlotPoint& point, std::size_t run) {
  return fmt::format(R"(data-run="{}" data-benchmark="{}" data-figure="{}")", run,
                     escape(point.benchmark), escape(point.figure));
}

std::string x_text(const Axis& axis, double x) {
  for (const auto& [tick, shown] : axis.ticks) {
    if (tick == x) return shown;
  }
  return number_text(x);
}

std::string draw(const Curve& curve, const Plot& plot, const Placed& x, const Placed& y) {
  const Look& look = curve.look;
  std::string line;
  std::string marks;
  for (const PlotPoint& point : curve.points) {
    const double px = x_of(x, point.x);
    const double py = y_of(y, point.y);
    line += fmt::format("{:.1f},{:.1f} ", px, py);
    if (!curve.has_marks) continue;
    marks += fmt::format(
        R"(<g class="mark" data-y="{:.1f}" data-value="{}" {}><title>{}, {}: {} {}</title>{}</g>)",
        py, point.raw, attributes_of(point, look.run), escape(look.label),
        escape(x_text(plot.x, point.x)), number_text(point.y), escape(plot.y.title),
        mark(look, px, py));
  }
  return fmt::format(
      R"(<g class="curve c{} s{} d{}"><polyline points="{}"><title>{}</title></polyline>{}</g>)",
      look.number, look.colour % kColours + 1, look.dash % 3, line, escape(look.label), marks);
}

std::string table(const Plot& plot) {
  std::set<double> xs;
  for (const Curve& curve : plot.curves) {
    for (const PlotPoint& point : curve.points) xs.insert(point.x);
  }
  if (xs.size() > kMostTabulated) return {};
  std::string head;
  for (const double x : xs) {
    head += fmt::format(R"(<th scope="col" class="number">{}</th>)", escape(x_text(plot.x, x)));
  }
  std::string rows;
  for (const Curve& curve : plot.curves) {
    rows += fmt::format(R"(<tr class="c{}"><th scope="row">{}</th>)", curve.look.number,
                        escape(curve.look.label));
    for (const double x : xs) {
      const auto found = std::ranges::find(curve.points, x, &PlotPoint::x);
      rows += fmt::format(R"(<td class="number">{}</td>)",
                          found == curve.points.end()
                              ? "–"
                              : recorded(number_text(found->y), *found, curve.look.run));
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      R"(<details class="behind"><summary>Figures, {}</summary><div class="wide" tabindex="0"
role="region" aria-label="Figures of this plot"><table><caption>{}</caption><thead><tr><th scope="col">{}</th>{}</tr></thead>
<tbody>
{}</tbody></table></div></details>)",
      escape(plot.y.title), escape(plot.title + (plot.note.empty() ? "" : ", " + plot.note)),
      escape(plot.x.title), head, rows);
}

}  // namespace

std::string recorded(const std::string& shown, const PlotPoint& point, std::size_t run) {
  return fmt::format(R"(<data value="{}" {}>{}</data>)", point.raw, attributes_of(point, run),
                     escape(shown));
}

std::string plot(const Plot& plot) {
  Range xs;
  Range ys;
  for (const Curve& curve : plot.curves) {
    for (const PlotPoint& point : curve.points) {
      xs.take(point.x);
      ys.take(point.y);
    }
  }
  if (!std::isfinite(xs.least) || !std::isfinite(ys.most)) return {};
  if (plot.y.scale == Scale::Linear) ys.least = 0;
  const Placed x = place(plot.x, xs);
  const Placed y = place(plot.y, ys);
  std::string content = axes(x, y);
  for (const Curve& curve : plot.curves) content += draw(curve, plot, x, y);
  const std::string note =
      plot.note.empty() ? "" : fmt::format(R"( <span class="soft">· {}</span>)", escape(plot.note));
  return fmt::format(
      R"(<figure class="plot"><figcaption>{} <span class="unit">{}</span>{}</figcaption>
<svg class="chart lines" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>
{}</figure>
)",
      escape(plot.title), escape(plot.y.title), note,
      escape(plot.title + (plot.note.empty() ? "" : ", " + plot.note)), kWidth, kHeight, content,
      table(plot));
}

}  // namespace lockstep::report::html
