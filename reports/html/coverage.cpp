// What random sequences went through, and what they never reached, with the reason.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::report::html {
namespace {

// The producer may say in words that it knows none.
bool has_reason(const std::string& reason) {
  return !reason.empty() && reason != "NO REASON KNOWN";
}

std::string counted(const char* title, const char* what,
                    const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) return {};
  std::uint64_t largest = 1;
  for (const auto& [name, count] : counts) largest = std::max(largest, count);
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, [](const auto& entry) { return entry.second; });
  std::string rows;
  for (const auto& [name, count] : sorted) {
    const double share = 100.0 * static_cast<double>(count) / static_cast<double>(largest);
    rows += fmt::format(
        R"(<tr><th scope="row">{}</th><td class="number">{}</td><td class="bar"
aria-hidden="true"><span style="width:{:.1f}%"></span></td></tr>
)",
        escape(name), count_text(count), share);
  }
  return fmt::format(
      R"(<details><summary><strong>{}</strong> <span class="soft">({})</span></summary>
<table><caption>{}, most frequent first</caption>
<thead><tr><th scope="col">{}</th><th scope="col" class="number">Times</th><td></td></tr></thead>
<tbody>
{}</tbody></table></details>
)",
      title, sorted.size(), title, what, rows);
}

std::string unreached(const std::map<std::string, std::string>& reasons) {
  if (reasons.empty()) return {};
  std::string rows;
  for (const auto& [name, reason] : reasons) {
    rows += fmt::format(
        R"(<tr><th scope="row">{}</th><td>{}</td></tr>
)",
        escape(name),
        has_reason(reason) ? escape(reason) : R"(<strong class="bad">no reason is known</strong>)");
  }
  return fmt::format(
      R"(<details><summary><strong>Transitions not taken</strong> <span
class="soft">({})</span></summary>
<table class="stack"><caption>What no sequence went through, and why</caption>
<thead><tr><th scope="col">Transition</th><th scope="col">Reason</th></tr></thead>
<tbody>
{}</tbody></table></details>
)",
      reasons.size(), rows);
}

}  // namespace

std::string coverage(const Run& run) {
  std::string text;
  for (const CoverageRecord& record : run.coverage) {
    const auto unexplained = std::ranges::count_if(
        record.unreached, [](const auto& entry) { return !has_reason(entry.second); });
    text += fmt::format(
        "<p>{} in {}. {} between two places {} taken; {} of the specification {} not, {} of them "
        "for "
        "no known reason.</p>\n",
        count_of(record.steps, "step", "steps"),
        count_of(record.sequences, "random sequence", "random sequences"),
        count_of(record.transitions.size(), "transition", "transitions"),
        record.transitions.size() == 1 ? "was" : "were",
        count_of(record.unreached.size(), "transition", "transitions"),
        record.unreached.size() == 1 ? "was" : "were", unexplained);
    text += counted("Operations", "Operation", record.operations);
    text += counted("CopyStates seen", "CopyState", record.copy_states);
    text += counted("Transitions taken", "Transition", record.transitions);
    text += unreached(record.unreached);
  }
  return text;
}

}  // namespace lockstep::report::html
