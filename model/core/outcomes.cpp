#include "model/core/outcomes.hpp"

#include "model/core/reporter.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

void unpack(CodeMask mask, std::set<std::uint32_t>& codes, std::set<CimStatus>& statuses) {
  for (unsigned i = 0; i < kNamedCodes.size(); ++i) {
    if ((mask >> i & 1U) != 0) codes.insert(codes.end(), kNamedCodes[i]);
  }
  for (unsigned status = 1; status <= kLastStatus; ++status) {
    if ((mask >> (kFirstStatusBit + status) & 1U) != 0) {
      statuses.insert(statuses.end(), static_cast<CimStatus>(status));
    }
  }
}

std::string list_of(const std::set<std::uint32_t>& codes, const std::set<CimStatus>& statuses) {
  std::string text;
  for (const std::uint32_t code : codes) {
    if (!text.empty()) text += ", ";
    text += std::to_string(code);
  }
  for (const CimStatus status : statuses) {
    if (!text.empty()) text += ", ";
    text += "CIM status " + std::to_string(number_of(status));
  }
  return text;
}

}  // namespace

void Tally::note(std::string_view clause, bool decisive) {
  const auto end = clauses_.begin() + static_cast<std::ptrdiff_t>(count_);
  if (std::find(clauses_.begin(), end, clause) != end) return;
  if (count_ == kMostClauses) return;
  clauses_[count_++] = clause;
  if (!decisive) return;
  // The clauses that demand a refusal come first: they are the ones to name.
  std::rotate(clauses_.begin() + static_cast<std::ptrdiff_t>(decisive_),
              clauses_.begin() + static_cast<std::ptrdiff_t>(count_ - 1),
              clauses_.begin() + static_cast<std::ptrdiff_t>(count_));
  ++decisive_;
}

void Tally::apply(std::string_view clause, Outcomes outcomes) {
  if (keeps_clauses_) note(clause, (outcomes.strict & kSuccesses) == 0);
  permitted_.strict &= outcomes.strict;
  CodeMask let_stand = (outcomes.strict | outcomes.tolerated) & kSuccesses;
  // A breach of a clause that is only inferred is no violation.
  if (let_stand != kSuccesses && is_weak(clause)) let_stand = kSuccesses;
  permitted_.tolerated &= let_stand;
  refusals_.strict |= outcomes.strict & ~kSuccesses;
  refusals_.tolerated |= outcomes.tolerated & ~kSuccesses;
}

Outcomes Tally::total(Outcomes successes) const {
  const CodeMask strict = (successes.strict & permitted_.strict) | refusals_.strict;
  const CodeMask either = successes.strict | successes.tolerated;
  return {strict, ((either & permitted_.tolerated) | refusals_.tolerated) & ~strict};
}

AllowedCodes::Verdict Tally::judge(const Answer& answer, Outcomes successes,
                                   bool vendor_codes) const {
  using enum AllowedCodes::Verdict;
  CodeMask given = 0;
  bool vendor = false;
  if (answer.cim_status) {
    const std::uint32_t status = number_of(*answer.cim_status);
    if (status >= 1 && status <= kLastStatus) given = CodeMask{1} << (kFirstStatusBit + status);
  } else {
    const std::uint32_t code = number_of(answer.code);
    given = code_bit(code);
    vendor = vendor_codes && code >= kFirstVendorValue && code <= 0xFFFF;
  }
  const auto [strict, tolerated] = total(successes);
  if ((strict & given) != 0) return Strict;
  if ((tolerated & given) != 0) return Tolerated;
  return vendor ? Strict : Violation;
}

AllowedCodes Tally::finish(Outcomes successes, bool vendor_codes) const {
  AllowedCodes allowed;
  const auto [strict, tolerated] = total(successes);
  unpack(strict, allowed.strict, allowed.strict_status);
  unpack(tolerated, allowed.tolerated, allowed.tolerated_status);
  allowed.vendor_codes = vendor_codes;
  allowed.clauses.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    allowed.clauses.push_back(ClauseId{std::string(clauses_[i])});
  }
  return allowed;
}

AllowedCodes::Verdict AllowedCodes::judge(const Answer& answer) const {
  if (answer.cim_status) {
    if (strict_status.contains(*answer.cim_status)) return Verdict::Strict;
    if (tolerated_status.contains(*answer.cim_status)) return Verdict::Tolerated;
    return Verdict::Violation;
  }
  const std::uint32_t code = number_of(answer.code);
  if (strict.contains(code)) return Verdict::Strict;
  if (tolerated.contains(code)) return Verdict::Tolerated;
  const bool vendor = code >= kFirstVendorValue && code <= 0xFFFF;
  return vendor_codes && vendor ? Verdict::Strict : Verdict::Violation;
}

std::string AllowedCodes::text() const {
  std::string text = list_of(strict, strict_status);
  if (vendor_codes) text += text.empty() ? "a vendor code" : ", a vendor code";
  const std::string also = list_of(tolerated, tolerated_status);
  if (!also.empty()) text += (text.empty() ? "tolerated " : "; tolerated ") + also;
  return text.empty() ? "nothing" : text;
}

}  // namespace lockstep::model
