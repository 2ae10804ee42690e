// The command line as plain values: one struct per subcommand.
#pragma once

#include "model/vocab/units_text.hpp"
#include "target_impl/transport/spin_wait.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::cli {

struct ProgramOptions {
  std::string bypass = "on";
};

// Which cases (cli/selection.hpp makes a Selection of it).
struct SelectionOptions {
  std::vector<std::string> select;  // "@FILE" stands for the selectors in it
  std::vector<std::string> exclude;
  std::vector<std::string> levels;
  std::vector<std::string> features;
  std::vector<std::string> tags;
  std::string from;  // an earlier run, of which the cases with these verdicts are taken
  std::vector<std::string> verdicts;
  std::string failed;  // an earlier run, of which everything is taken that did not go well
};

// What a run may do on an outside provider.
struct SafetyOptions {
  bool allow_data_loss = false;
  std::vector<std::string> targets;  // names of pools and volumes, or globs
};

// How an outside provider and its volumes are reached. It becomes part of the provider's address,
// so that a replay line, a ledger and a run that goes on have it, too (options/subcommands.hpp).
struct ReachOptions {
  std::vector<std::string> portals;
  std::string data_access;  // file of rules; empty: none, as of the next
  std::string tls_ca;
  std::string tls_certificate;
  std::string tls_key;
  bool tls_insecure = false;
};

struct ConformOptions {
  std::string provider = "reference";
  SafetyOptions safety;
  SelectionOptions selection;
  std::string baseline;  // file; empty: everything is expected to pass
  std::uint64_t seed = 1;
  std::size_t shard = 1;  // of `shards`
  std::size_t shards = 1;
  std::optional<std::chrono::milliseconds> case_deadline;  // else the suite's
  std::optional<std::chrono::milliseconds> call_deadline;
  std::string resume;  // folder of a run that was cut off; then the rest comes from there
  std::string out = "out";
  bool json = false;
  bool quiet = false;
};

// "2/3" into `shard` and `shards`; false, and nothing changed, for anything else.
bool read_shard(const std::string& text, ConformOptions& options);

