// What random sequences went through, and what they never reached, with the reason.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::report::html {
namespace {

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
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"bar\" "
        "aria-hidden=\"true\">"
        "<span style=\"width:{:.1f}%\"></span></td></tr>\n",
        escape(name), count_text(count), share);
  }
  return fmt::format(
      "<details><summary><strong>{}</strong> <span class=\"soft\">({})</span></summary>\n"
      "<table><caption>{}, most frequent first</caption>\n<thead><tr><th scope=\"col\">{}</th>"
      "<th scope=\"col\" "
      "class=\"number\">Times</th><td></td></tr></thead>\n<tbody>\n{}</tbody></table></details>\n",
      title, sorted.size(), title, what, rows);
}

std::string unreached(const std::map<std::string, std::string>& reasons) {
  if (reasons.empty()) return {};
  std::string rows;
  for (const auto& [name, reason] : reasons) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name),
        reason.empty() ? "<strong class=\"bad\">no reason is known</strong>" : escape(reason));
  }
  return fmt::format(
      "<details><summary><strong>Transitions not taken</strong> <span "
      "class=\"soft\">({})</span></summary>\n"
      "<table class=\"stack\"><caption>What no sequence went through, and "
      "why</caption>\n<thead><tr>"
      "<th scope=\"col\">Transition</th><th "
      "scope=\"col\">Reason</th></tr></thead>\n<tbody>\n{}</tbody></table>"
      "</details>\n",
      reasons.size(), rows);
}

}  // namespace

std::string coverage(const Run& run) {
  std::string text;
  for (const CoverageRecord& record : run.coverage) {
    const std::size_t known = record.transitions.size() + record.unreached.size();
    text += fmt::format(
        "<p>{} in {}. {} of {} known transitions were taken; each of the others has its reason "
        "below.</p>\n",
        count_of(record.steps, "step", "steps"),
        count_of(record.sequences, "random sequence", "random sequences"),
        count_text(record.transitions.size()), count_text(known));
    text += counted("Operations", "Operation", record.operations);
    text += counted("CopyStates seen", "CopyState", record.copy_states);
    text += counted("Transitions taken", "Transition", record.transitions);
    text += unreached(record.unreached);
  }
  return text;
}

}  // namespace lockstep::report::html
