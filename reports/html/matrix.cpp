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
    cells += fmt::format(R"(<td class="number{}" data-label="{}">{}</td>)",
                         count == 0 ? " zero" : "", column.title, count_text(count));
  }
  return fmt::format(
      R"(<tr><th scope="row">{}</th><td>{}</td><td class="number" data-label="Cases">{}</td>{}</tr>
)",
      escape(section.title), badge(worst_of(section.cases)), count_text(section.cases.size()),
      cells);
}

std::string chip(const std::string& clause, const ClauseVerdict& found, const Anchors& anchors) {
  const VerdictLook& look = look_of(found.verdict);
  const std::string said = fmt::format("{}, {}", look.word, count_of(found.cases, "case", "cases"));
  return fmt::format(
      R"(<li><a class="{}" href="#{}"
title="{}: {}"><span aria-hidden="true">{}</span> {}<span class="aside"> {}</span></a></li>
)",
      look.tone, anchors.of(*found.decided_by), escape(clause), said, look.glyph, escape(clause),
      said);
}

}  // namespace

std::string matrix(const Run& run, const Anchors& anchors) {
  if (run.cases.empty()) return {};
  std::string head;
  for (const Column& column : kColumns) {
    head += fmt::format(R"(<th scope="col" class="number">{}</th>)", column.title);
  }
  std::string rows;
  std::string clauses;
  for (const Section& section : sections_of(run)) {
    rows += method_row(section);
    std::string chips;
    for (const auto& [clause, found] : by_clause(section.cases)) {
      chips += chip(clause, found, anchors);
    }
    if (chips.empty()) continue;
    clauses += fmt::format(R"(<h3>{}</h3>
<ul class="chips">{}</ul>
)",
                           escape(section.title), chips);
  }
  return fmt::format(
      R"(<div class="wide"><table class="stack"><caption>Cases of each method, by verdict; the
worst comes first.</caption>
<thead><tr><th scope="col">Method</th><th scope="col">Worst</th><th scope="col"
class="number">Cases</th>{}</tr></thead>
<tbody>
{}</tbody></table></div>
<div class="clauses"><p>Each mark is a clause of the specification, with the worst verdict of the
cases that check it. It leads to the case that decided it.</p>
{}</div>
)",
      head, rows, clauses);
}

}  // namespace lockstep::report::html
