#include "reports/html/chart.hpp"

#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>

namespace lockstep::report::html {
namespace {

constexpr double kRow = 40;
constexpr std::size_t kSeriesColours = 6;

std::string figure(const std::string& title, const std::string& unit, const std::string& svg) {
  return fmt::format(
      R"(<figure><figcaption>{}{}</figcaption>
<div class="wide">{}</div></figure>
)",
      escape(title), unit.empty() ? "" : escape(" (" + unit + ")"), svg);
}

// Tick labels and grid lines of rows that are `height` high; x in percent of the width.
std::string value_axis(const std::vector<double>& ticks, double height) {
  std::string text;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double x = 100 * ticks[i] / ticks.back();
    const char* anchor = i == 0 ? "start" : i + 1 == ticks.size() ? "end" : "middle";
    text += fmt::format(
        R"(<line class="axis" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="{1}"/><text class="tick"
x="{0:.2f}%" y="{2}" text-anchor="{3}">{4}</text>)",
        x, height, height + 15, anchor, tick_text(ticks[i]));
  }
  return text;
}

std::string row_label(const std::string& label, const std::string& value, double y) {
  return fmt::format(
      R"(<text x="0" y="{0}">{1}</text><text class="value" x="100%" y="{0}"
text-anchor="end">{2}</text>)",
      y, escape(label), escape(value));
}

std::string rows_svg(const std::string& title, const std::vector<double>& ticks, std::size_t rows,
                     const std::string& content) {
  const double height = kRow * static_cast<double>(rows) + 4;
  return fmt::format(R"(<svg class="chart" role="img" aria-label="{}" height="{}">{}{}</svg>)",
                     escape(title), height + 20, value_axis(ticks, height), content);
}

// Marks that can be told apart without their colour.
std::string marker(std::size_t series, double x, double y) {
  switch (series % 4) {
    case 0:
      return fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="4.5"/>)", x, y);
    case 1:
      return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="8" height="8"/>)", x - 4, y - 4);
    case 2:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l5 9h-10z"/>)", x, y - 5);
    default:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>)", x, y - 5.5);
  }
}

// Where the plot of a line chart lies in its view box.
struct Frame {
  static constexpr double kWidth = 520, kLeft = 56, kRight = 500, kTop = 12, kBottom = 250,
                          kHeight = 296;
  double x_first;  // log2
  double x_last;
  double y_last;

  [[nodiscard]] double x(double value) const {
    const double span = std::max(x_last - x_first, 1e-9);
    return kLeft + (kRight - kLeft) * (std::log2(value) - x_first) / span;
  }
  [[nodiscard]] double y(double value) const { return kBottom - (kBottom - kTop) * value / y_last; }
};

std::string line_axes(const Frame& frame, const std::set<double>& xs,
                      const std::vector<double>& ticks, const std::string& x_title) {
  std::string text;
  for (const double tick : ticks) {
    text += fmt::format(
        R"(<line class="axis" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text class="tick"
x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
        Frame::kLeft, Frame::kRight, frame.y(tick), Frame::kLeft - 8, frame.y(tick) + 4,
        tick_text(tick));
  }
  for (const double x : xs) {
    text += fmt::format(R"(<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{:g}</text>)",
                        frame.x(x), Frame::kBottom + 18, x);
  }
  return text + fmt::format(R"(<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>)",
                            (Frame::kLeft + Frame::kRight) / 2, Frame::kBottom + 38,
                            escape(x_title));
}

// Which line is which, readable at any width.
std::string series_list(const std::vector<Series>& series) {
  static constexpr std::array<const char*, 4> kMarks{"●", "■", "▲", "◆"};
  std::string items;
  for (std::size_t i = 0; i < series.size(); ++i) {
    items +=
        fmt::format(R"(<li><span class="s{}" aria-hidden="true">{}</span> {}</li>)",
                    i % kSeriesColours + 1, kMarks[i % kMarks.size()], escape(series[i].label));
  }
  return "<ul class=\"series\">" + items + "</ul>\n";
}

}  // namespace

std::string tick_text(double tick) {
  if (tick >= 1000 && tick < 1e9) return count_text(static_cast<std::uint64_t>(std::llround(tick)));
  return fmt::format("{:g}", tick);
}

