#include "conformance/suite/baseline.hpp"

#include "conformance/suite/select.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lockstep::conformance {
namespace {

using report::CaseRecord;
using report::Verdict;
using Kind = BaselineProblem::Kind;

// Neither passed nor skipped.
bool needs_an_excuse(Verdict verdict) {
  return report::is_bad(verdict) || verdict == Verdict::Inconclusive;
}

bool is_glob(const std::string& subject) {
  return subject.find_first_of("*?") != std::string::npos;
}

std::string seen_text(const CaseRecord& record) {
  std::string text = report::to_text(record.verdict);
  if (!record.violated_clause.empty()) text += " of " + record.violated_clause;
  return text;
}

std::string expected_text(const BaselineEntry& entry) {
  std::string text = report::to_text(entry.verdict);
  if (!entry.clause.empty()) text += " of " + entry.clause;
  return text;
}

BaselineEntry entry_for(const CaseRecord& record) {
  BaselineEntry entry;
  entry.subject = record.id;
  entry.verdict = record.verdict;
  if (record.verdict == Verdict::Fail) entry.clause = record.violated_clause;
  return entry;
}

}  // namespace

Expectations::Expectations(Baseline baseline, const report::RunHeader& provider,
                           std::vector<BaselineSubject> cases, std::string today)
    : baseline_(std::move(baseline)),
      provider_(provider.provider_organisation + " " + provider.provider_product + " " +
                provider.provider_version),
      spec_(provider.provider_spec),
      cases_(std::move(cases)),
      today_(std::move(today)) {
  for (const BaselineSubject& known : cases_) {
    clauses_.insert(known.clauses.begin(), known.clauses.end());
  }
}

bool Expectations::applies(const BaselineEntry& entry) const {
  return entry.provider.empty() || glob_matches(entry.provider, spec_) ||
         glob_matches(entry.provider, provider_);
}

bool Expectations::expired(const BaselineEntry& entry) const {
  return !entry.until.empty() && entry.until < today_;
}

bool Expectations::is_clause(const std::string& subject) const {
  return clauses_.contains(subject);
}

bool Expectations::covers(const BaselineEntry& entry, const std::string& id,
                          const std::vector<std::string>& clauses) const {
  if (is_glob(entry.subject)) return glob_matches(entry.subject, id);
  return entry.subject == id ||
         std::find(clauses.begin(), clauses.end(), entry.subject) != clauses.end();
}

std::size_t Expectations::width(const BaselineEntry& entry) const {
  return static_cast<std::size_t>(std::count_if(
      cases_.begin(), cases_.end(),
      [&](const BaselineSubject& known) { return covers(entry, known.id, known.clauses); }));
}

bool Expectations::agrees(const BaselineEntry& entry, const CaseRecord& record) const {
  if (!applies(entry) || expired(entry) || entry.verdict != record.verdict) return false;
  if (!covers(entry, record.id, record.clauses)) return false;
  if (!entry.clause.empty() && entry.clause != record.violated_clause) return false;
  // An entry for a clause is about its breach, not about another one that a case of it came upon.
  return record.verdict != Verdict::Fail || !is_clause(entry.subject) ||
         entry.subject == record.violated_clause;
}

std::optional<std::string> Expectations::excuse(const CaseRecord& record) const {
  for (const BaselineEntry& entry : baseline_.entries) {
    if (agrees(entry, record)) return entry.reason;
  }
  return std::nullopt;
}

std::vector<BaselineProblem> Expectations::problems() const {
  std::vector<BaselineProblem> found;
  std::set<std::pair<std::string, std::string>> seen;
  for (const BaselineEntry& entry : baseline_.entries) {
    const std::string where =
        baseline_.name + ", line " + std::to_string(entry.line) + ", " + entry.subject + ": ";
    const std::size_t cases = width(entry);
    if (cases == 0) {
      std::vector<std::string> known;
      for (const BaselineSubject& subject : cases_) {
        known.push_back(subject.id);
        known.insert(known.end(), subject.clauses.begin(), subject.clauses.end());
      }
      std::string near;
      for (const std::string& id : nearest(entry.subject, known)) {
        near += (near.empty() ? "" : ", ") + id;
      }
      found.push_back({Kind::Unknown, where + "expected a case or a tested clause, found none of " +
                                          "that name; nearest: " + near});
    }
    if (is_glob(entry.subject) && cases > kWidestGlob) {
      found.push_back({Kind::TooWide, where + "expected a glob that fits at most " +
                                          std::to_string(kWidestGlob) + " cases, it fits " +
                                          std::to_string(cases) + "; name them"});
    }
    if (!seen.insert({entry.subject, entry.provider}).second) {
      found.push_back({Kind::Repeated, where + "expected one entry for each subject and provider, "
                                               "found another; leave one of them out"});
    }
    if (entry.reason.empty()) {
      found.push_back({Kind::Unexplained, where + "expected a reason behind the #, found none; say "
                                                  "why this is accepted"});
    }
    if (applies(entry) && expired(entry)) {
      found.push_back({Kind::Expired, where + "was accepted until " + entry.until + ", today is " +
                                          today_ + "; see whether it still holds"});
    }
  }
  return found;
}

