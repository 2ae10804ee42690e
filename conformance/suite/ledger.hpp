// What has been found out about one case so far. Thread-safe: the case writes on its own thread
// while the runner may read, because a case that hangs still has to leave a record.
#pragma once

#include "conformance/suite/case.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <mutex>
#include <optional>
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
  void note(const std::string& text);

  void step(report::StepRecord step);
  void last_step_differs();
  // What the case is doing just now, for the record of a hang.
  void doing(const std::string& what);
  [[nodiscard]] std::string doing() const;
  // A call to the provider leaves; it is back. In between, call_left() says when it left.
  void call_leaves();
  void call_is_back();
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> call_left() const;

  [[nodiscard]] report::Verdict verdict() const;
  [[nodiscard]] report::CaseRecord record() const;

 private:
  void raise_locked(report::Verdict verdict, const std::string& message);
  void note_locked(const std::string& text);

  mutable std::mutex mutex_;
  report::CaseRecord record_;
  std::string doing_;
  std::optional<std::chrono::steady_clock::time_point> call_left_;
};

// Order of badness, for merging.
[[nodiscard]] int badness(report::Verdict verdict) noexcept;

}  // namespace lockstep::conformance
