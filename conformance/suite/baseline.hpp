// Expected results: a reviewed text file of the verdicts other than Pass that a provider is known
// to get, each with the reason. Strict both ways: what is not as the file says, and what the file
// says without a reason or for too long, fails the run.
//
//   # Known to the vendor; firmware 2.2 will bring it.
//   CER/target-pool-honoured  Fail  clause=CER-21 until=2027-03-31  # EX-1234: the pool is ignored
//
// A line holds SUBJECT VERDICT [clause=ID] [until=YYYY-MM-DD] [provider=GLOB] # REASON. SUBJECT is
// a case id, a glob over case ids that fits at most 20, or a clause id: any case that breaks it.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::conformance {

inline constexpr std::size_t kLargestBaselineBytes = 1U << 20U;
inline constexpr std::size_t kWidestGlob = 20;

struct BaselineEntry {
  std::string subject;
  report::Verdict verdict = report::Verdict::Fail;
  std::string clause;    // that a Fail names; empty: any
  std::string until;     // the last day on which it holds, UTC; empty: no end
  std::string provider;  // glob over spec or "organisation product version"; empty: all
  std::string reason;
  std::vector<std::string> comments;  // whole lines above it; an empty one is a gap
  std::size_t line = 0;
  friend bool operator==(const BaselineEntry&, const BaselineEntry&) = default;
};

struct Baseline {
  std::string name;                  // of the file, for messages
  std::vector<std::string> heading;  // comment lines at the top, apart from the first entry's
  std::vector<BaselineEntry> entries;
  std::vector<std::string> ending;  // comment lines behind the last entry
};

// `name` is for messages. Not of that form, or too large: Origin::Config, naming the line.
[[nodiscard]] Result<Baseline> parse_baseline(std::string_view text, const std::string& name);
// Entries sorted by subject and provider, columns aligned; reads back as the same entries.
[[nodiscard]] std::string to_text(const Baseline& baseline);

// What a case looks like to a baseline.
struct BaselineSubject {
  std::string id;
  std::vector<std::string> clauses;
};

struct BaselineProblem {
  enum class Kind : std::uint8_t {
    Unexpected,   // not passed, and no entry expects it
    Stale,        // an entry expects what did not happen
    Expired,      // an entry whose last day is over
    Unexplained,  // an entry without a reason
    Unknown,      // an entry whose subject is no case and no clause
    Repeated,     // two entries for the same subject and provider
    TooWide       // a glob that fits more than kWidestGlob cases
  };
  Kind kind = Kind::Unexpected;
  std::string text{};         // one line: subject, expectation, fact, what to do next
  bool inconclusive = false;  // Unexpected, and the case only decided nothing
};

// Compares a run of a provider with a baseline. A value; the entries of other providers are left
// out.
class Expectations {
 public:
  // `cases`: all that there are. `today`: YYYY-MM-DD, UTC.
  Expectations(Baseline baseline, const report::RunHeader& provider,
               std::vector<BaselineSubject> cases, std::string today);

  // The reason why such a result is expected.
  [[nodiscard]] std::optional<std::string> excuse(const report::CaseRecord& record) const;
  // What is wrong with the file itself.
  [[nodiscard]] std::vector<BaselineProblem> problems() const;
  // That, and where the run and the file differ. Entries for cases that the records do not hold, or
  // hold as Disabled, are not judged.
  [[nodiscard]] std::vector<BaselineProblem> problems(
      const std::vector<report::CaseRecord>& records) const;

  // The baseline that fits the run, which must hold every case: entries that nothing shows any more
  // are gone, new ones have no reason. An entry whose verdict or clause changed has lost its reason
  // to a comment. Globs, entries that expired and those of other providers stay as they are.
  [[nodiscard]] Baseline updated(const std::vector<report::CaseRecord>& records) const;

 private:
  [[nodiscard]] bool applies(const BaselineEntry& entry) const;
  [[nodiscard]] bool expired(const BaselineEntry& entry) const;
  [[nodiscard]] bool covers(const BaselineEntry& entry, const std::string& id,
                            const std::vector<std::string>& clauses) const;
  [[nodiscard]] bool agrees(const BaselineEntry& entry, const report::CaseRecord& record) const;
  [[nodiscard]] bool is_clause(const std::string& subject) const;
  [[nodiscard]] std::size_t width(const BaselineEntry& entry) const;
  [[nodiscard]] std::vector<const report::CaseRecord*> not_shown_by(
      const BaselineEntry& entry, const std::vector<report::CaseRecord>& records) const;

  Baseline baseline_;
  std::string provider_;  // "organisation product version"
  std::string spec_;
  std::vector<BaselineSubject> cases_;
  std::set<std::string> clauses_;  // of them
  std::string today_;
};

// 0 without problems; 1, or 2 when every problem is a case that decided nothing.
[[nodiscard]] int exit_code_of(const std::vector<BaselineProblem>& problems) noexcept;
[[nodiscard]] const char* to_text(BaselineProblem::Kind kind) noexcept;

}  // namespace lockstep::conformance
