#include "reports/record/record.hpp"

#include <array>
#include <utility>

namespace lockstep::report {
namespace {

constexpr std::array<std::pair<Verdict, const char*>, 10> kVerdicts{{
    {Verdict::Pass, "Pass"},
    {Verdict::Informational, "Informational"},
    {Verdict::Warning, "Warning"},
    {Verdict::Fail, "Fail"},
    {Verdict::Error, "Error"},
    {Verdict::Crash, "Crash"},
    {Verdict::Inconclusive, "Inconclusive"},
    {Verdict::NotSupported, "NotSupported"},
    {Verdict::NotTestable, "NotTestable"},
    {Verdict::Disabled, "Disabled"},
}};

Overall overall_of(const std::vector<CaseRecord>& cases) {
  bool ran = false;
  bool skipped = false;
  bool bad = false;
  bool inconclusive = false;
  for (const CaseRecord& record : cases) {
    skipped |= is_skip(record.verdict);
    ran |= !is_skip(record.verdict);
    bad |= is_bad(record.verdict);
    inconclusive |= record.verdict == Verdict::Inconclusive;
  }
  if (!ran) return Overall::NothingRan;
  if (bad) return Overall::NotConformant;
  if (inconclusive) return Overall::Inconclusive;
  return skipped ? Overall::ConformantWithSkips : Overall::Conformant;
}

int exit_code_of(Overall overall) {
  switch (overall) {
    case Overall::Conformant:
    case Overall::ConformantWithSkips:
      return 0;
    case Overall::NotConformant:
      return 1;
    case Overall::Inconclusive:
      return 2;
    case Overall::NothingRan:
      return 77;
  }
  return 70;
}

}  // namespace

const char* to_text(Verdict verdict) noexcept {
  for (const auto& [value, text] : kVerdicts) {
    if (value == verdict) return text;
  }
  return "unknown verdict";
}

std::optional<Verdict> parse_verdict(const std::string& text) noexcept {
  for (const auto& [value, name] : kVerdicts) {
    if (text == name) return value;
  }
  return std::nullopt;
}

bool is_pass(Verdict verdict) noexcept { return verdict <= Verdict::Warning; }

bool is_skip(Verdict verdict) noexcept {
  return verdict >= Verdict::NotSupported && verdict <= Verdict::Disabled;
}

bool is_bad(Verdict verdict) noexcept {
  return verdict >= Verdict::Fail && verdict <= Verdict::Crash;
}

const char* to_text(Overall overall) noexcept {
  switch (overall) {
    case Overall::Conformant:
      return "Conformant";
    case Overall::ConformantWithSkips:
      return "ConformantWithSkips";
    case Overall::NotConformant:
      return "NotConformant";
    case Overall::Inconclusive:
      return "Inconclusive";
    case Overall::NothingRan:
      return "NothingRan";
  }
  return "unknown overall verdict";
}

RunSummary summarise(const std::vector<CaseRecord>& cases) {
  RunSummary summary;
  for (const CaseRecord& record : cases) {
    ++summary.counts[to_text(record.verdict)];
    summary.duration_us += record.duration_us;
  }
  summary.overall = overall_of(cases);
  summary.exit_code = exit_code_of(summary.overall);
  return summary;
}

}  // namespace lockstep::report
