// The parts of the HTML page, each one section of it as a text; html.cpp puts them together. An
// empty text means that the run has nothing of the kind.
#pragma once

#include "reports/record/record.hpp"
#include "reports/render.hpp"
#include "reports/text/words.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lockstep::report::html {

// Fragment ids of the cases, unique also where two cases have one id.
class Anchors {
 public:
  enum class Clauses : std::uint8_t { Told, LeftOut };
  // `prefix` keeps those of several runs on one page apart; `clauses`: whether the page tells what
  // they say.
  explicit Anchors(const Run& run, const std::string& prefix = "case-",
                   Clauses clauses = Clauses::Told);
  [[nodiscard]] const std::string& of(const CaseRecord& record) const;
  // The clause's id as HTML, a link where the page tells what it says.
  [[nodiscard]] std::string link_to_clause(const std::string& id) const;

 private:
  std::map<const CaseRecord*, std::string> anchors_;
  Clauses clauses_;
};

// The fragment id of what a clause says.
[[nodiscard]] std::string clause_anchor(const std::string& id);

// Glyph and word of a verdict, coloured.
[[nodiscard]] std::string badge(Verdict verdict);

[[nodiscard]] std::string headline(const Run& run, const Conclusion& said);
[[nodiscard]] std::string verdicts(const Run& run);
[[nodiscard]] std::string attention(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string matrix(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string coverage(const Run& run);
[[nodiscard]] std::string benchmarks(const Run& run);
// The tables of benchmarks() alone.
[[nodiscard]] std::string figures(const Run& run);
[[nodiscard]] std::string skips(const Run& run);
[[nodiscard]] std::string cases(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string clauses(const Run& run, const std::vector<ClauseText>& texts,
                                  const Anchors& anchors);
[[nodiscard]] std::string about(const Run& run);
// A case with everything that is known of it, folded unless it is trouble.
[[nodiscard]] std::string one_case(const CaseRecord& record, const Anchors& anchors);

// What stands at the top of a page.
struct Opening {
  std::string title;      // of the page in the browser, as text
  std::string header;     // of the page itself, as HTML
  std::string made_from;  // the footer's words, as text
};
// A part of the page: its id, its heading and its content as HTML. Empty parts are left out.
struct Part {
  const char* id;
  const char* title;
  std::string content;
};
[[nodiscard]] std::string page(const Opening& opening, const std::vector<Part>& parts);
// "Provider", "reference": a line of a list of facts; nothing where there is no value.
[[nodiscard]] std::string fact(std::string_view name, std::string_view value);

}  // namespace lockstep::report::html
