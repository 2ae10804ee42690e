#include "conformance/suite/ledger.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

// A case that loops must not fill the record.
constexpr std::size_t kMostSteps = 300;
constexpr std::size_t kMostNotes = 30;

}  // namespace

int badness(report::Verdict verdict) noexcept {
  using report::Verdict;
  switch (verdict) {
    case Verdict::Pass:
      return 0;
    case Verdict::Informational:
      return 1;
    case Verdict::Warning:
      return 2;
    case Verdict::NotSupported:
    case Verdict::NotTestable:
    case Verdict::Disabled:
      return 3;
    case Verdict::Inconclusive:
      return 4;
    case Verdict::Error:
      return 5;
    case Verdict::Fail:
      return 6;
    case Verdict::Crash:
      return 7;
  }
  return 7;
}

Ledger::Ledger(const Case& subject, std::string replay) {
  record_.id = subject.id;
  record_.method = subject.method();
  record_.clauses = subject.clauses;
  record_.level = to_text(subject.level);
  record_.does = subject.does;
  record_.requires_text = subject.requires_text;
  record_.verdict = report::Verdict::Pass;
  record_.replay = std::move(replay);
}

void Ledger::raise(report::Verdict verdict, const std::string& message) {
  const std::lock_guard lock(mutex_);
  raise_locked(verdict, message);
}

void Ledger::raise_locked(report::Verdict verdict, const std::string& message) {
  if (badness(verdict) <= badness(record_.verdict)) {
    if (verdict != report::Verdict::Pass && message != record_.message) note_locked(message);
    return;
  }
  if (!record_.message.empty()) note_locked(record_.message);
  record_.verdict = verdict;
  record_.message = message;
}

void Ledger::note_locked(const std::string& text) {
  auto& notes = record_.notes;
  const bool known = std::find(notes.begin(), notes.end(), text) != notes.end();
  if (!known && notes.size() < kMostNotes) notes.push_back(text);
}

void Ledger::violation(const std::string& clause, const std::string& subject,
                       const std::string& expected, const std::string& observed) {
  const std::lock_guard lock(mutex_);
  const bool first = badness(record_.verdict) < badness(report::Verdict::Fail);
  raise_locked(report::Verdict::Fail,
               clause + ", " + subject + ": expected " + expected + ", observed " + observed);
  if (!first) return;
  record_.violated_clause = clause;
  record_.expected = expected;
  record_.observed = observed;
  if (!record_.steps.empty()) record_.steps.back().differs = true;
}

void Ledger::warning(const std::string& text) {
  const std::lock_guard lock(mutex_);
  raise_locked(report::Verdict::Warning, text);
  note_locked(text);
}

void Ledger::variation(const std::string& text) {
  const std::lock_guard lock(mutex_);
  raise_locked(report::Verdict::Informational, text);
  note_locked(text);
}

void Ledger::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  note_locked(text);
}

void Ledger::step(report::StepRecord step) {
  const std::lock_guard lock(mutex_);
  if (record_.steps.size() < kMostSteps) record_.steps.push_back(std::move(step));
}

void Ledger::last_step_differs() {
  const std::lock_guard lock(mutex_);
  if (!record_.steps.empty()) record_.steps.back().differs = true;
}

void Ledger::doing(const std::string& what) {
  const std::lock_guard lock(mutex_);
  doing_ = what;
}

std::string Ledger::doing() const {
  const std::lock_guard lock(mutex_);
  return doing_;
}

void Ledger::call_leaves() {
  const std::lock_guard lock(mutex_);
  call_left_ = std::chrono::steady_clock::now();
}

void Ledger::call_is_back() {
  const std::lock_guard lock(mutex_);
  call_left_.reset();
}

std::optional<std::chrono::steady_clock::time_point> Ledger::call_left() const {
  const std::lock_guard lock(mutex_);
  return call_left_;
}

report::Verdict Ledger::verdict() const {
  const std::lock_guard lock(mutex_);
  return record_.verdict;
}

report::CaseRecord Ledger::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

}  // namespace lockstep::conformance
