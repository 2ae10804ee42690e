// The page of several runs: which claims each may make, what changed, and case by case what each
// says; from every mark that is no pass one gets to what was seen there.
#include "reports/compare/changes.hpp"
#include "reports/html/parts.hpp"
#include "reports/render.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lockstep::report {
namespace {

using html::Anchors;
using html::badge;

constexpr std::size_t kMostDetails = 400;  // a browser must stay usable

// What the runs are called on this page: the provider; where that is not enough, with what the user
// called it by, or with the run's id.
std::vector<std::string> names_of(const std::vector<Run>& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs) {
    const std::string title = provider_title(run.header);
    const auto count = [&](bool by_spec) {
      return std::ranges::count_if(runs, [&](const Run& other) {
        return provider_title(other.header) == title &&
               (!by_spec || other.header.provider_spec == run.header.provider_spec);
      });
    };
    names.push_back(count(false) == 1  ? title
                    : count(true) == 1 ? title + " (" + run.header.provider_spec + ")"
                                       : title + ", " + run.header.run_id);
  }
  return names;
}

std::uint64_t count_if(const Run& run, bool (*is)(Verdict)) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      run.cases, [&](const CaseRecord& record) { return is(record.verdict); }));
}

std::string overview(const std::vector<Run>& runs, const std::vector<std::string>& names) {
  std::string rows;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    const Run& run = runs[at];
    const Conclusion said = conclusion_of(run);
    std::string claim =
        fmt::format(R"(<strong class="{}">{}</strong>)", said.tone, escape(said.headline));
    for (const std::string& caution : said.cautions) claim += "<br/>" + escape(caution);
    const auto number = [](const char* label, std::uint64_t count) {
      return fmt::format(R"(<td class="number{}" data-label="{}">{}</td>)",
                         count == 0 ? " zero" : "", label, count_text(count));
    };
    const auto undecided = static_cast<std::uint64_t>(
        std::ranges::count(run.cases, Verdict::Inconclusive, &CaseRecord::verdict));
    rows += fmt::format(
        R"(<tr><th scope="row">{}</th><td>{}</td>{}{}{}{}<td data-label="Run">{}<br/><span
class="soft">{}, lockstep {}, seed {}</span></td></tr>
)",
        escape(names[at]), claim, number("Passed", count_if(run, is_pass)),
        number("Failed", count_if(run, is_bad)), number("Inconclusive", undecided),
        number("Skipped", count_if(run, is_skip)), escape(run.header.run_id),
        escape(run.header.started_utc), escape(run.header.suite_version), run.header.seed);
  }
  return fmt::format(
      R"(<div class="wide"><table class="stack"><caption>What each run may claim. A skip is not a
pass.</caption>
<thead><tr><th scope="col">Provider</th><th scope="col">Claim</th><th scope="col"
class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col"
class="number">Inconclusive</th><th scope="col" class="number">Skipped</th><th
scope="col">Run</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      rows);
}

// One run's mark in a row; a link where there is more to read.
std::string mark(const CaseRecord* record, const Anchors& anchors,
                 const std::set<const CaseRecord*>& detailed) {
  if (record == nullptr) return R"(<span class="soft">not run</span>)";
  if (!detailed.contains(record)) return badge(record->verdict);
  return fmt::format(R"(<a href="#{}">{}</a>)", anchors.of(*record), badge(record->verdict));
}

// The cases that a reader may want to open: no passes, unless another run differs there.
std::set<const CaseRecord*> worth_reading(const std::vector<CaseRow>& rows) {
  std::set<const CaseRecord*> chosen;
  for (const bool only_different : {true, false}) {
    for (const CaseRow& row : rows) {
      if (row.is_uniform() == only_different) continue;
      for (const CaseRecord* record : row.in_runs) {
        if (record == nullptr || is_skip(record->verdict)) continue;
        if (is_pass(record->verdict) && !only_different) continue;
        if (chosen.size() < kMostDetails) chosen.insert(record);
      }
    }
  }
  return chosen;
}

std::string change_rows(const Changes& changes, const Anchors& before, const Anchors& after,
                        const std::set<const CaseRecord*>& detailed) {
  std::string rows;
  for (const Change& change : changes.cases) {
    const char* tone = change.is_worse() ? "bad"
                       : change.kind == ChangeKind::Mended || change.kind == ChangeKind::Gained
                           ? "pass"
                           : "skip";
    const CaseRecord& shown = change.after != nullptr ? *change.after : *change.before;
    rows += fmt::format(
        R"(<tr><td><span class="badge {}">{}</span></td><th scope="row"><code>{}</code></th><td
data-label="Before">{}</td><td data-label="After">{}</td><td>{}</td></tr>
)",
        tone, to_text(change.kind), escape(change.id), mark(change.before, before, detailed),
        mark(change.after, after, detailed), escape(shown.message));
  }
  return rows;
}

