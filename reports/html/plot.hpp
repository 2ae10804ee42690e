// Curves over an axis of any scale as inline SVG, with the figures behind them as a table that
// folds out: for the eye, for the keyboard, and for whoever checks them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::report::html {

enum class Scale : std::uint8_t {
  Linear,       // from zero
  Logarithmic,  // values above 0
  Nines,        // percent: 90, 99 and 99.9 are equally far apart
};

struct Axis {
  std::string title;  // "Requests in flight"
  Scale scale = Scale::Linear;
  // Where marks stand; empty: chosen to fit.
  std::vector<std::pair<double, std::string>> ticks{};
};

// One measured value, and where it stands in the records.
struct PlotPoint {
  double x = 0;
  double y = 0;    // as shown: in the axis's unit
  double raw = 0;  // as recorded
  std::string benchmark;
  std::string figure;  // counter, "real_time_ns", "percentile 99.9", "progress 12"
};

// How the measurements of one origin look and are switched off, the same on the whole page.
struct Look {
  std::size_t number = 0;  // of its switch: class "c0"
  std::size_t colour = 0;
  std::size_t dash = 0;
  std::string label;
  std::size_t run = 0;
};

struct Curve {
  Look look;
  std::vector<PlotPoint> points;  // by ascending x
  bool has_marks = true;
};

struct Plot {
  std::string title;  // "Throughput"
  std::string note;   // what was measured, beside the title; may be empty
  Axis x;
  Axis y;  // the title is the unit
  std::vector<Curve> curves;
};

// Empty where no curve has a point.
[[nodiscard]] std::string plot(const Plot& plot);
// A value as the page shows it, with what the records say in attributes.
[[nodiscard]] std::string recorded(const std::string& shown, const PlotPoint& point,
                                   std::size_t run);

}  // namespace lockstep::report::html
