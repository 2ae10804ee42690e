// Runs conformance cases against a provider.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::string current;  // id of the case that runs now
};

struct RunOptions {
  std::vector<std::string> select;   // clause ids, case ids, prefixes or globs; empty: everything
  std::vector<std::string> exclude;  // these are recorded as Disabled
  std::string provider_spec;         // for the replay lines
  std::uint64_t seed = 1;
  std::chrono::milliseconds case_deadline{20'000};
  std::function<void(const report::CaseRecord&)> finished;  // as each case ends
  std::function<void(const Progress&)> progress;            // may be empty
  std::function<bool()> stop_requested;  // asked between cases; may be empty
};

// The records of all selected cases, in order. An empty selection: Origin::Usage, naming the
// nearest ids.
[[nodiscard]] Result<std::vector<report::CaseRecord>> run_cases(Provider& provider,
                                                                const RunOptions& options);

// What would run, for `lockstep list`.
struct CaseInfo {
  std::string id;
  std::string method;
  std::vector<std::string> clauses;
  std::string level;
  std::string does;
  std::string requires_text;
};
[[nodiscard]] const std::vector<CaseInfo>& list_cases();

}  // namespace lockstep::conformance