std::string changes_part(const std::vector<Run>& runs, const std::vector<std::string>& names,
                         const std::vector<Anchors>& anchors,
                         const std::set<const CaseRecord*>& detailed) {
  std::string text;
  for (std::size_t at = 1; at < runs.size(); ++at) {
    const Changes changes = changes_between(runs[0], runs[at]);
    text += fmt::format("<h3>{} against {}</h3>\n", escape(names[at]), escape(names[0]));
    text += fmt::format(
        "<p>{} the same in both; {}.</p>\n", count_of(changes.unchanged, "case is", "cases are"),
        changes.cases.empty() ? "nothing changed"
                              : count_of(changes.cases.size(), "case differs", "cases differ"));
    if (!changes.circumstances.empty()) {
      text +=
          "<p>Besides the provider's behaviour, these differ and may be the reason:</p>\n<ul>\n";
      for (const std::string& note : changes.circumstances) {
        text += "<li>" + escape(note) + "</li>\n";
      }
      text += "</ul>\n";
    }
    if (changes.cases.empty()) continue;
    text += fmt::format(
        R"(<div class="wide"><table class="stack"><caption>What changed; what got worse comes
first.</caption>
<thead><tr><th scope="col">Change</th><th scope="col">Case</th><th scope="col">Before</th><th
scope="col">After</th><th scope="col">What it says</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
        change_rows(changes, anchors[0], anchors[at], detailed));
  }
  return text;
}

std::string matrix_part(const std::vector<CaseRow>& rows, const std::vector<std::string>& names,
                        const std::vector<Anchors>& anchors,
                        const std::set<const CaseRecord*>& detailed) {
  if (rows.empty()) return {};
  std::string head;
  for (const std::string& name : names) {
    head += fmt::format(R"(<th scope="col">{}</th>)", escape(name));
  }
  std::string bodies;
  std::string method;
  for (const CaseRow& row : rows) {
    if (row.method != method) {
      method = row.method;
      bodies += fmt::format(
          R"(<tr class="group"><th colspan="{}" scope="colgroup">{}</th></tr>
)",
          names.size() + 1, escape(section_title(method)));
    }
    bodies += fmt::format(R"(<tr class="{}"><th scope="row"><code>{}</code></th>)",
                          row.is_uniform() ? "uniform" : "differs", escape(row.id));
    for (std::size_t at = 0; at < names.size(); ++at) {
      bodies += fmt::format(R"(<td data-label="{}">{}</td>)", escape(names[at]),
                            mark(row.in_runs[at], anchors[at], detailed));
    }
    bodies += "</tr>\n";
  }
  return fmt::format(
      R"(<fieldset class="filter"><legend>Show</legend><label><input type="checkbox"
id="show-uniform" checked> cases in which all agree</label></fieldset>
<div class="wide"><table class="stack matrix"><caption>Every case, run by run; the signs are those
of every report.</caption>
<thead><tr><th scope="col">Case</th>{}</tr></thead>
<tbody>
{}</tbody></table></div>
)",
      head, bodies);
}

std::string details_part(const std::vector<Run>& runs, const std::vector<std::string>& names,
                         const std::vector<Anchors>& anchors,
                         const std::set<const CaseRecord*>& detailed) {
  std::string text;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    std::string details;
    for (const CaseRecord& record : runs[at].cases) {
      if (detailed.contains(&record)) details += html::one_case(record, anchors[at]);
    }
    if (!details.empty()) text += fmt::format("<h3>{}</h3>\n{}", escape(names[at]), details);
  }
  if (detailed.size() == kMostDetails) {
    text += fmt::format(
        R"(<p class="soft">No more than {} cases are told here; each run's own report has them all.</p>
)",
        kMostDetails);
  }
  return text;
}