struct CheckOptions {
  std::string provider = "reference";
  SafetyOptions safety;
  std::chrono::milliseconds budget{10'000};
  std::uint64_t seed = 1;
  std::size_t max_operations = 20;
  std::string out = "out";
  bool stats = false;
  bool json = false;
  bool quiet = false;
};

struct BenchOptions {
  std::string filter = ".";
  std::string data;                    // URL of the LUN for loads; empty: a target of its own
  std::string provider = "reference";  // for replicas; this one: in process, one for each benchmark
  SafetyOptions safety;
  double min_time_s = 0.2;
  unsigned repetitions = 3;
  bool limits = false;
  bool report = false;      // characterization.html, too; implies limits
  std::string google_json;  // empty: none
  std::string google_csv;
  std::string out = "out";
  bool quiet = false;
};

struct BenchPeersOptions {
  std::string filter = ".";
  std::uint64_t volume_bytes = 1ULL << 30;
  std::chrono::milliseconds duration{500};
  unsigned rounds = 5;
  std::uint32_t spin_us = transport::kUsualSpinUs;
  bool report = false;
  std::string out = "out";
};

struct GateOptions {
  std::vector<std::string> runs;  // base and new, or none: measure two builds
  std::optional<std::string> again;
  bool in_turn = false;  // the runs are of one gate
  std::string against;   // revision; empty: the two programs
  std::string base_program;
  std::string new_program;
  std::string filter = ".";
  double min_time_s = 0.003;
  unsigned rounds = 16;
  unsigned most_rounds = 48;
  double alpha = 0.01;
  std::optional<std::string> thresholds;
  std::optional<std::string> markdown;
  std::string out = "out";
  bool quiet = false;
};

struct TargetOptions {
  std::optional<std::string> address;  // default: 127.0.0.1, or what the configuration says
  std::optional<std::uint16_t> port;   // default: 3260, or what the configuration says
  std::vector<std::uint64_t> lun_bytes;
  bool luns_given = false;  // or the default
  std::optional<std::uint16_t> cimxml_port;
  bool cimxml_tls = false;
  std::string tls_certificate;  // files; empty: none
  std::string tls_key;
  std::string tls_client_ca;
  std::vector<std::string> peers;      // NAME=iscsi://HOST[:PORT]/TARGET
  std::optional<std::string> variant;  // of the reference
  std::optional<std::chrono::milliseconds> stop_after;
  std::optional<std::string> config;
  std::optional<std::string> store;
  std::optional<std::uint16_t> metrics_port;
  std::optional<std::string> log_level;
  bool print_config = false;
};

struct ReportOptions {
  std::vector<std::string> runs;  // folders or records.jsonl; several only as "characterization"
  bool schema = false;            // of the records, instead of a report
  std::string format = "html";
  std::string output;  // empty: standard output, or the run's folder for "all"
};

struct CompareOptions {
  std::vector<std::string> runs;  // two or more; the first is what the others are compared with
  std::optional<std::string> html;
  std::optional<std::string> markdown;
};

struct ReplayOptions {
  std::string file;
  std::string history;  // instead: what was said then, judged again without a provider
  std::optional<std::string> provider;
  SafetyOptions safety;
  std::string out = "out";
};

struct ListOptions {
  std::string what = "cases";
  SelectionOptions selection;
  std::optional<std::string> provider;  // what would it have skipped?
  bool json = false;
};

struct MergeOptions {
  std::vector<std::string> runs;  // folders or records.jsonl, one for each shard
  std::string baseline;
  std::string out = "out";
};

struct SweepOptions {
  std::string run;  // folder with a ledger, or the ledger
  std::optional<std::string> provider;
  bool dry_run = false;
};

struct RecoverOptions {
  std::string journal;  // URL of its LUN, or of the target: which journals are there?
  bool dry_run = false;
  SafetyOptions safety;  // `targets`: URLs of LUNs
  bool allow_takeover = false;
  bool allow_unclaimed = false;
  std::vector<std::uint16_t> left_out;  // LUNs
  bool quiet = false;
};

struct BaselineOptions {
  std::string action;  // "check" or "update"
  std::string file;
  std::string run;  // folder or records.jsonl; empty: only the file is checked
};

struct ExplainOptions {
  std::string id;
};

struct DoctorOptions {
  std::string provider = "reference";
  std::optional<std::string> url;
  std::string out = "out";
};

struct KillMatrixOptions {
  std::vector<std::string> names;  // empty: every faulty provider
  std::chrono::milliseconds budget{20'000};
  std::string out = "out";
  bool quiet = false;
};

struct AdapterOptions {
  enum class What : unsigned char { Check, New, Serve, Schema };
  What what = What::Check;
  std::string command;                         // check
  std::chrono::milliseconds deadline{10'000};  // check
  std::vector<std::string> rules;              // check; empty: all
  std::string file;                            // new
  std::string provider = "reference";          // serve
};

using Command =
    std::variant<ConformOptions, CheckOptions, BenchOptions, BenchPeersOptions, GateOptions,
                 TargetOptions, ReportOptions, CompareOptions, ReplayOptions, ListOptions,
                 MergeOptions, SweepOptions, RecoverOptions, BaselineOptions, ExplainOptions,
                 DoctorOptions, KillMatrixOptions, AdapterOptions>;

// Either a command to carry out, or text that has been asked for (--help, --version) or is to be
// complained about, with the exit code that goes with it.
struct Stop {
  int exit_code = 0;
  std::string text;
};
// `program`: what holds whatever the subcommand.
[[nodiscard]] std::variant<Command, Stop> parse_command_line(int argc, const char* const* argv,
                                                             ProgramOptions& program);

}  // namespace lockstep::cli
