// The command line as plain values: one struct per subcommand.
#pragma once

#include "model/vocab/units_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::cli {

struct ConformOptions {
  std::string provider = "reference";
  std::vector<std::string> select;
  std::vector<std::string> exclude;
  std::uint64_t seed = 1;
  std::string out = "out";
  bool json = false;
  bool quiet = false;
};

struct CheckOptions {
  std::string provider = "reference";
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
  double min_time_s = 0.2;
  unsigned repetitions = 3;
  std::string out = "out";
  bool quiet = false;
};

struct BenchPeersOptions {
  std::string filter = ".";
  std::uint64_t volume_bytes = 1ULL << 30;
  std::chrono::milliseconds duration{500};
  unsigned rounds = 5;
  std::uint32_t spin_us = 50;
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
  double min_time_s = 0.03;
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
  std::string run;  // folder or records.jsonl
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
  std::optional<std::string> provider;
};

struct ListOptions {
  std::string what = "cases";
  bool json = false;
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
                 ExplainOptions, DoctorOptions, KillMatrixOptions, AdapterOptions>;

// Either a command to carry out, or text that has been asked for (--help, --version) or is to be
// complained about, with the exit code that goes with it.
struct Stop {
  int exit_code = 0;
  std::string text;
};
[[nodiscard]] std::variant<Command, Stop> parse_command_line(int argc, const char* const* argv);

}  // namespace lockstep::cli
