// The page as a whole: what stands on it, and in which order.
#include "reports/html/parts.hpp"
#include "reports/html/style.hpp"
#include "reports/render.hpp"
#include "reports/text/escape.hpp"

#include <fmt/format.h>

namespace lockstep::report {

namespace html {

std::string page(const Opening& opening, const std::vector<Part>& parts) {
  std::string links;
  std::string sections;
  for (const Part& part : parts) {
    if (part.content.empty()) continue;
    links += fmt::format(R"(<li><a href="#{}">{}</a></li>)", part.id, part.title);
    sections += fmt::format(
        R"(<section id="{0}" aria-labelledby="{0}-title">
<h2 id="{0}-title">{1}</h2>
{2}</section>
)",
        part.id, part.title, part.content);
  }
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{} - lockstep</title>
<style>{}</style>
</head>
<body>
<a class="skip-link" href="#main">Skip to the results</a>
{}<nav aria-label="Parts of this page"><ul>{}</ul></nav>
<main id="main">
{}</main>
<footer>Made by lockstep {}, and from nothing else. This file needs no
network and no script.</footer>
</body>
</html>
)",
      escape(opening.title), kStyle, opening.header, links, sections, escape(opening.made_from));
}

}  // namespace html

std::string to_html(const Run& run, const std::vector<ClauseText>& clauses) {
  const Conclusion said = conclusion_of(run);
  const html::Anchors anchors(run);
  return html::page({provider_title(run.header) + ": " + said.headline, html::headline(run, said),
                     run.header.suite_version + " from records.jsonl of " + run.header.run_id},
                    {{"attention", "What needs attention", html::attention(run, anchors)},
                     {"verdicts", "Verdicts", html::verdicts(run)},
                     {"matrix", "Methods and clauses", html::matrix(run, anchors)},
                     {"coverage", "Coverage", html::coverage(run)},
                     {"benchmarks", "Benchmarks", html::benchmarks(run)},
                     {"skips", "What was skipped", html::skips(run)},
                     {"cases", "Cases", html::cases(run, anchors)},
                     {"clauses", "What the clauses say", html::clauses(run, clauses, anchors)},
                     {"about", "About this run", html::about(run)}});
}

}  // namespace lockstep::report