std::vector<double> ticks_to(double largest) {
  if (!std::isfinite(largest) || largest <= 0) return {0, 1};
  const double power = std::pow(10, std::floor(std::log10(largest / 5)));
  double step = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = factor * power;
    if (step * 5 >= largest) break;
  }
  std::vector<double> ticks;
  for (int i = 0; i == 0 || ticks.back() < largest * (1 - 1e-9); ++i) ticks.push_back(step * i);
  return ticks;
}

std::string bar_chart(const std::string& title, const std::string& unit,
                      const std::vector<Bar>& bars) {
  double largest = 0;
  for (const Bar& bar : bars) largest = std::max(largest, bar.value);
  const std::vector<double> ticks = ticks_to(largest);
  std::string content;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kRow * static_cast<double>(i);
    content += row_label(bars[i].label, number_text(bars[i].value) + " " + unit, y + 15);
    content += fmt::format(
        R"(<rect class="s1" x="0" y="{}" width="{:.2f}%" height="13"
rx="2"><title>{}: {} {}</title></rect>)",
        y + 21, 100 * std::max(bars[i].value, 0.0) / ticks.back(), escape(bars[i].label),
        number_text(bars[i].value), escape(unit));
  }
  return figure(title, unit, rows_svg(title, ticks, bars.size(), content));
}

std::string span_chart(const std::string& title, const std::string& unit,
                       const std::string& low_name, const std::string& high_name,
                       const std::vector<Span>& spans) {
  double largest = 0;
  for (const Span& span : spans) largest = std::max(largest, span.high);
  const std::vector<double> ticks = ticks_to(largest);
  std::string content;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& span = spans[i];
    const double y = kRow * static_cast<double>(i);
    const double low = 100 * std::max(span.low, 0.0) / ticks.back();
    const double high = 100 * std::max(span.high, 0.0) / ticks.back();
    const std::string values = number_text(span.low) + " – " + number_text(span.high) + " " + unit;
    content += row_label(span.label, values, y + 15);
    content += fmt::format(
        R"(<g class="s2"><title>{0}: {1} {2}, {3} {4} {5}</title><line x1="{6:.2f}%" x2="{7:.2f}%"
y1="{8}" y2="{8}" stroke-width="4"/><circle cx="{6:.2f}%" cy="{8}" r="5"/><rect x="{7:.2f}%"
y="{9}" width="4" height="14"/></g>)",
        escape(span.label), escape(low_name), number_text(span.low), escape(high_name),
        number_text(span.high), escape(unit), low, high, y + 28, y + 21);
  }
  const std::string caption = title + ", ● " + low_name + " to ▮ " + high_name;
  return figure(caption, unit, rows_svg(caption, ticks, spans.size(), content));
}

std::string line_chart(const std::string& title, const std::string& x_title,
                       const std::string& unit, const std::vector<Series>& series) {
  std::set<double> xs;
  double largest = 0;
  for (const Series& line : series) {
    for (const auto& [x, y] : line.points) {
      xs.insert(x);
      largest = std::max(largest, y);
    }
  }
  if (xs.empty()) return {};
  const std::vector<double> ticks = ticks_to(largest);
  const Frame frame{std::log2(*xs.begin()), std::log2(*xs.rbegin()), ticks.back()};
  std::string content = line_axes(frame, xs, ticks, x_title);
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::string points;
    std::string marks;
    for (const auto& [x, y] : series[i].points) {
      points += fmt::format("{:.1f},{:.1f} ", frame.x(x), frame.y(y));
      marks += fmt::format("<g><title>{}: {} {}</title>{}</g>", escape(series[i].label),
                           number_text(y), escape(unit), marker(i, frame.x(x), frame.y(y)));
    }
    content += fmt::format(R"(<g class="s{}"><polyline points="{}"/>{}</g>)",
                           i % kSeriesColours + 1, points, marks);
  }
  const std::string svg = fmt::format(
      R"(<svg class="chart lines" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>)",
      escape(title), Frame::kWidth, Frame::kHeight, content);
  return figure(title, unit, series_list(series) + svg);
}

}  // namespace lockstep::report::html
