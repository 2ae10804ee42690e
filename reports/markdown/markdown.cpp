// A summary for the page of a CI run: what to know and what to look at first.
#include "reports/compare/changes.hpp"
#include "reports/record/utf8.hpp"
#include "reports/render.hpp"
#include "reports/text/grouping.hpp"
#include "reports/text/quantity.hpp"
#include "reports/text/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::report {
namespace {

constexpr std::size_t kMaxListed = 20;
constexpr std::size_t kMaxChanges = 100;
constexpr std::size_t kMaxText = 300;

// Text that Markdown must not take for its own, on one line.
std::string plain(std::string_view text) {
  std::string result;
  const std::string valid = valid_utf8(text);
  for (const char c : valid) {
    if (result.size() >= kMaxText && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      return result + "…";
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      result += ' ';
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|~#@").find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

// A command for copying; a code span that no content can leave.
std::string code(std::string_view text) {
  std::string content = valid_utf8(text);
  std::ranges::replace_if(
      content, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  std::string fence = "`";
  while (content.find(fence) != std::string::npos) fence += '`';
  return fence + (fence.size() > 1 ? " " + content + " " : content) + fence;
}

std::string sections_table(const Run& run) {
  if (run.cases.empty()) return {};
  std::string text =
      "| Section | Cases | Pass | Warning | Fail | Error | Inconclusive | Skipped |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const Section& section : sections_of(run)) {
    const auto count = [&](auto is) {
      return std::ranges::count_if(section.cases,
                                   [&](const CaseRecord* record) { return is(record->verdict); });
    };
    const auto exactly = [&](Verdict wanted) {
      return count([&](Verdict verdict) { return verdict == wanted; });
    };
    text += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n", plain(section.title), section.cases.size(),
        exactly(Verdict::Pass) + exactly(Verdict::Informational), exactly(Verdict::Warning),
        exactly(Verdict::Fail), exactly(Verdict::Error) + exactly(Verdict::Crash),
        exactly(Verdict::Inconclusive), count(is_skip));
  }
  return text + "\n";
}

std::string attention(const Run& run) {
  std::string text;
  std::size_t listed = 0;
  for (const CaseRecord& record : run.cases) {
    if (is_pass(record.verdict) || is_skip(record.verdict)) continue;
    if (++listed > kMaxListed) continue;
    const VerdictLook& look = look_of(record.verdict);
    text += fmt::format("- {} **{}** {}", look.glyph, look.word, code(record.id));
    if (!record.violated_clause.empty())
      text += fmt::format(", clause {}", plain(record.violated_clause));
    text += fmt::format(": {}\n", plain(record.message));
    if (!record.expected.empty() || !record.observed.empty()) {
      text +=
          fmt::format("  - expected {}; seen {}\n", plain(record.expected), plain(record.observed));
    }
    if (!record.replay.empty()) text += fmt::format("  - replay: {}\n", code(record.replay));
  }
  if (listed == 0) return {};
  if (listed > kMaxListed) {
    text += fmt::format("- and {} more; the HTML report has them all\n", listed - kMaxListed);
  }
  return "## What needs attention\n\n" + text + "\n";
}

std::string skips(const Run& run) {
  std::map<std::string, std::uint64_t> reasons;
  for (const CaseRecord& record : run.cases) {
    if (is_skip(record.verdict)) {
      ++reasons[fmt::format("{}: {}", to_text(record.verdict), plain(record.message))];
    }
  }
  if (reasons.empty()) return {};
  std::vector<std::pair<std::string, std::uint64_t>> sorted(reasons.begin(), reasons.end());
  std::ranges::stable_sort(sorted, std::greater{}, [](const auto& entry) { return entry.second; });
  std::string text = "## What was skipped, and why\n\n";
  for (std::size_t i = 0; i < std::min(sorted.size(), kMaxListed); ++i) {
    text += fmt::format("- {} × {}\n", sorted[i].second, sorted[i].first);
  }
  if (sorted.size() > kMaxListed) {
    text += fmt::format("- and {} more reasons\n", sorted.size() - kMaxListed);
  }
  return text + "\n";
}

std::string coverage(const Run& run) {
  std::string text;
  for (const CoverageRecord& record : run.coverage) {
    text +=
        fmt::format("## Coverage\n\n{} in {}: {}, {}, {}; {} not taken.\n\n",
                    count_of(record.steps, "step", "steps"),
                    count_of(record.sequences, "sequence", "sequences"),
                    count_of(record.operations.size(), "kind of operation", "kinds of operation"),
                    count_of(record.copy_states.size(), "CopyState", "CopyStates"),
                    count_of(record.transitions.size(), "transition taken", "transitions taken"),
                    count_of(record.unreached.size(), "transition", "transitions"));
  }
  return text;
}

std::string benchmarks(const Run& run) {
  if (run.benchmarks.empty()) return {};
  std::string text =
      "## Benchmarks\n\n| Benchmark | Time per iteration | Figures |\n|---|--:|---|\n";
  for (const BenchmarkRecord& record : run.benchmarks) {
    const Quantity time = time_quantity(record.real_time_ns);
    std::string figures;
    for (const auto& [name, value] : record.counters) {
      const Quantity quantity = quantity_of(name, value);
      figures += fmt::format("{}{} {}{}{}", figures.empty() ? "" : ", ", plain(quantity.title),
                             number_text(value * quantity.scale), quantity.unit.empty() ? "" : " ",
                             quantity.unit);
    }
    if (!record.error.empty()) figures = "**failed**: " + plain(record.error);
    text += fmt::format("| {} | {} {} | {} |\n", plain(record.name),
                        number_text(record.real_time_ns * time.scale), time.unit, figures);
  }
  return text + "\n";
}

std::string verdict_word(const CaseRecord* record) {
  return record == nullptr ? "not run" : look_of(record->verdict).word;
}

}  // namespace

std::string changes_to_markdown(const Run& before, const Run& after) {
  const Changes changes = changes_between(before, after);
  std::string text = fmt::format(
      "# {} against {}\n\n{} the same in both runs, {} not: {}.\n\n", plain(after.header.run_id),
      plain(before.header.run_id), count_of(changes.unchanged, "case is", "cases are"),
      changes.cases.size(), changes.is_worse() ? "**something got worse**" : "nothing got worse");
  for (const std::string& note : changes.circumstances) text += "- " + plain(note) + "\n";
  if (!changes.circumstances.empty()) text += "\n";
  if (changes.cases.empty()) return text;
  text += "| Change | Case | Before | After | What it says |\n|---|---|---|---|---|\n";
  for (std::size_t at = 0; at < std::min(changes.cases.size(), kMaxChanges); ++at) {
    const Change& change = changes.cases[at];
    const CaseRecord& shown = change.after != nullptr ? *change.after : *change.before;
    text += fmt::format("| {}{} | {} | {} | {} | {} |\n", change.is_worse() ? "✗ " : "",
                        to_text(change.kind), plain(change.id), verdict_word(change.before),
                        verdict_word(change.after), plain(shown.message));
  }
  if (changes.cases.size() > kMaxChanges) {
    text += fmt::format("\nAnd {} more.\n", changes.cases.size() - kMaxChanges);
  }
  return text;
}

std::string to_markdown(const Run& run) {
  const Conclusion said = conclusion_of(run);
  std::string text = fmt::format("# {}: {}\n\n", plain(provider_title(run.header)), said.headline);
  for (const std::string& caution : said.cautions)
    text += fmt::format("> **{}**\n\n", plain(caution));
  text += fmt::format("{} {}\n\n", plain(said.shows), plain(said.shows_not));
  text +=
      fmt::format("Run {}, {} with lockstep {}, seed {}.\n\n", code(run.header.run_id),
                  plain(run.header.started_utc), plain(run.header.suite_version), run.header.seed);
  return text + sections_table(run) + attention(run) + skips(run) + coverage(run) + benchmarks(run);
}

}  // namespace lockstep::report
