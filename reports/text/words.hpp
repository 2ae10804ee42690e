// What sections and verdicts are called, and what they mean; the same on every page.
#pragma once

#include "reports/record/record.hpp"

#include <array>
#include <string>
#include <string_view>

namespace lockstep::report {

// "CER" -> "CreateElementReplica"; an unknown prefix is its own title.
[[nodiscard]] std::string_view section_title(std::string_view method);

struct VerdictLook {
  Verdict verdict;
  const char* glyph;
  const char* word;
  const char* tone;  // pass, warn, bad, open, skip: the CSS class and nothing else
  const char* meaning;
};
// In the order in which readers want them: what is wrong first.
[[nodiscard]] const std::array<VerdictLook, 10>& verdict_looks();
[[nodiscard]] const VerdictLook& look_of(Verdict verdict);

// What a run may claim, in words that cannot be read as more.
struct Conclusion {
  const char* tone;
  std::string headline;  // "Conformant with skips"
  std::string shows;
  std::string shows_not;
  std::vector<std::string> cautions;  // cut off, or a summary that its cases do not bear out
};
[[nodiscard]] Conclusion conclusion_of(const Run& run);

// "ACME Array 9000 (1.2)"; what the user asked for where the provider did not say.
[[nodiscard]] std::string provider_title(const RunHeader& header);

}  // namespace lockstep::report
