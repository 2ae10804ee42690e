// What a reader sees first: the overall verdict with what it does and does not show, where the run
// comes from, the verdicts with their legend, and what needs attention.
#include "reports/html/parts.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace lockstep::report::html {
namespace {

constexpr std::size_t kMaxAttention = 100;

std::uint64_t count_of_verdict(const Run& run, Verdict verdict) {
  return static_cast<std::uint64_t>(std::ranges::count(run.cases, verdict, &CaseRecord::verdict));
}

std::uint64_t time_spent(const Run& run) {
  return run.summary ? run.summary->duration_us : summarise(run.cases).duration_us;
}

std::string fragment_of(const std::string& id) {
  std::string fragment;
  for (const char c : id) fragment += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return fragment;
}

// The shares of the verdicts as one bar; for the eye only, the table says the same.
std::string share_bar(const Run& run) {
  std::string text = R"(<div class="share" aria-hidden="true">)";
  for (const VerdictLook& look : verdict_looks()) {
    const std::uint64_t count = count_of_verdict(run, look.verdict);
    if (count > 0)
      text += fmt::format(R"(<span class="{}" style="flex:{}"></span>)", look.tone, count);
  }
  return text + "</div>\n";
}

}  // namespace

std::string fact(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value));
}

Anchors::Anchors(const Run& run, const std::string& prefix, Clauses clauses) : clauses_(clauses) {
  std::set<std::string> taken;
  for (const CaseRecord& record : run.cases) {
    std::string anchor = prefix + fragment_of(record.id);
    const std::string stem = anchor;
    for (int again = 2; !taken.insert(anchor).second; ++again)
      anchor = fmt::format("{}--{}", stem, again);
    anchors_[&record] = anchor;
  }
}

std::string clause_anchor(const std::string& id) { return "clause-" + fragment_of(id); }

std::string Anchors::link_to_clause(const std::string& id) const {
  if (clauses_ == Clauses::LeftOut) return escape(id);
  return fmt::format(R"(<a href="#{}">{}</a>)", clause_anchor(id), escape(id));
}

const std::string& Anchors::of(const CaseRecord& record) const { return anchors_.at(&record); }

std::string badge(Verdict verdict) {
  const VerdictLook& look = look_of(verdict);
  return fmt::format(R"(<span class="badge {}"><span aria-hidden="true">{}</span> {}</span>)",
                     look.tone, look.glyph, look.word);
}

std::string headline(const Run& run, const Conclusion& said) {
  const RunHeader& header = run.header;
  std::string cautions;
  for (const std::string& caution : said.cautions) {
    cautions += fmt::format(R"(<p class="caution">{}</p>
)",
                            escape(caution));
  }
  const std::string facts = fact("Provider", header.provider_spec) +
                            fact("Started (UTC)", header.started_utc) + fact("Run", header.run_id) +
                            fact("lockstep", header.suite_version) +
                            fact("Seed", fmt::format("{}", header.seed)) +
                            fact("Time spent", duration_text(time_spent(run)));
  return fmt::format(
      R"(<header>
<div class="brand"><p class="kicker">lockstep {} report</p>
<h1>{}</h1></div>
<div class="verdict {}" role="group" aria-label="Overall verdict">
<p class="says">{}</p>
{}<dl><div><dt>What this shows</dt><dd>{}</dd></div>
<div><dt>What this does not show</dt><dd>{}</dd></div></dl>
</div>
<dl class="facts">
{}</dl>
</header>
)",
      escape(header.command), escape(provider_title(header)), said.tone, escape(said.headline),
      cautions, escape(said.shows), escape(said.shows_not), facts);
}

std::string verdicts(const Run& run) {
  if (run.cases.empty()) return {};
  std::string rows;
  for (const VerdictLook& look : verdict_looks()) {
    const std::uint64_t count = count_of_verdict(run, look.verdict);
    rows += fmt::format(
        R"(<tr><th scope="row">{}</th><td class="number{}">{}</td><td>{}</td></tr>
)",
        badge(look.verdict), count == 0 ? " zero" : "", count_text(count), look.meaning);
  }
  return share_bar(run) +
         fmt::format(
             R"(<table><caption>{}, by verdict; the same signs are used everywhere on this
page.</caption>
<thead><tr><th scope="col">Verdict</th><th scope="col" class="number">Cases</th><th
scope="col">Meaning</th></tr></thead>
<tbody>
{}</tbody></table>
)",
             count_of(run.cases.size(), "case", "cases"), rows);
}

std::string attention(const Run& run, const Anchors& anchors) {
  std::string items;
  std::size_t found = 0;
  for (const VerdictLook& look : verdict_looks()) {
    for (const CaseRecord& record : run.cases) {
      if (record.verdict != look.verdict || is_pass(look.verdict) || is_skip(look.verdict))
        continue;
      if (++found > kMaxAttention) continue;
      const std::string clause = record.violated_clause.empty()
                                     ? ""
                                     : ", clause " + anchors.link_to_clause(record.violated_clause);
      items += fmt::format(R"(<li class="{}">{} <a href="#{}"><code>{}</code></a>{}<p>{}</p></li>
)",
                           look.tone, badge(record.verdict), anchors.of(record), escape(record.id),
                           clause, escape(record.message));
    }
  }
  if (found == 0) return {};
  std::string text = R"(<ul class="attention">
)" + items + "</ul>\n";
  if (found > kMaxAttention) {
    text += fmt::format("<p>And {} more, among the cases below.</p>\n", found - kMaxAttention);
  }
  return text;
}

std::string skips(const Run& run) {
  std::map<std::pair<Verdict, std::string>, std::uint64_t> reasons;
  for (const CaseRecord& record : run.cases) {
    if (is_skip(record.verdict)) ++reasons[{record.verdict, record.message}];
  }
  if (reasons.empty()) return {};
  std::string rows;
  for (const auto& [reason, count] : reasons) {
    rows += fmt::format(
        R"(<tr><td>{}</td><td class="number" data-label="Cases">{}</td><td>{}</td></tr>
)",
        badge(reason.first), count_text(count),
        escape(reason.second.empty() ? "no reason was recorded" : reason.second));
  }
  return fmt::format(
      R"(<p>A skip is not a pass: nothing is known about the clauses of these cases from this
run.</p>
<table class="stack"><caption>Reasons for skipping</caption>
<thead><tr><th scope="col">Verdict</th><th scope="col" class="number">Cases</th><th
scope="col">Reason</th></tr></thead>
<tbody>
{}</tbody></table>
)",
      rows);
}

std::string about(const Run& run) {
  const RunHeader& header = run.header;
  std::string text = R"(<dl class="facts">
)" + fact("Organisation", header.provider_organisation) +
                     fact("Product", header.provider_product) +
                     fact("Product version", header.provider_version) +
                     fact("Record format", fmt::format("version {}", header.schema)) + "</dl>\n";
  const auto add = [&](std::string_view title, const std::map<std::string, std::string>& values) {
    if (values.empty()) return;
    text += fmt::format(R"(<h3>{}</h3>
<dl class="facts">
)",
                        title);
    for (const auto& [name, value] : values) text += fact(name, value);
    text += "</dl>\n";
  };
  add("Configuration", header.configuration);
  add("Machine", header.host);
  return text;
}

}  // namespace lockstep::report::html
