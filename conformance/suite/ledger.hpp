// What has been found out about one case so far. Thread-safe: the case writes on its own thread
// while the runner may read, because a case that hangs still has to leave a record.
#pragma once

#include "conformance/suite/case.hpp"
#include "reports/record/record.hpp"

#include <mutex>
#include <string>

namespace lockstep::conformance {

class Ledger {
 public:
  explicit Ledger(const Case& subject, std::string replay);

  // Worst wins: a verdict is never lowered, and the first message of the worst stays.
  void raise(report::Verdict verdict, const std::string& message);
  // Verdict Fail. The first violation names the clause; later ones become notes.
  void violation(const std::string& clause, const std::string& subject, const std::string& expected,
                 const std::string& observed);
  void warning(const std::string& text);    // verdict Warning, and a note
  void variation(const std::string& text);  // verdict Informational, and a note

  void step(report::StepRecord step);
  void last_step_differs();
  // What the case is doing just now, for the record of a hang.
  void doing(const std::string& what);
  [[nodiscard]] std::string doing() const;

  [[nodiscard]] report::Verdict verdict() const;
  [[nodiscard]] report::CaseRecord record() const;

 private:
  void raise_locked(report::Verdict verdict, const std::string& message);
  void note_locked(const std::string& text);

  mutable std::mutex mutex_;
  report::CaseRecord record_;
  std::string doing_;
};

// Order of badness, for merging.
[[nodiscard]] int badness(report::Verdict verdict) noexcept;

}  // namespace lockstep::conformance
