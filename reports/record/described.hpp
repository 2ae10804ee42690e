// The members of each record, for the JSON codec: a member's name there is its name in JSON.
#pragma once

#include "reports/record/record.hpp"

#include <boost/describe/class.hpp>

namespace lockstep::report {

BOOST_DESCRIBE_STRUCT(RunHeader, (),
                      (schema, run_id, command, started_utc, suite_version, provider_spec,
                       provider_organisation, provider_product, provider_version, seed, selected,
                       shard, configuration, host))
BOOST_DESCRIBE_STRUCT(StepRecord, (), (operation, answered, expected, model, differs))
BOOST_DESCRIBE_STRUCT(CaseRecord, (),
                      (id, method, kind, clauses, level, does, requires_text, verdict, message,
                       violated_clause, expected, observed, notes, steps, replay, duration_us,
                       excuse))
BOOST_DESCRIBE_STRUCT(CoverageRecord, (),
                      (sequences, steps, operations, copy_states, transitions, unreached))
BOOST_DESCRIBE_STRUCT(BenchmarkRecord, (),
                      (name, group, real_time_ns, iterations, repetitions, counters, error, samples,
                       percentiles_us, progress, progress_interval_ms, limit))
BOOST_DESCRIBE_STRUCT(RunSummary, (), (counts, overall, duration_us, exit_code, problems))

// The "type" member of a line.
template <class Record>
inline constexpr const char* kTypeName = nullptr;
template <>
inline constexpr const char* kTypeName<RunHeader> = "run";
template <>
inline constexpr const char* kTypeName<CaseRecord> = "case";
template <>
inline constexpr const char* kTypeName<CoverageRecord> = "coverage";
template <>
inline constexpr const char* kTypeName<BenchmarkRecord> = "benchmark";
template <>
inline constexpr const char* kTypeName<RunSummary> = "summary";

}  // namespace lockstep::report
