// The parts of the HTML page, each one section of it as a text; html.cpp puts them together. An
// empty text means that the run has nothing of the kind.
#pragma once

#include "reports/record/record.hpp"
#include "reports/text/words.hpp"

#include <map>
#include <string>
#include <vector>

namespace lockstep::report::html {

// Fragment ids of the cases, unique also where two cases have one id.
class Anchors {
 public:
  explicit Anchors(const Run& run);
  [[nodiscard]] const std::string& of(const CaseRecord& record) const;

 private:
  std::map<const CaseRecord*, std::string> anchors_;
};

// Glyph and word of a verdict, coloured.
[[nodiscard]] std::string badge(Verdict verdict);

[[nodiscard]] std::string headline(const Run& run, const Conclusion& said);
[[nodiscard]] std::string verdicts(const Run& run);
[[nodiscard]] std::string attention(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string matrix(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string coverage(const Run& run);
[[nodiscard]] std::string benchmarks(const Run& run);
[[nodiscard]] std::string skips(const Run& run);
[[nodiscard]] std::string cases(const Run& run, const Anchors& anchors);
[[nodiscard]] std::string about(const Run& run);

}  // namespace lockstep::report::html
