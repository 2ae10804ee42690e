#include "reports/test/sample_runs.hpp"

#include <cmath>

namespace lockstep::report {
namespace {

RunHeader header(const std::string& command) {
  RunHeader header;
  header.run_id = "run-20261121T093112Z-4f1c";
  header.command = command;
  header.started_utc = "2026-11-21T09:31:12Z";
  header.suite_version = "0.1.0";
  header.provider_spec = "faulty:late-snapshot";
  header.provider_organisation = "Example & Sons";
  header.provider_product = "Array <9000>";
  header.provider_version = "7.2";
  header.seed = 18446744073709551615ULL;
  header.configuration = {{"cases", "CER,ATT"}, {"timeout", "30s"}};
  header.host = {{"cores", "2"}, {"cpu", "Example CPU @ 2.40GHz"}, {"kernel", "Linux 6.1.0"}};
  return header;
}

CaseRecord a_case(const std::string& id, const std::string& method, const std::string& clause,
                  Verdict verdict, const std::string& message) {
  CaseRecord record;
  record.id = id;
  record.method = method;
  record.clauses = {clause};
  record.level = "shall";
  record.does = "Creates a snapshot of a source that is being written.";
  record.requires_text = "The target holds the bytes of one instant between call and answer.";
  record.verdict = verdict;
  record.message = message;
  record.duration_us = 1500;
  return record;
}

CaseRecord failed_case() {
  CaseRecord record =
      a_case("CER/snapshot-instant", "CER", "CER-40", Verdict::Fail,
             "the target mixes two instants: block 8 is from write 12, block 9 from write 10");
  record.clauses = {"CER-40", "GEN-04"};
  record.violated_clause = "CER-40";
  record.expected = "one instant of v1 in [write 10, write 12]";
  record.observed = "LBA 8 = write 12\nLBA 9 = write 10 </pre><script>alert(\"1\")</script>";
  record.notes = {"fails 3/3 re-runs", "a note with ]]> and \x1B[31m colours"};
  record.steps = {
      {"write(v1, LBA 8..15, #10)", "good", "good", "v1: 8..15 = #10", false},
      {"r1 = CreateElementReplica(SyncType=Snapshot, SourceElement=v1)", "0 Success", "0, 4096",
       "r1: Snapshot Synchronized", false},
      {"read(t1, LBA 8..15)", "blocks of #12 and #10", "one instant", "", true},
      {"delete(r1)", "0 Success", "0, 4096", "", false},
  };
  record.replay = "lockstep replay out/case-1.json --provider 'faulty:late-snapshot'";
  record.duration_us = 1234567;
  return record;
}

CoverageRecord coverage() {
  CoverageRecord record;
  record.sequences = 1200;
  record.steps = 48211;
  record.operations = {{"CreateElementReplica", 9120}, {"Fracture", 310}, {"write", 20017}};
  record.copy_states = {{"Fractured", 205}, {"Synchronized", 8801}};
  record.transitions = {{"MirrorSync T-010 Unsynchronized->Synchronized", 512}};
  record.unreached = {{"MirrorSync T-058", "the array cannot be restarted from outside"},
                      {"Snapshot T-044", ""}};
  return record;
}

BenchmarkRecord benchmark(const std::string& name, double mib_per_second, double p50, double p99) {
  BenchmarkRecord record;
  record.name = "data_path/" + name;
  record.group = "data path";
  record.real_time_ns = p50 * 1e3;
  record.iterations = 120034;
  record.repetitions = 3;
  record.counters = {{"bytes_per_second", mib_per_second * 1024 * 1024},
                     {"cpu_s_per_gib", 0.734},
                     {"io_per_second", mib_per_second * 256},
                     {"p50_us", p50},
                     {"p99_us", p99}};
  return record;
}

}  // namespace

Run conformance_run() {
  Run run;
  run.header = header("conform");
  run.cases = {
      a_case("CER/sync-type-reserved", "CER", "CER-03", Verdict::Pass, ""),
      a_case("CER/wait-inactive", "CER", "CER-30", Verdict::Informational,
             "answered 4096 and finished by itself"),
      a_case("CER/name-too-long", "CER", "CER-12", Verdict::Warning,
             "answered 4, 5 is recommended"),
      failed_case(),
      a_case("CER/mode-null", "CER", "CER-08", Verdict::Error, "the connection was lost"),
      a_case("ATT/pair", "ATT", "ATT-06", Verdict::Crash, "exception: out of range"),
      a_case("ATT/sync", "ATT", "ATT-07", Verdict::Inconclusive, "the job had not ended in time"),
      a_case("ATT/tokenized", "ATT", "ATT-11", Verdict::NotSupported, "needs TokenizedClone"),
      a_case("ATT/link-loss", "ATT", "ATT-20", Verdict::NotTestable, "needs a fault port"),
      a_case("ATT/slow", "ATT", "ATT-21", Verdict::Disabled, "excluded by --exclude"),
      a_case("ATT/pair", "ATT", "ATT-06", Verdict::Pass, ""),
  };
  CaseRecord property = a_case("P1", "P", "MRS-02", Verdict::Pass, "");
  property.kind = "property";
  run.cases.push_back(property);
  run.coverage = {coverage()};
  run.summary = summarise(run.cases);
  return run;
}

std::vector<ClauseText> clause_texts() {
  return {
      {"CER-40", "shall", "A snapshot holds the bytes of one instant <not two>.",
       "bytes of the target", "CreateElementReplica, remarks",
       "which instant between call and answer"},
      {"CER-99", "shall", "No case of the run checks it.", "", "", ""},
      {"ATT-06", "stated", "CopyType 5 is refused.", "return code", "AttachReplica, CopyType", ""},
  };
}

Run benchmark_run() {
  Run run;
  run.header = header("bench");
  for (const double depth : {1.0, 4.0, 16.0, 64.0}) {
    const std::string qd = "/bs:4KiB/qd:" + std::to_string(static_cast<int>(depth));
    run.benchmarks.push_back(
        benchmark("read/random" + qd, 90 * std::pow(depth, 0.6), 41 + depth * 3, 90 + depth * 9));
    run.benchmarks.push_back(benchmark("write/random" + qd, 70 * std::pow(depth, 0.5),
                                       55 + depth * 4, 140 + depth * 12));
  }
  BenchmarkRecord failed;
  failed.name = "copy/through_initiator/bs:1MiB/qd:4";
  failed.group = "copy";
  failed.error = "wrong data written at LBA 8 <b>";
  run.benchmarks.push_back(failed);
  BenchmarkRecord snapshot;
  snapshot.name = "snapshot/create";
  snapshot.group = "snapshot";
  snapshot.real_time_ns = 812;
  snapshot.iterations = 900;
  snapshot.repetitions = 3;
  run.benchmarks.push_back(snapshot);
  run.summary = RunSummary{{{"benchmarks", 10}}, Overall::NotConformant, 95'000'000, 1};
  return run;
}

Run cut_off_run() {
  Run run;
  run.header = header("conform");
  run.cases = {a_case("CER/sync-type-reserved", "CER", "CER-03", Verdict::Pass, "")};
  return run;
}

}  // namespace lockstep::report
