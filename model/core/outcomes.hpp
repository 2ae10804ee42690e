// Sets of outcomes in the notation of the clause catalogue, and the tally that adds up what several
// clauses say about one request.
//
// "5,E4~1,2,4": return code 5 or CIM status 4 conform; 1, 2 and 4 are tolerated. J is 4096. A
// clause whose set holds neither 0 nor J demands a refusal. When several errors apply at once, any
// of their codes may be returned (GEN-16): the tally is the union of the refusals and the
// intersection of the permissions to succeed.
#pragma once

#include "model/core/judge.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace lockstep::model {

// One bit per return code or CIM status that any clause names.
using CodeMask = std::uint64_t;

inline constexpr std::array<std::uint32_t, 16> kNamedCodes{
    0, 1, 2, 3, 4, 5, 6, 7, 8, 4096, 4097, 4098, 4099, 40001, 40002, 40003};
inline constexpr unsigned kFirstStatusBit = 20;  // CIM status n is bit 20 + n
inline constexpr unsigned kLastStatus = 17;
inline constexpr CodeMask kSuccess0 = 1;
inline constexpr CodeMask kSuccessJob = CodeMask{1} << 9;
inline constexpr CodeMask kSuccesses = kSuccess0 | kSuccessJob;

[[nodiscard]] constexpr CodeMask code_bit(std::uint32_t code) {
  for (unsigned i = 0; i < kNamedCodes.size(); ++i) {
    if (kNamedCodes[i] == code) return CodeMask{1} << i;
  }
  return 0;
}

struct Outcomes {
  CodeMask strict = 0;
  CodeMask tolerated = 0;
};

namespace detail {
constexpr CodeMask token_bit(std::string_view token) {
  if (token == "J") return kSuccessJob;
  const bool status = token.front() == 'E';
  std::uint32_t number = 0;
  for (const char digit : token.substr(status ? 1 : 0)) {
    number = number * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return status ? CodeMask{1} << (kFirstStatusBit + number) : code_bit(number);
}

constexpr CodeMask list_mask(std::string_view list) {
  CodeMask mask = 0;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    mask |= token_bit(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return mask;
}
}  // namespace detail

consteval Outcomes operator""_outcomes(const char* text, std::size_t length) {
  const std::string_view whole(text, length);
  const std::size_t tilde = whole.find('~');
  Outcomes outcomes;
  outcomes.strict = detail::list_mask(whole.substr(0, tilde));
  if (tilde != std::string_view::npos) {
    outcomes.tolerated = detail::list_mask(whole.substr(tilde + 1));
  }
  return outcomes;
}

// Adds up clauses for one request. Clause ids must outlive the tally (string literals).
class Tally {
 public:
  // Which clauses have a say need not be known to judge an answer that conforms.
  enum class Clauses : bool { NotKept, Kept };
  explicit Tally(Clauses clauses) noexcept : keeps_clauses_(clauses == Clauses::Kept) {}

  void apply(std::string_view clause, Outcomes outcomes);
  // What the method's successes are when nothing forbids them: GEN-09, or {0} for methods without
  // jobs.
  // Names the clauses that were kept.
  [[nodiscard]] AllowedCodes finish(Outcomes successes, bool vendor_codes) const;
  // The same as finish() would judge the answer, without making the lists.
  [[nodiscard]] AllowedCodes::Verdict judge(const Answer& answer, Outcomes successes,
                                            bool vendor_codes) const;
  [[nodiscard]] bool must_refuse() const noexcept { return permitted_.strict == 0; }
  [[nodiscard]] bool may_refuse() const noexcept { return refusals_.strict != 0; }

 private:
  void note(std::string_view clause, bool decisive);
  [[nodiscard]] Outcomes total(Outcomes successes) const;

  static constexpr std::size_t kMostClauses = 24;
  bool keeps_clauses_;
  std::array<std::string_view, kMostClauses> clauses_;  // the first `count_` of them
  std::size_t count_ = 0;
  std::size_t decisive_ = 0;                    // the first so many demand a refusal
  Outcomes permitted_{kSuccesses, kSuccesses};  // successes that every clause so far lets stand
  Outcomes refusals_;
};

}  // namespace lockstep::model
