// Charts as inline SVG, drawn here: they need no script, follow the page's colours, and carry their
// figures as text.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lockstep::report::html {

struct Bar {
  std::string label;
  double value;
};
// Horizontal bars from zero, one under the other.
[[nodiscard]] std::string bar_chart(const std::string& title, const std::string& unit,
                                    const std::vector<Bar>& bars);

struct Span {
  std::string label;
  double low;
  double high;
};
// From low to high, two marks each; `low_name` and `high_name` say what the marks are.
[[nodiscard]] std::string span_chart(const std::string& title, const std::string& unit,
                                     const std::string& low_name, const std::string& high_name,
                                     const std::vector<Span>& spans);

struct Series {
  std::string label;
  std::vector<std::pair<double, double>> points;  // by ascending x, x > 0
};
// Lines over a doubling x axis, from zero.
[[nodiscard]] std::string line_chart(const std::string& title, const std::string& x_title,
                                     const std::string& unit, const std::vector<Series>& series);

// "0", "0.5", "1 000"
[[nodiscard]] std::string tick_text(double tick);
// Steps of 1, 2 or 5 times a power of ten from zero to at least `largest`, at most six of them.
[[nodiscard]] std::vector<double> ticks_to(double largest);

}  // namespace lockstep::report::html