// Benchmarks by name, medians run by run; ratios only where the machine is the same.
std::string benchmarks_part(const std::vector<Run>& runs, const std::vector<std::string>& names) {
  std::vector<std::string> benchmarks;
  for (const Run& run : runs) {
    for (const BenchmarkRecord& record : run.benchmarks) {
      if (std::ranges::find(benchmarks, record.name) == benchmarks.end()) {
        benchmarks.push_back(record.name);
      }
    }
  }
  if (benchmarks.empty()) return {};
  std::string head;
  for (const std::string& name : names) {
    head += fmt::format(R"(<th scope="col" class="number">{}</th>)", escape(name));
  }
  std::string rows;
  for (const std::string& benchmark : benchmarks) {
    rows += fmt::format(R"(<tr><th scope="row">{}</th>)", escape(benchmark));
    double first_ns = 0;
    for (std::size_t at = 0; at < runs.size(); ++at) {
      const auto& records = runs[at].benchmarks;
      const auto found = std::ranges::find(records, benchmark, &BenchmarkRecord::name);
      std::string cell = R"(<span class="soft">not run</span>)";
      if (found != records.end() && !found->error.empty()) {
        cell = R"(<strong class="bad">✗ failed</strong>)";
      } else if (found != records.end()) {
        const Quantity time = time_quantity(found->real_time_ns);
        cell = number_text(found->real_time_ns * time.scale) + " " + time.unit;
        const bool is_usable = std::isfinite(found->real_time_ns) && found->real_time_ns > 0;
        if (at == 0 && is_usable) first_ns = found->real_time_ns;
        if (at > 0 && is_usable && first_ns > 0 && runs[at].header.host == runs[0].header.host) {
          cell += fmt::format(R"( <span class="soft">× {}</span>)",
                              number_text(found->real_time_ns / first_ns));
        }
      }
      rows += fmt::format(R"(<td class="number" data-label="{}">{}</td>)", escape(names[at]), cell);
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      R"(<p>Median times of an iteration, and their ratio to the first run where both are of one
machine. A ratio of two runs is no proof: <code>lockstep gate</code> weighs it against noise.</p>
<div class="wide"><table class="stack"><caption>Benchmarks, run by run</caption>
<thead><tr><th scope="col">Benchmark</th>{}</tr></thead>
<tbody>
{}</tbody></table></div>
)",
      head, rows);
}

std::string header_of(const std::vector<Run>& runs) {
  std::set<std::string> commands;
  for (const Run& run : runs) commands.insert(run.header.command);
  std::string kicker;
  for (const std::string& command : commands) kicker += (kicker.empty() ? "" : ", ") + command;
  return fmt::format(
      R"(<header>
<div class="brand"><p class="kicker">lockstep {} comparison</p>
<h1>{} side by side</h1></div>
</header>
)",
      escape(kicker), count_of(runs.size(), "run", "runs"));
}

}  // namespace

std::string to_html(const std::vector<Run>& runs) {
  const auto names = names_of(runs);
  const auto rows = side_by_side(runs);
  const auto detailed = worth_reading(rows);
  std::vector<Anchors> anchors;
  std::string ids;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    anchors.emplace_back(runs[at], fmt::format("run-{}-case-", at + 1), Anchors::Clauses::LeftOut);
    ids += (ids.empty() ? "" : ", ") + runs[at].header.run_id;
  }
  const std::string version = runs.empty() ? "" : runs.back().header.suite_version;
  return html::page({count_of(runs.size(), "run", "runs") + " side by side", header_of(runs),
                     version + " from records.jsonl of " + ids},
                    {{"claims", "Claims", overview(runs, names)},
                     {"changes", "What changed", changes_part(runs, names, anchors, detailed)},
                     {"benchmarks", "Benchmarks", benchmarks_part(runs, names)},
                     {"matrix", "Case by case", matrix_part(rows, names, anchors, detailed)},
                     {"cases", "What was seen", details_part(runs, names, anchors, detailed)}});
}

}  // namespace lockstep::report
