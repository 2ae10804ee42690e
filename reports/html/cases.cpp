// A section per case: what was done, what must be true, what was expected and seen, step by step,
// and how to see it again. What failed is open, the rest is one click away.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockstep::report::html {
namespace {

constexpr std::size_t kMaxStepsOfFailure = 200;
constexpr std::size_t kMaxStepsOfPass = 40;

bool is_trouble(Verdict verdict) { return !is_pass(verdict) && !is_skip(verdict); }

std::string told(std::string_view name, const std::string& value) {
  if (value.empty()) return {};
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escape(value));
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : std::string(between)) + text;
  return all;
}

std::string comparison(const CaseRecord& record) {
  if (record.expected.empty() && record.observed.empty()) return {};
  const auto side = [](const char* tone, const char* title, const std::string& text) {
    return fmt::format(R"(<div{}><h4>{}</h4><p class="code">{}</p></div>)", tone, title,
                       escape(text.empty() ? "(nothing)" : text));
  };
  return R"(<div class="compare">)" + side("", "Expected", record.expected) +
         side(is_trouble(record.verdict) ? R"( class="seen")" : "", "Seen", record.observed) +
         "</div>\n";
}

std::string step_row(std::size_t number, const StepRecord& step, bool with_model) {
  return fmt::format(
      R"(<tr{}><td class="number">{}</td><td class="code">{}</td><td class="code"
data-label="Answered">{}{}</td><td class="code" data-label="Expected">{}</td>{}</tr>
)",
      step.differs ? R"( class="differs")" : "", number, escape(step.operation),
      escape(step.answered), step.differs ? R"( <span class="mark">◀ differs</span>)" : "",
      escape(step.expected),
      with_model ? fmt::format(R"(<td class="code" data-label="Model">{}</td>)", escape(step.model))
                 : "");
}

std::string left_out(std::size_t count, const char* which) {
  if (count == 0) return {};
  return fmt::format(R"(<p class="soft">{} {} left out here; records.jsonl has them.</p>
)",
                     count_of(count, "step", "steps"), which);
}

std::string steps(const CaseRecord& record) {
  if (record.steps.empty()) return {};
  const std::size_t limit = is_trouble(record.verdict) ? kMaxStepsOfFailure : kMaxStepsOfPass;
  const auto [first, last] = steps_to_show(record, limit);
  const bool with_model =
      std::ranges::any_of(record.steps, [](const StepRecord& step) { return !step.model.empty(); });
  std::string rows;
  for (std::size_t i = first; i < last; ++i) rows += step_row(i + 1, record.steps[i], with_model);
  return left_out(first, "before these are") +
         fmt::format(
             R"(<div class="wide"><table class="steps stack"><caption>Steps of {}</caption>
<thead><tr><th scope="col" class="number">#</th><th scope="col">Operation</th><th
scope="col">Answered</th><th scope="col">Expected</th>{}</tr></thead>
<tbody>
{}</tbody></table></div>
)",
             escape(record.id), with_model ? R"(<th scope="col">Model afterwards</th>)" : "",
             rows) +
         left_out(record.steps.size() - last, "after these are");
}

std::string clause_links(const CaseRecord& record, const Anchors& anchors) {
  std::string links;
  for (const std::string& clause : record.clauses) {
    links += (links.empty() ? "" : ", ") + anchors.link_to_clause(clause);
  }
  return links.empty() ? links : "<dt>Clauses</dt><dd>" + links + "</dd>\n";
}

std::string body(const CaseRecord& record, const Anchors& anchors) {
  std::string text = R"(<dl class="told">
)";
  text += told("What was done", record.does);
  text += told("What must be true", record.requires_text);
  text += clause_links(record, anchors);
  text += told("Level", record.level);
  text += told(is_pass(record.verdict) ? "Remark" : "Why", record.message);
  if (!record.violated_clause.empty()) {
    text +=
        "<dt>Violated clause</dt><dd>" + anchors.link_to_clause(record.violated_clause) + "</dd>\n";
  }
  text += told("Notes", joined(record.notes, "\n"));
  text += told("Time", duration_text(record.duration_us));
  text += "</dl>\n" + comparison(record) + steps(record);
  if (!record.replay.empty()) {
    text += fmt::format(
        R"(<p class="replay"><span class="soft">See it again:</span> <code>{}</code></p>
)",
        escape(record.replay));
  }
  return text;
}

}  // namespace

std::string one_case(const CaseRecord& record, const Anchors& anchors) {
  return fmt::format(
      R"(<details class="case is-{}"{}><summary>{} <code>{}</code> <span
class="does">{}</span></summary>
<div id="{}">
{}</div></details>
)",
      look_of(record.verdict).tone, is_trouble(record.verdict) ? " open" : "",
      badge(record.verdict), escape(record.id), escape(record.does), anchors.of(record),
      body(record, anchors));
}

namespace {

std::string filter() {
  struct Choice {
    const char* id;
    const char* label;
  };
  constexpr std::array<Choice, 5> kChoices{{{"show-bad", "✗ failed"},
                                            {"show-open", "? inconclusive"},
                                            {"show-warn", "▲ warnings"},
                                            {"show-pass", "✓ passed"},
                                            {"show-skip", "– skipped"}}};
  std::string text = R"(<fieldset class="filter"><legend>Show</legend>)";
  for (const auto& [id, label] : kChoices) {
    text += fmt::format(R"(<label><input type="checkbox" id="{}" checked> {}</label>)", id, label);
  }
  return text + "</fieldset>\n";
}

}  // namespace

std::string cases(const Run& run, const Anchors& anchors) {
  if (run.cases.empty()) return {};
  std::string text = filter();
  for (const Section& section : sections_of(run)) {
    text += fmt::format(R"(<h3>{} <span class="soft">({})</span></h3>
)",
                        escape(section.title), count_of(section.cases.size(), "case", "cases"));
    for (const CaseRecord* record : section.cases) text += one_case(*record, anchors);
  }
  return text;
}

}  // namespace lockstep::report::html
