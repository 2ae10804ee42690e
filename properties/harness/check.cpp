#include "properties/harness/check.hpp"

#include "model/vocab/names.hpp"
#include "properties/harness/property_list.hpp"
#include "properties/harness/runner.hpp"
#include "properties/harness/saved_case.hpp"
#include "properties/harness/search.hpp"
#include "properties/harness/small_scope.hpp"
#include "properties/harness/step_table.hpp"
#include "properties/history/history_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::properties {
namespace {

using Clock = std::chrono::steady_clock;

report::CaseRecord record_of(const std::string& id) {
  const PropertyInfo& info = property_info(id);
  report::CaseRecord record;
  record.id = info.id;
  record.method = "P";
  record.kind = "property";
  record.clauses = info.clauses;
  record.level = "shall";
  record.does = info.does;
  record.requires_text = info.requires_text;
  return record;
}

// One check from beginning to end.
class Check {
 public:
  Check(const ProviderFactory& factory, const CheckOptions& options)
      : options_(options),
        runner_(factory),
        search_(runner_, tally_, options_),
        end_(Clock::now() + options.budget) {}

  [[nodiscard]] Result<CheckReport> run() {
    LOCKSTEP_TRY(runner_.open(options_.max_operations));
    LOCKSTEP_TRY(regressions());
    small_scope();
    lockstep();
    report_.coverage = tally_.record(*runner_.world());
    return std::move(report_);
  }

 private:
  [[nodiscard]] Status regressions();
  void small_scope();
  void lockstep();
  void conclude(report::CaseRecord record, const std::optional<Failure>& failure,
                const std::string& passed, Clock::time_point started);
  void save(const Failure& failure);
  [[nodiscard]] bool already_failed() const { return !report_.failure_text.empty(); }
  void skip(const std::string& id, const std::string& why);

  const CheckOptions& options_;
  Tally tally_;
  Runner runner_;
  Search search_;
  Clock::time_point end_;
  CheckReport report_;
};

void Check::skip(const std::string& id, const std::string& why) {
  report::CaseRecord record = record_of(id);
  record.verdict = report::Verdict::Disabled;
  record.message = why;
  report_.properties.push_back(std::move(record));
}

void Check::save(const Failure& failure) {
  if (options_.case_folder.empty()) return;
  SavedCase saved;
  saved.property = failure.property;
  saved.provider_spec = options_.provider_spec;
  saved.suite_version = suite_version();
  saved.seed = failure.seed;
  saved.reproduce = failure.reproduce;
  saved.clause = failure.clause;
  if (failure.trace.violation) {
    saved.expected = failure.trace.violation->expected;
    saved.observed = failure.trace.violation->observed;
  } else if (failure.trace.error) {
    saved.observed = failure.trace.error->message;
  }
  saved.operations = failure.sequence;
  saved.observations = steps_to_show(failure.trace);
  const std::filesystem::path file = options_.case_folder / case_file_name(saved);
  if (const Status written = write_case(file, saved); written.has_error()) {
    // The failure itself must not be lost over it.
    report_.failure_text += " not saved: " + written.error().message + '\n';
    return;
  }
  report_.saved_case = file;
  const SavedHistory told{saved.property, saved.provider_spec, saved.suite_version, saved.clause,
                          saved.expected, saved.observed,      failure.history};
  if (const Status written = write_history(history_file_of(file), told); written.has_error()) {
    report_.failure_text += " history not saved: " + written.error().message + '\n';
  }
}

void Check::conclude(report::CaseRecord record, const std::optional<Failure>& failure,
                     const std::string& passed, Clock::time_point started) {
  record.duration_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started).count());
  if (!failure) {
    record.verdict = report::Verdict::Pass;
    record.notes.push_back(passed);
    if (runner_.leaks() > 0) {
      record.notes.push_back(fmt::format(
          "{} sequences left objects behind that could not be removed", runner_.leaks()));
    }
    report_.properties.push_back(std::move(record));
    return;
  }
  save(*failure);
  report_.failure_text = failure_text(*failure, report_.saved_case) + report_.failure_text;
  record.steps = steps_to_show(failure->trace);
  if (failure->trace.violation) {
    const model::Finding& finding = *failure->trace.violation;
    record.verdict = report::Verdict::Fail;
    record.violated_clause = finding.clause.text;
    record.expected = finding.expected;
    record.observed = finding.observed;
    record.message = fmt::format("{}: expected {}, observed {}", finding.subject, finding.expected,
                                 finding.observed);
  } else {
    record.verdict = report::Verdict::Error;
    record.message = failure->trace.error ? failure->trace.error->message : "unknown trouble";
  }
  if (failure->failed_again < kReruns) {
    record.notes.push_back(
        fmt::format("flaky: fails {}/{} re-runs", failure->failed_again, kReruns));
  }
  for (const std::string& clause : failure->other_clauses) {
    record.notes.push_back("smaller sequences violated " + clause);
  }
  if (report_.saved_case) record.replay = "lockstep replay " + report_.saved_case->string();
  report_.properties.push_back(std::move(record));
}

