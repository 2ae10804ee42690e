// Methods by verdict, and under each method its clauses, one mark each: from the mark one gets to
// the case that decided it.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockstep::report::html {
namespace {

struct Column {
  const char* title;
  bool (*takes)(Verdict);
};

constexpr std::array<Column, 6> kColumns{{
    {"Pass", [](Verdict v) { return v == Verdict::Pass || v == Verdict::Informational; }},
    {"Warning", [](Verdict v) { return v == Verdict::Warning; }},
    {"Fail", [](Verdict v) { return v == Verdict::Fail; }},
    {"Error or crash", [](Verdict v) { return v == Verdict::Error || v == Verdict::Crash; }},
    {"Inconclusive", [](Verdict v) { return v == Verdict::Inconclusive; }},
    {"Skipped", [](Verdict v) { return is_skip(v); }},
}};

std::string method_row(const Section& section) {
  std::string cells;
  for (const Column& column : kColumns) {
    const auto count = static_cast<std::uint64_t>(std::ranges::count_if(
        section.cases, [&](const CaseRecord* record) { return column.takes(record->verdict); }));
    cells += fmt::format("<td class=\"number{}\" data-label=\"{}\">{}</td>",
                         count == 0 ? " zero" : "", column.title, count_text(count));
  }
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\" "
      "data-label=\"Cases\">{}</td>{}</tr>\n",
      escape(section.title), badge(worst_of(section.cases)), count_text(section.cases.size()),
      cells);
}

std::string chip(const std::string& clause, const std::vector<const CaseRecord*>& cases,
                 const Anchors& anchors) {
  const Verdict worst = worst_of(cases);
  const VerdictLook& look = look_of(worst);
  const auto decided = std::ranges::find(cases, worst, &CaseRecord::verdict);
  const std::string said =
      fmt::format("{}, {}", look.word, count_of(cases.size(), "case", "cases"));
  return fmt::format(
      "<li><a class=\"{}\" href=\"#{}\" title=\"{}: {}\"><span aria-hidden=\"true\">{}</span> {}"
      "<span class=\"aside\"> {}</span></a></li>",
      look.tone, anchors.of(**decided), escape(clause), said, look.glyph, escape(clause), said);
}

}  // namespace

std::string matrix(const Run& run, const Anchors& anchors) {
  if (run.cases.empty()) return {};
  std::string head;
  for (const Column& column : kColumns) {
    head += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", column.title);
  }
  std::string rows;
  std::string clauses;
  for (const Section& section : sections_of(run)) {
    rows += method_row(section);
    std::string chips;
    for (const auto& [clause, cases] : by_clause(section.cases))
      chips += chip(clause, cases, anchors);
    if (chips.empty()) continue;
    clauses +=
        fmt::format("<h3>{}</h3>\n<ul class=\"chips\">{}</ul>\n", escape(section.title), chips);
  }
  return fmt::format(
      "<div class=\"wide\"><table class=\"stack\"><caption>Cases of each method, by verdict; the "
      "worst "
      "comes first.</caption>\n<thead><tr><th scope=\"col\">Method</th><th scope=\"col\">Worst</th>"
      "<th scope=\"col\" "
      "class=\"number\">Cases</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n"
      "<div class=\"clauses\"><p>Each mark is a clause of the specification, with the worst "
      "verdict of the cases "
      "that check it. It leads to the case that decided it.</p>\n{}</div>\n",
      head, rows, clauses);
}

}  // namespace lockstep::report::html