// The records that the entry covers and that show something else; none when the records cannot
// tell.
std::vector<const CaseRecord*> Expectations::not_shown_by(
    const BaselineEntry& entry, const std::vector<CaseRecord>& records) const {
  if (!applies(entry) || expired(entry)) return {};
  std::vector<const CaseRecord*> covered;
  std::vector<const CaseRecord*> other;
  for (const CaseRecord& record : records) {
    if (record.verdict == Verdict::Disabled) continue;
    if (!covers(entry, record.id, record.clauses)) continue;
    covered.push_back(&record);
    if (!agrees(entry, record)) other.push_back(&record);
  }
  if (!is_clause(entry.subject)) return other;
  // Any one case that breaks the clause will do, and all must have been tried to say that none
  // does.
  const bool some_agree = other.size() < covered.size();
  const bool all_tried = covered.size() == width(entry);
  return some_agree || !all_tried ? std::vector<const CaseRecord*>{} : other;
}

std::vector<BaselineProblem> Expectations::problems(const std::vector<CaseRecord>& records) const {
  std::vector<BaselineProblem> found = problems();
  for (const CaseRecord& record : records) {
    if (!needs_an_excuse(record.verdict) || excuse(record)) continue;
    found.push_back({Kind::Unexpected,
                     record.id + ": expected to pass or an entry in " + baseline_.name +
                         ", observed " + seen_text(record) + ": " + record.message,
                     record.verdict == Verdict::Inconclusive});
  }
  for (const BaselineEntry& entry : baseline_.entries) {
    for (const CaseRecord* record : not_shown_by(entry, records)) {
      found.push_back({Kind::Stale, baseline_.name + ", line " + std::to_string(entry.line) + ", " +
                                        entry.subject + ": expected " + expected_text(entry) +
                                        ", observed " + seen_text(*record) + " in " + record->id +
                                        "; correct the entry or remove it"});
      if (is_clause(entry.subject)) break;  // one line says it for all of its cases
    }
  }
  return found;
}

Baseline Expectations::updated(const std::vector<CaseRecord>& records) const {
  Baseline next = baseline_;
  next.entries.clear();
  std::set<std::string> replaced;
  for (BaselineEntry entry : baseline_.entries) {
    const auto other = not_shown_by(entry, records);
    if (other.empty() || is_glob(entry.subject)) {
      next.entries.push_back(std::move(entry));
      continue;
    }
    const CaseRecord& record = *other.front();
    if (is_clause(entry.subject) || !needs_an_excuse(record.verdict)) continue;
    entry.comments.push_back("# was " + expected_text(entry) + ": " + entry.reason);
    const BaselineEntry now = entry_for(record);
    entry.verdict = now.verdict;
    entry.clause = now.clause;
    entry.reason.clear();
    replaced.insert(record.id);
    next.entries.push_back(std::move(entry));
  }
  for (const CaseRecord& record : records) {
    if (!needs_an_excuse(record.verdict) || replaced.contains(record.id) || excuse(record))
      continue;
    // An entry whose time is over waits for somebody to look at it.
    const bool waits = std::any_of(
        baseline_.entries.begin(), baseline_.entries.end(), [&](const BaselineEntry& entry) {
          return applies(entry) && expired(entry) && covers(entry, record.id, record.clauses);
        });
    if (!waits) next.entries.push_back(entry_for(record));
  }
  return next;
}

int exit_code_of(const std::vector<BaselineProblem>& problems) noexcept {
  if (problems.empty()) return 0;
  const bool undecided = std::all_of(problems.begin(), problems.end(),
                                     [](const auto& problem) { return problem.inconclusive; });
  return undecided ? 2 : 1;
}

const char* to_text(BaselineProblem::Kind kind) noexcept {
  switch (kind) {
    case Kind::Unexpected:
      return "unexpected";
    case Kind::Stale:
      return "stale";
    case Kind::Expired:
      return "expired";
    case Kind::Unexplained:
      return "unexplained";
    case Kind::Unknown:
      return "unknown";
    case Kind::Repeated:
      return "repeated";
    case Kind::TooWide:
      return "too wide";
  }
  return "unknown";
}

}  // namespace lockstep::conformance
