// Grades an adapter against the rules of docs/process-provider.md, before anybody asks whether the
// provider behind it is any good.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::conformance {

enum class Grade : unsigned char { Pass, Fail, NotApplicable };

struct RuleGrade {
  std::string rule;     // "AD-08"
  std::string demands;  // "refuses an operation that it does not know, and goes on"
  Grade grade = Grade::Pass;
  // Fail: "expected …, found …". NotApplicable: why.
  std::string reason;
};

struct ContractOptions {
  std::vector<std::string> arguments;  // the program and what it is given
  std::chrono::milliseconds deadline{10'000};
  std::set<std::string> only;                    // rules; empty: all
  std::function<void(const RuleGrade&)> graded;  // as each rule is done; may be empty
};

// Every rule is tried on a child of its own, so that one failure does not make others. All of them
// have ended when this returns.
[[nodiscard]] std::vector<RuleGrade> grade_adapter(const ContractOptions& options);

}  // namespace lockstep::conformance
