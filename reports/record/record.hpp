// What a run leaves behind, as plain values: the only thing that every report is made from.
//
// A run writes records.jsonl line by line as results come in; the first line is the RunHeader, the
// last the RunSummary. A file without a summary is the record of a run that was cut off.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::report {

inline constexpr int kSchemaVersion = 1;

enum class Verdict : std::uint8_t {
  Pass,
  Informational,  // passed; records which legal variation was seen
  Warning,        // passed with something tolerated
  Fail,
  Error,  // the case could not be carried out
  Crash,
  Inconclusive,
  NotSupported,  // skipped: the provider does not offer the feature
  NotTestable,   // skipped: cannot be tested here (no data access, no faults)
  Disabled,      // skipped: excluded by the user
};
[[nodiscard]] const char* to_text(Verdict verdict) noexcept;
[[nodiscard]] std::optional<Verdict> parse_verdict(const std::string& text) noexcept;
[[nodiscard]] bool is_pass(Verdict verdict) noexcept;  // Pass, Informational, Warning
[[nodiscard]] bool is_skip(Verdict verdict) noexcept;
[[nodiscard]] bool is_bad(Verdict verdict) noexcept;  // Fail, Error, Crash

struct RunHeader {
  int schema = kSchemaVersion;
  std::string run_id;       // "run-20261121T093112Z-4f1c"
  std::string command;      // "conform", "check", "bench"
  std::string started_utc;  // ISO 8601
  std::string suite_version;
  std::string provider_spec;  // what the user gave: "reference", "faulty:late-snapshot"
  std::string provider_organisation;
  std::string provider_product;
  std::string provider_version;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> configuration;  // effective, secrets redacted
  std::map<std::string, std::string> host;           // cpu, cores, kernel
  // Every case that the whole run is to hold, in order, whichever shard this is; of conform.
  std::vector<std::string> selected{};
  std::string shard{};  // "2/3": this run holds every third of them, from the second on; empty: all
  friend bool operator==(const RunHeader&, const RunHeader&) = default;
};

// One step of a case or counterexample.
struct StepRecord {
  std::string operation;  // "r1 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1)"
  std::string answered;   // "0 Success"
  std::string expected;   // "0, 4096"
  std::string model;      // difference of the model's state; may be empty
  bool differs = false;   // the step that failed
  friend bool operator==(const StepRecord&, const StepRecord&) = default;
};

// A conformance case or a property.
struct CaseRecord {
  std::string id;             // "CER/sync-type-reserved"
  std::string method;         // clause prefix of its section: "CER"
  std::string kind = "case";  // or "property"
  std::vector<std::string> clauses;
  std::string level;          // shall, should, may, open
  std::string does;           // what was done, one sentence
  std::string requires_text;  // what must be true, one sentence
  Verdict verdict = Verdict::Error;
  std::string message;          // why, for anything but Pass
  std::string violated_clause;  // with Fail
  std::string expected;
  std::string observed;
  std::vector<std::string> notes;  // warnings and variations seen
  std::vector<StepRecord> steps;
  std::string replay;  // a command line, or empty
  std::uint64_t duration_us = 0;
  std::string excuse{};  // the reason in a baseline that expects this verdict; else empty
  friend bool operator==(const CaseRecord&, const CaseRecord&) = default;
};

// What a run of the random property went through.
struct CoverageRecord {
  std::uint64_t sequences = 0;
  std::uint64_t steps = 0;
  std::map<std::string, std::uint64_t> operations;
  std::map<std::string, std::uint64_t> copy_states;
  std::map<std::string, std::uint64_t> transitions;
  std::map<std::string, std::string> unreached;  // transition -> reason
  friend bool operator==(const CoverageRecord&, const CoverageRecord&) = default;
};

// The name of BenchmarkRecord::real_time_ns among its samples.
inline constexpr const char* kRealTimeNs = "real_time_ns";
// The counter that says how much of BenchmarkRecord::limit was reached; 1 is all of it.
inline constexpr const char* kShareOfLimit = "share_of_limit";

struct BenchmarkRecord {
  std::string name;         // "read/random/bs:4KiB/qd:16"
  std::string group;        // "data path", "copy", "snapshot"
  double real_time_ns = 0;  // median per iteration
  std::uint64_t iterations = 0;
  std::uint32_t repetitions = 0;
  std::map<std::string, double>
      counters;       // bytes_per_second, io_per_second, p50_us, p99_us, cpu_s_per_gib
  std::string error;  // non-empty: the benchmark failed
  // What each repetition measured, in their order: the counters, and "real_time_ns". Empty in
  // records of versions that kept medians only.
  std::map<std::string, std::vector<double>> samples = {};
  // Of single requests, by percent: "50", "99.9"; of the last repetition, as what follows. Empty:
  // not measured.
  std::map<std::string, double> percentiles_us = {};
  // Bytes moved in each of the intervals, one after the other.
  std::vector<double> progress = {};
  std::uint32_t progress_interval_ms = 0;
  std::string limit = {};  // the benchmark that this one is held against, of the same run; or empty
  friend bool operator==(const BenchmarkRecord&, const BenchmarkRecord&) = default;
};

enum class Overall : std::uint8_t {
  Conformant,
  ConformantWithSkips,
  NotConformant,
  Inconclusive,
  NothingRan
};
[[nodiscard]] const char* to_text(Overall overall) noexcept;

struct RunSummary {
  std::map<std::string, std::uint64_t> counts;  // by verdict
  Overall overall = Overall::NothingRan;
  std::uint64_t duration_us = 0;
  int exit_code = 0;
  std::vector<std::string> problems{};  // where run and baseline differ, one line each
  friend bool operator==(const RunSummary&, const RunSummary&) = default;
};

using Line = std::variant<RunHeader, CaseRecord, CoverageRecord, BenchmarkRecord, RunSummary>;

// A whole file, read.
struct Run {
  RunHeader header;
  std::vector<CaseRecord> cases;
  std::vector<CoverageRecord> coverage;
  std::vector<BenchmarkRecord> benchmarks;
  std::optional<RunSummary> summary;  // absent: the run was cut off
};

// Counts and overall verdict of the cases, from nothing but the cases.
[[nodiscard]] RunSummary summarise(const std::vector<CaseRecord>& cases);

}  // namespace lockstep::report