Status Check::regressions() {
  const Clock::time_point started = Clock::now();
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto& entry :
       std::filesystem::directory_iterator(options_.regression_folder, absent)) {
    if (entry.path().string().ends_with(".case.json")) files.push_back(entry.path());
  }
  if (files.empty()) return ok();
  std::sort(files.begin(), files.end());
  std::optional<Failure> failure;
  for (const std::filesystem::path& file : files) {
    LOCKSTEP_TRY(auto saved, read_case(file));
    if (failure || search_.stopped()) break;
    failure = search_.one("P-REGRESSIONS", saved.operations, tally_.sequences() + 1);
  }
  conclude(record_of("P-REGRESSIONS"), failure, fmt::format("{} saved cases", files.size()),
           started);
  return ok();
}

void Check::small_scope() {
  if (already_failed()) return skip("P-SMALL-SCOPE", "not run: an earlier property failed");
  const Clock::time_point started = Clock::now();
  // A quarter of the time at most: what it is for is small, and random search finds more.
  const Clock::time_point limit = started + options_.budget / 4;
  const std::vector<Sequence> scope = properties::small_scope(*runner_.world());
  std::size_t done = 0;
  std::optional<Failure> failure;
  for (const Sequence& sequence : scope) {
    if (Clock::now() > limit || search_.stopped()) break;
    if (options_.max_sequences && tally_.sequences() >= *options_.max_sequences) break;
    failure = search_.one("P-SMALL-SCOPE", sequence, tally_.sequences() + 1);
    if (failure) break;
    ++done;
  }
  const std::string cut = done < scope.size() ? ", cut off by the time limit" : "";
  conclude(record_of("P-SMALL-SCOPE"), failure,
           fmt::format("{} of {} sequences{}", done, scope.size(), cut), started);
  if (!failure && done == 0) {
    report_.properties.back().verdict = report::Verdict::NotSupported;
    report_.properties.back().message = "nothing to enumerate: the provider lists no local kind";
  }
}

void Check::lockstep() {
  if (already_failed()) return skip("P-LOCKSTEP", "not run: an earlier property failed");
  const Clock::time_point started = Clock::now();
  const std::optional<Failure> failure = search_.random("P-LOCKSTEP", end_);
  conclude(record_of("P-LOCKSTEP"), failure,
           fmt::format("{} sequences, {} steps, {} replicas created", tally_.sequences(),
                       tally_.steps(), tally_.accepted_creates()),
           started);
  report::CaseRecord& record = report_.properties.back();
  if (failure) return;
  if (!search_.trouble().empty()) {
    record.verdict = report::Verdict::Error;
    record.message = "RapidCheck: " + search_.trouble();
  } else if (tally_.sequences() == 0) {
    record.verdict = report::Verdict::Inconclusive;
    record.message = "no sequence ran within the time limit";
  } else if (tally_.accepted_creates() == 0) {
    record.verdict = report::Verdict::NotSupported;
    record.message = "the provider refused, legally, every attempt to create a replica";
  }
}

report::CaseRecord record_of_replay(const SavedCase& saved, const Trace& trace, bool reproduced) {
  report::CaseRecord record = record_of(saved.property);
  record.id = saved.property;
  record.steps = steps_to_show(trace);
  if (trace.violation) {
    record.verdict = report::Verdict::Fail;
    record.violated_clause = trace.violation->clause.text;
    record.expected = trace.violation->expected;
    record.observed = trace.violation->observed;
    record.message = reproduced ? "reproduced" : "another clause is violated than saved";
  } else if (trace.error) {
    record.verdict = report::Verdict::Error;
    record.message = trace.error->message;
  } else if (trace.carried_out == 0) {
    record.verdict = report::Verdict::Error;
    record.message = "no operation could be carried out";
  } else {
    record.verdict = report::Verdict::Pass;
    record.notes.push_back("not reproduced: " + saved.clause + " was not violated");
  }
  return record;
}

}  // namespace

Result<CheckReport> check(const ProviderFactory& factory, const CheckOptions& options) {
  Check check(factory, options);
  return check.run();
}

Result<ReplayReport> replay(const std::filesystem::path& file, const ProviderFactory& factory) {
  LOCKSTEP_TRY(auto saved, read_case(file));
  Runner runner(factory);
  LOCKSTEP_TRY(runner.open(saved.operations.size()));
  const Trace trace = runner.run(saved.operations, nullptr);
  ReplayReport report;
  report.provider_spec = saved.provider_spec;
  report.executed = trace.carried_out;
  if (trace.carried_out > 0) {
    report.reproduced = saved.clause.empty() ? trace.error.has_value()
                                             : trace.violation.has_value() &&
                                                   trace.violation->clause.text == saved.clause;
  }
  report.record = record_of_replay(saved, trace, report.reproduced);
  report.record.replay = "lockstep replay " + file.string();
  const std::string told = trace.violation ? "clause " + trace.violation->clause.text
                           : trace.error   ? "error: " + trace.error->message
                                           : "no violation";
  report.text = fmt::format("{} of {}: {} (saved: {})\n", saved.property, file.string(), told,
                            saved.clause.empty() ? "error" : "clause " + saved.clause) +
                step_table(report.record.steps);
  return report;
}

Result<std::string> provider_of_case(const std::filesystem::path& file) {
  LOCKSTEP_TRY(auto saved, read_case(file));
  return saved.provider_spec;
}

std::filesystem::path default_regression_folder() { return LOCKSTEP_REGRESSIONS; }

}  // namespace lockstep::properties
