// Looks for a failing sequence with RapidCheck, makes it small, and finds out how steadily it
// fails.
#pragma once

#include "properties/generators/sequences.hpp"
#include "properties/harness/check.hpp"
#include "properties/harness/runner.hpp"
#include "properties/harness/trace.hpp"
#include "properties/history/history.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace lockstep::properties {

struct Failure {
  std::string property;
  Sequence sequence;   // the smallest found
  Trace trace;         // of the last run of it that failed
  History history;     // of that run
  std::string clause;  // empty: the provider could not be asked or understood
  std::uint64_t seed = 0;
  std::string reproduce;
  std::uint64_t found_after = 0;  // sequences, the failing one included
  std::uint64_t shrinks = 0;
  std::size_t removed = 0;              // commands
  unsigned failed_again = 0;            // of kReruns
  bool shrink_cut = false;              // the deadline ended it
  std::set<std::string> other_clauses;  // violated by smaller sequences on the way, not followed
};

inline constexpr unsigned kReruns = 5;

// Not thread-safe. Borrows everything.
class Search {
 public:
  Search(Runner& runner, Tally& tally, const CheckOptions& options)
      : runner_(runner), tally_(tally), options_(options) {}

  // Random sequences until `deadline`, in small batches with seeds of their own.
  [[nodiscard]] std::optional<Failure> random(const std::string& property,
                                              std::chrono::steady_clock::time_point deadline);
  // One given sequence, then what it shrinks to.
  [[nodiscard]] std::optional<Failure> one(const std::string& property, const Sequence& sequence,
                                           std::uint64_t found_after);

  [[nodiscard]] bool stopped() const {
    return options_.stop_requested && options_.stop_requested();
  }
  // Trouble with RapidCheck itself; empty otherwise.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  [[nodiscard]] std::optional<Failure> batch(const std::string& property,
                                             const rc::Gen<Drawn>& sequences, std::uint64_t seed,
                                             int cases,
                                             std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bool still_fails(Failure& failure, const Sequence& smaller);
  void run_again(Failure& failure);
  void show_progress(bool shrinking, std::size_t left);

  Runner& runner_;
  Tally& tally_;
  const CheckOptions& options_;
  std::chrono::steady_clock::time_point shrink_deadline_;
  std::string trouble_;
};

}  // namespace lockstep::properties
