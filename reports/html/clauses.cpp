// What each clause says, where it comes from, and what the cases that check it said of it: the page
// to go to from a case, and back.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::report::html {
namespace {

std::string said(std::string_view name, const std::string& value) {
  if (value.empty()) return {};
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escape(value));
}

// The cases of the run that check it, each with its own verdict.
std::string checked_by(const Run& run, const std::string& clause, const Anchors& anchors) {
  std::string items;
  for (const CaseRecord& record : run.cases) {
    const bool violated = record.violated_clause == clause;
    if (!violated && std::ranges::find(record.clauses, clause) == record.clauses.end()) continue;
    items += fmt::format(R"(<li>{} <a href="#{}"><code>{}</code></a>{} <span
class="soft">{}</span></li>
)",
                         badge(record.verdict), anchors.of(record), escape(record.id),
                         violated ? R"( <strong class="bad">by this clause</strong>)" : "",
                         escape(record.does));
  }
  return "<ul class=\"checks\">\n" + items + "</ul>\n";
}

// `clause` nullptr: nothing is known of it.
std::string one_clause(const Run& run, const std::string& id, const ClauseVerdict& found,
                       const ClauseText* clause, const Anchors& anchors) {
  std::string told;
  if (clause != nullptr) {
    told = "<dl class=\"told\">\n" + said("Level", clause->level) + said("Source", clause->source) +
           said("Seen in", clause->observable) + said("Left to the provider", clause->freedom) +
           "</dl>\n";
  }
  return fmt::format(
      R"(<details class="case clause"><summary>{} <code>{}</code> <span class="does">{}</span></summary>
<div id="{}">
<h4>{}</h4>
{}<h4>Checked by {}</h4>
{}</div></details>
)",
      badge(found.verdict), escape(id), escape(clause == nullptr ? "" : clause->statement),
      clause_anchor(id), escape(clause == nullptr ? id : id + ": " + clause->statement), told,
      count_of(found.cases, "case of this run", "cases of this run"), checked_by(run, id, anchors));
}

}  // namespace

std::string clauses(const Run& run, const std::vector<ClauseText>& texts, const Anchors& anchors) {
  std::vector<const CaseRecord*> all;
  for (const CaseRecord& record : run.cases) all.push_back(&record);
  auto found = by_clause(all);
  if (found.empty()) return {};
  std::string text =
      R"(<p>The specification in the project's own words, with the verdict of the case that
decided each clause.</p>
)";
  // In the order of the catalogue; then those of which nothing is known.
  for (const ClauseText& clause : texts) {
    const auto verdict = found.find(clause.id);
    if (verdict == found.end()) continue;
    text += one_clause(run, clause.id, verdict->second, &clause, anchors);
    found.erase(verdict);
  }
  for (const auto& [id, verdict] : found) text += one_clause(run, id, verdict, nullptr, anchors);
  return text;
}

}  // namespace lockstep::report::html
