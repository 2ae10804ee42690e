#include "properties/harness/search.hpp"

#include "properties/commands/renumber.hpp"
#include "properties/harness/rapidcheck_entry.hpp"

#include <utility>

namespace lockstep::properties {
namespace {

constexpr int kBatch = 25;

std::string clause_of(const Trace& trace) {
  return trace.violation ? trace.violation->clause.text : std::string();
}

// Batches must not share sequences, and neighbouring seeds must not share batches.
std::uint64_t batch_seed(std::uint64_t seed, std::uint64_t batch) {
  std::uint64_t mixed = seed + batch * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

}  // namespace

void Search::show_progress(bool shrinking, std::size_t left) {
  if (!options_.progress) return;
  options_.progress(CheckProgress{tally_.sequences(), tally_.steps(), shrinking, left});
}

// RapidCheck would take any failure for progress. Only one of the same clause is the same bug.
bool Search::still_fails(Failure& failure, const Sequence& smaller) {
  if (std::chrono::steady_clock::now() > shrink_deadline_ || stopped()) {
    failure.shrink_cut = true;
    return false;
  }
  History history;
  Trace trace = runner_.run(smaller, nullptr, &history);
  if (!trace.failed()) return false;
  const std::string clause = clause_of(trace);
  if (clause != failure.clause || trace.violation.has_value() != !failure.clause.empty()) {
    failure.other_clauses.insert(clause.empty() ? "error" : clause);
    return false;
  }
  failure.removed += failure.sequence.size() - std::min(failure.sequence.size(), smaller.size());
  failure.sequence = smaller;
  failure.trace = std::move(trace);
  failure.history = std::move(history);
  show_progress(true, smaller.size());
  return true;
}

void Search::run_again(Failure& failure) {
  for (unsigned i = 0; i < kReruns; ++i) {
    History history;
    Trace trace = runner_.run(failure.sequence, nullptr, &history);
    if (!trace.failed() || clause_of(trace) != failure.clause) continue;
    ++failure.failed_again;
    failure.trace = std::move(trace);
    failure.history = std::move(history);
  }
}

std::optional<Failure> Search::batch(const std::string& property, const rc::Gen<Drawn>& sequences,
                                     std::uint64_t seed, int cases,
                                     std::chrono::steady_clock::time_point deadline) {
  std::optional<Failure> failure;
  RapidCheckRun run;
  run.id = property;
  run.seed = seed;
  run.cases = cases;
  run.passes = [&](const Sequence& sequence) {
    if (failure) return !still_fails(*failure, sequence);
    // The rest of a batch that time has overtaken is not run and not counted.
    if (std::chrono::steady_clock::now() > deadline || stopped()) return true;
    if (options_.max_sequences && tally_.sequences() >= *options_.max_sequences) return true;
    History history;
    Trace trace = runner_.run(sequence, &tally_, &history);
    tally_.sequence_done();
    show_progress(false, 0);
    if (!trace.failed()) return true;
    failure.emplace();
    failure->property = property;
    failure->sequence = sequence;
    failure->clause = clause_of(trace);
    failure->trace = std::move(trace);
    failure->history = std::move(history);
    failure->seed = options_.seed;
    failure->found_after = tally_.sequences();
    shrink_deadline_ = std::chrono::steady_clock::now() + options_.shrink_budget;
    return false;
  };
  const RapidCheckResult result = run_rapidcheck(sequences, run);
  if (!result.trouble.empty()) trouble_ = result.trouble;
  if (failure) {
    failure->shrinks = result.shrinks;
    failure->reproduce = result.reproduce;
    failure->sequence = renumbered(failure->sequence);
    run_again(*failure);
  }
  return failure;
}

std::optional<Failure> Search::random(const std::string& property,
                                      std::chrono::steady_clock::time_point deadline) {
  const rc::Gen<Drawn> sequences = random_sequences(runner_.world());
  for (std::uint64_t number = 0; trouble_.empty(); ++number) {
    if (std::chrono::steady_clock::now() > deadline || stopped()) break;
    if (options_.max_sequences && tally_.sequences() >= *options_.max_sequences) break;
    if (auto failure =
            batch(property, sequences, batch_seed(options_.seed, number), kBatch, deadline)) {
      return failure;
    }
  }
  return std::nullopt;
}

std::optional<Failure> Search::one(const std::string& property, const Sequence& sequence,
                                   std::uint64_t found_after) {
  auto failure = batch(property, this_sequence(sequence), options_.seed, 1,
                       std::chrono::steady_clock::time_point::max());
  if (failure) failure->found_after = found_after;
  return failure;
}

}  // namespace lockstep::properties
