#include "cli/gate_text.hpp"

#include "reports/record/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace lockstep::cli {
namespace {

using bench::compare::Comparison;
using bench::compare::Row;
using Verdict = bench::compare::Verdict;

// What needs a reader's eye comes first.
int rank_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Worse:
      return 0;
    case Verdict::NewlyFailing:
      return 1;
    case Verdict::Missing:
      return 2;
    case Verdict::Undecided:
      return 3;
    case Verdict::Better:
      return 4;
    case Verdict::New:
      return 5;
    case Verdict::Same:
      return 6;
  }
  return 6;
}

Colour colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Worse:
    case Verdict::NewlyFailing:
    case Verdict::Missing:
      return Colour::Red;
    case Verdict::Undecided:
      return Colour::Yellow;
    case Verdict::Better:
      return Colour::Green;
    default:
      return Colour::None;
  }
}

std::string percent_text(double log_ratio) {
  return fmt::format("{:+.1f} %", 100 * std::expm1(log_ratio));
}

std::string value_text(const std::string& figure, double value) {
  if (figure != report::kRealTimeNs) return fmt::format("{:.4g}", value);
  if (value >= 1e9) return fmt::format("{:.3g} s", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.3g} ms", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.3g} us", value / 1e3);
  return fmt::format("{:.3g} ns", value);
}

std::string name_of(const Row& row) {
  return row.figure == report::kRealTimeNs ? row.benchmark : row.benchmark + " " + row.figure;
}

bool has_change(const Row& row) { return row.base_median > 0 && row.new_median > 0; }

std::vector<Row> ordered(const Comparison& comparison) {
  std::vector<Row> rows = comparison.rows;
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return rank_of(row.verdict); });
  return rows;
}

std::string sum_up(const Comparison& comparison) {
  std::string text;
  for (const Verdict verdict : {Verdict::Worse, Verdict::NewlyFailing, Verdict::Missing,
                                Verdict::Undecided, Verdict::Better, Verdict::New, Verdict::Same}) {
    const std::size_t count = comparison.count(verdict);
    if (count != 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_text(verdict));
  }
  if (text.empty()) text = "nothing to compare";
  return fmt::format("{}; {}, at most {:.3g} % of such comparisons raise a false alarm", text,
                     comparison.in_turn ? "measured in turn" : "two separate runs",
                     100 * comparison.alpha);
}

}  // namespace

std::string gate_table(const Comparison& comparison, Colouring coloured) {
  std::size_t width = 20;
  for (const Row& row : comparison.rows) width = std::max(width, name_of(row).size());
  std::string text =
      coloured(Colour::Bold,
               fmt::format("{:<{}} {:>10} {:>10} {:>9}  {:<20} {:>7}  {}", "benchmark", width,
                           "base", "new", "change", "95 % interval", "limit", "verdict")) +
      "\n";
  for (const Row& row : ordered(comparison)) {
    text += fmt::format("{:<{}} ", name_of(row), width);
    text += has_change(row)
                ? fmt::format("{:>10} {:>10} {:>9}  {:<20} {:>5.3g} %  ",
                              value_text(row.figure, row.base_median),
                              value_text(row.figure, row.new_median),
                              percent_text(row.change.log_ratio),
                              percent_text(row.change.low) + " .. " + percent_text(row.change.high),
                              row.worse_percent)
                : fmt::format("{:>61}  ", "");
    text += coloured(colour_of(row.verdict), to_text(row.verdict));
    if (!row.note.empty()) text += ": " + row.note;
    text += '\n';
  }
  return text + sum_up(comparison);
}

std::string gate_markdown(const Comparison& comparison) {
  std::string text =
      "| Benchmark | Base | New | Change | 95 % interval | Limit | Verdict |\n"
      "|---|---:|---:|---:|---:|---:|---|\n";
  for (const Row& row : ordered(comparison)) {
    text += fmt::format("| `{}` | ", name_of(row));
    text += has_change(row)
                ? fmt::format("{} | {} | {} | {} .. {} | {:.3g} % | ",
                              value_text(row.figure, row.base_median),
                              value_text(row.figure, row.new_median),
                              percent_text(row.change.log_ratio), percent_text(row.change.low),
                              percent_text(row.change.high), row.worse_percent)
                : " | | | | | ";
    std::string note = row.note;
    std::ranges::replace(note, '|', '/');
    std::ranges::replace(note, '\n', ' ');
    text += fmt::format("{}{}{} |\n", to_text(row.verdict), note.empty() ? "" : ": ", note);
  }
  return text + "\n" + sum_up(comparison) + ".\n";
}

}  // namespace lockstep::cli
