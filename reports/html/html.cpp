// The page as a whole: what stands on it, and in which order.
#include "reports/html/parts.hpp"
#include "reports/html/style.hpp"
#include "reports/render.hpp"
#include "reports/text/escape.hpp"

#include <fmt/format.h>

namespace lockstep::report {
namespace {

struct Part {
  const char* id;
  const char* title;
  std::string content;
};

std::vector<Part> parts_of(const Run& run, const html::Anchors& anchors) {
  return {{"attention", "What needs attention", html::attention(run, anchors)},
          {"verdicts", "Verdicts", html::verdicts(run)},
          {"matrix", "Methods and clauses", html::matrix(run, anchors)},
          {"coverage", "Coverage", html::coverage(run)},
          {"benchmarks", "Benchmarks", html::benchmarks(run)},
          {"skips", "What was skipped", html::skips(run)},
          {"cases", "Cases", html::cases(run, anchors)},
          {"about", "About this run", html::about(run)}};
}

}  // namespace

std::string to_html(const Run& run) {
  const Conclusion said = conclusion_of(run);
  const html::Anchors anchors(run);
  std::string links;
  std::string sections;
  for (const Part& part : parts_of(run, anchors)) {
    if (part.content.empty()) continue;
    links += fmt::format("<li><a href=\"#{}\">{}</a></li>", part.id, part.title);
    sections += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 "
        "id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        part.id, part.title, part.content);
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<title>{}: {} - lockstep</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<a class=\"skip-link\" href=\"#main\">Skip to the results</a>\n{}"
      "<nav aria-label=\"Parts of this page\"><ul>{}</ul></nav>\n<main id=\"main\">\n{}</main>\n"
      "<footer>Made by lockstep {} from records.jsonl of {}, and from nothing else. This file "
      "needs no "
      "network and no script.</footer>\n</body>\n</html>\n",
      escape(provider_title(run.header)), escape(said.headline), html::kStyle,
      html::headline(run, said), links, sections, escape(run.header.suite_version),
      escape(run.header.run_id));
}

}  // namespace lockstep::report
