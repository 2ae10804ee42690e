#include "cli/options.hpp"

#include "cli/exit_codes.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <map>

namespace lockstep::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 as expected, 1 unexpected result, 2 inconclusive only, 64 usage, 69 provider or "
    "target\n"
    "unreachable, 70 bug of lockstep, 77 nothing ran, 130 interrupted.";

CLI::Validator duration_validator() {
  return CLI::Validator(
      [](std::string& text) {
        return parse_duration(text)
                   ? std::string()
                   : "expected a duration such as 500ms, 60s or 10m, found '" + text + "'";
      },
      "DURATION");
}

CLI::Validator size_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto bytes = parse_byte_size(text);
        if (!bytes) return "expected a size such as 64KiB or 256MiB, found '" + text + "'";
        if (*bytes == 0 || *bytes % 512 != 0)
          return "expected a multiple of 512 bytes above 0, found '" + text + "'";
        constexpr std::uint64_t kLargest = 64ULL << 40;
        if (*bytes > kLargest) return "expected at most 64TiB, found '" + text + "'";
        return std::string();
      },
      "SIZE");
}

// Portals are part of the provider's address, so that a replay line has them, too.
std::string with_portals(std::string provider, const std::vector<std::string>& portals) {
  for (const std::string& portal : portals) {
    provider += (provider.find('?') == std::string::npos ? "?portal=" : "&portal=") + portal;
  }
  return provider;
}

// Texts of options that become values once parsing has succeeded.
struct RawTexts {
  std::string check_budget = "10s";
  std::string kill_budget = "20s";
  std::string peers_duration = "500ms";
  std::string peers_volume = "1GiB";
  std::string target_stop;
  std::vector<std::string> conform_portals;
  std::vector<std::string> check_portals;
  std::vector<std::string> lun_sizes;
};

class Parser {
 public:
  Parser()
      : app_(
            "Proves that block-storage replication providers do what they promise, and measures "
            "how fast.",
            "lockstep") {
    app_.set_version_flag("--version", kVersion);
    app_.footer(
        std::string(
            "Examples:\n"
            "  lockstep conform                              try it on the built-in reference\n"
            "  lockstep check --provider reference --for 60s random sequences against the oracle\n"
            "  lockstep explain CER-34                       what a clause says and who tests "
            "it\n\n") +
        kExitCodes);
    app_.require_subcommand(0, 1);
    add_conform();
    add_check();
    add_bench();
    add_target();
    add_report();
    add_replay();
    add_list();
    add_explain();
    add_doctor();
    add_killmatrix();
  }

  std::variant<Command, Stop> parse(int argc, const char* const* argv) {
    if (argc < 2) return Stop{kUsage, app_.help()};
    const std::string first = argv[1];
    if (!first.empty() && first.front() != '-' && makers_.find(first) == makers_.end()) {
      return Stop{kUsage, "lockstep: unknown subcommand '" + first + "'; did you mean '" +
                              nearest(first, names()) + "'? `lockstep --help` lists all"};
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return Stop{kAsExpected, current().help()};
    } catch (const CLI::CallForAllHelp&) {
      return Stop{kAsExpected, app_.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::CallForVersion&) {
      return Stop{kAsExpected, std::string("lockstep ") + kVersion};
    } catch (const CLI::ParseError& error) {
      const CLI::App& where = current();
      const std::string command = where.get_parent() ? "lockstep " + where.get_name() : "lockstep";
      return Stop{kUsage, command + ": " + error.what() + "; see `" + command + " --help`"};
    }
    return makers_.at(current().get_name())();
  }

 private:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, maker] : makers_) all.push_back(name);
    return all;
  }

  [[nodiscard]] const CLI::App& current() const {
    const auto chosen = app_.get_subcommands();
    return chosen.empty() ? app_ : *chosen.front();
  }

  template <class Options>
  CLI::App* subcommand(const char* name, const char* what, const std::string& examples,
                       Options& options) {
    CLI::App* sub = app_.add_subcommand(name, what);
    sub->footer("Examples:\n" + examples + "\n" + kExitCodes);
    makers_[name] = [&options] { return Command{options}; };
    return sub;
  }

  static void add_portals(CLI::App* sub, std::vector<std::string>& portals) {
    sub->add_option("--portal", portals,
                    "iSCSI target under which an outside provider's volumes are LUNs: "
                    "iscsi://HOST:PORT/IQN; give it again for more")
        ->take_all();
  }

  void add_conform() {
    auto* sub = subcommand(
        "conform", "Check a provider against the clauses of the replication methods",
        "  lockstep conform                                 the built-in reference, all cases\n"
        "  lockstep conform --provider faulty:late-snapshot a provider with one planted bug\n"
        "  lockstep conform CER-34 CLR --exclude 'CLR/*sweep*'   some clauses and sections\n",
        conform_);
    sub->add_option("select", conform_.select,
                    "Clause ids, case ids, sections (CER, CLR, CGE, MCR, ATT, GEN) or globs");
    sub->add_option("--provider", conform_.provider,
                    "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
        ->capture_default_str();
    add_portals(sub, raw_.conform_portals);
    sub->add_option("--exclude", conform_.exclude,
                    "Cases to leave out; they are reported as Disabled");
    sub->add_option("--seed", conform_.seed, "Seed of the data written")->capture_default_str();
    sub->add_option("--out", conform_.out, "Folder for the run's records and reports")
        ->capture_default_str();
    sub->add_flag("--json", conform_.json, "Print the summary as JSON");
    sub->add_flag("-q,--quiet", conform_.quiet, "No progress line");
    makers_["conform"] = [this] {
      conform_.provider = with_portals(conform_.provider, raw_.conform_portals);
      return Command{conform_};
    };
  }

  void add_check() {
    auto* sub = subcommand(
        "check", "Run random sequences in lockstep with the oracle",
        "  lockstep check --provider reference --for 60s --seed 1 --stats\n"
        "  lockstep check --provider faulty:torn-write --for 10s\n"
        "  lockstep replay out/latest/p-lockstep.case.json       run a saved failure again\n",
        check_);
    sub->add_option("--provider", check_.provider,
                    "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
        ->capture_default_str();
    add_portals(sub, raw_.check_portals);
    sub->add_option("--for", raw_.check_budget, "How long to generate sequences")
        ->check(duration_validator())
        ->capture_default_str();
    sub->add_option("--seed", check_.seed, "Seed of the generator")->capture_default_str();
    sub->add_option("--max-operations", check_.max_operations, "Operations per sequence")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    sub->add_option("--out", check_.out, "Folder for the run's records and reports")
        ->capture_default_str();
    sub->add_flag("--stats", check_.stats,
                  "Print how often each operation, CopyState and transition was reached");
    sub->add_flag("--json", check_.json, "Print the summary as JSON");
    sub->add_flag("-q,--quiet", check_.quiet, "No progress line");
    makers_["check"] = [this] {
      check_.budget = *parse_duration(raw_.check_budget);
      check_.provider = with_portals(check_.provider, raw_.check_portals);
      return Command{check_};
    };
  }

  void add_bench() {
    auto* sub = subcommand(
        "bench", "Measure the copy data path",
        "  lockstep bench                                   everything, about two minutes\n"
        "  lockstep bench --filter 'data_path/read.*qd:16'  some of it\n"
        "  lockstep list benchmarks                         their names\n"
        "  lockstep bench peers                             side by side with tgtd and qemu-img\n",
        bench_);
    sub->add_option("--filter", bench_.filter, "Regular expression over benchmark names")
        ->capture_default_str();
    sub->add_option("--min-time-s", bench_.min_time_s, "Seconds per repetition")
        ->check(CLI::Range(0.001, 60.0))
        ->capture_default_str();
    sub->add_option("--repetitions", bench_.repetitions, "Repetitions of each")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    sub->add_option("--out", bench_.out, "Folder for the run's records and reports")
        ->capture_default_str();
    sub->add_flag("-q,--quiet", bench_.quiet, "No progress line");
    CLI::App* peers = add_bench_peers(*sub);
    makers_["bench"] = [this, peers] {
      if (!peers->parsed()) return Command{bench_};
      peers_.duration = *parse_duration(raw_.peers_duration);
      peers_.volume_bytes = *parse_byte_size(raw_.peers_volume);
      return Command{peers_};
    };
  }

  CLI::App* add_bench_peers(CLI::App& bench) {
    CLI::App* sub = bench.add_subcommand(
        "peers", "The same work against tgtd and qemu-img, where installed, as ratios");
    sub->footer(
        std::string(
            "Examples:\n"
            "  lockstep bench peers                                 all, three minutes\n"
            "  lockstep bench peers --filter 'bs:4KiB' --rounds 9   4 KiB only, steadier\n\n") +
        kExitCodes);
    sub->add_option("--filter", peers_.filter, "Regular expression over the names of the cases")
        ->capture_default_str();
    sub->add_option("--volume", raw_.peers_volume, "Size of each target's volumes, in memory")
        ->check(size_validator())
        ->capture_default_str();
    sub->add_option("--for", raw_.peers_duration, "Length of one measurement")
        ->check(duration_validator())
        ->capture_default_str();
    sub->add_option("--rounds", peers_.rounds, "How often each is measured, in turn")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    sub->add_option("--spin-us", peers_.spin_us,
                    "How long our target looks for a request before it sleeps")
        ->check(CLI::Range(0, 10'000))
        ->capture_default_str();
    sub->add_option("--out", peers_.out, "Folder for the run's records and reports")
        ->capture_default_str();
    return sub;
  }

  void add_target() {
    auto* sub =
        subcommand("target", "Serve an iSCSI target",
                   "  lockstep target --lun 256MiB                     the built-in reference\n"
                   "  lockstep target --config /etc/lockstep.toml      as the file says\n"
                   "  lockstep target --store DIR --lun 64GiB          volumes that survive\n"
                   "  iscsi-ls -s iscsi://127.0.0.1:3260               what an initiator sees\n",
                   target_);
    sub->add_option("--address", target_.address, "Address to listen on (default: 127.0.0.1)");
    sub->add_option("--port", target_.port, "TCP port; 0 takes any free one (default: 3260)");
    auto* luns = sub->add_option("--lun", raw_.lun_sizes,
                                 "Size of a LUN; give it again for more (default: one of 256MiB)");
    luns->check(size_validator());
    auto* cimxml = sub->add_option(
        "--cimxml", target_.cimxml_port,
        "Serve the replication service of the reference over CIM-XML on that TCP port, too; 0 "
        "takes any free one");
    cimxml->type_name("PORT");
    sub->add_option("--for", raw_.target_stop, "Stop by itself after that long")
        ->check(duration_validator());
    sub->add_option("--config", target_.config,
                    "Portals, targets, LUNs, accounts and limits (TOML)")
        ->excludes(luns)
        ->excludes(cimxml);
    sub->add_option("--store", target_.store, "Directory of volumes that survive the process")
        ->excludes(cimxml);
    sub->add_option("--metrics-port", target_.metrics_port,
                    "Serve /metrics on this port of 127.0.0.1; 0 takes any free one");
    sub->add_option("--log-level", target_.log_level, "error, warning, info or debug");
    sub->add_flag("--print-config", target_.print_config,
                  "Print the effective configuration and where each value comes from, and end");
    makers_["target"] = [this] {
      for (const std::string& size : raw_.lun_sizes)
        target_.lun_bytes.push_back(*parse_byte_size(size));
      if (target_.lun_bytes.empty()) target_.lun_bytes.push_back(256ULL << 20);
      if (!raw_.target_stop.empty()) target_.stop_after = parse_duration(raw_.target_stop);
      return Command{target_};
    };
  }

  void add_report() {
    auto* sub = subcommand(
        "report", "Render a finished run",
        "  lockstep report out/latest                       all formats, into the run's folder\n"
        "  lockstep report out/latest --format markdown     to standard output\n"
        "  lockstep report RUN --format junit --output results.xml\n",
        report_);
    report_.format = "all";
    sub->add_option("run", report_.run, "Folder of the run, or its records.jsonl")->required();
    sub->add_option("--format", report_.format, "html, junit, markdown or all")
        ->check(CLI::IsMember({"html", "junit", "markdown", "all"}))
        ->capture_default_str();
    sub->add_option("--output", report_.output, "File to write instead of standard output");
  }

  void add_replay() {
    auto* sub =
        subcommand("replay", "Run a saved counterexample again",
                   "  lockstep replay out/latest/p-lockstep.case.json\n"
                   "  lockstep replay FILE --provider reference        against another provider\n"
                   "  lockstep check --provider faulty:torn-write      makes such a file\n",
                   replay_);
    sub->add_option("file", replay_.file, "The saved case")->required();
    sub->add_option("--provider", replay_.provider, "Instead of the provider named in the file");
  }

  void add_list() {
    auto* sub = subcommand(
        "list", "List cases, clauses, providers or benchmarks",
        "  lockstep list cases\n  lockstep list clauses --json\n  lockstep list providers\n",
        list_);
    sub->add_option("what", list_.what, "cases, clauses, providers or benchmarks")
        ->check(CLI::IsMember({"cases", "clauses", "providers", "benchmarks"}))
        ->capture_default_str();
    sub->add_flag("--json", list_.json, "Machine-readable");
  }

  void add_explain() {
    auto* sub = subcommand(
        "explain", "Say what a clause, case, transition or faulty provider is",
        "  lockstep explain CER-34\n  lockstep explain T-010\n  lockstep explain late-snapshot\n",
        explain_);
    sub->add_option("id", explain_.id, "Clause, case, transition or name of a faulty provider")
        ->required();
  }

  void add_doctor() {
    auto* sub = subcommand(
        "doctor", "Check what a run would need",
        "  lockstep doctor\n"
        "  lockstep doctor --url iscsi://127.0.0.1:3260/iqn.2026-11.net.lockstep:reference/1\n"
        "  lockstep doctor --provider null\n",
        doctor_);
    sub->add_option("--provider", doctor_.provider,
                    "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
        ->capture_default_str();
    sub->add_option("--url", doctor_.url,
                    "A LUN that should answer: iscsi://host[:port]/target/lun");
    sub->add_option("--out", doctor_.out, "Folder that runs would write to")->capture_default_str();
  }

  void add_killmatrix() {
    auto* sub =
        subcommand("killmatrix", "Show that every planted bug is caught",
                   "  lockstep killmatrix                              all faulty providers\n"
                   "  lockstep killmatrix late-snapshot torn-write     some of them\n"
                   "  lockstep list providers                          their names\n",
                   kill_);
    sub->add_option("names", kill_.names, "Names of faulty providers (default: all)");
    sub->add_option("--for", raw_.kill_budget, "Budget of the random search for each")
        ->check(duration_validator())
        ->capture_default_str();
    sub->add_option("--out", kill_.out, "Folder for counterexamples")->capture_default_str();
    sub->add_flag("-q,--quiet", kill_.quiet, "No progress line");
    makers_["killmatrix"] = [this] {
      kill_.budget = *parse_duration(raw_.kill_budget);
      return Command{kill_};
    };
  }

  CLI::App app_;
  RawTexts raw_;
  std::map<std::string, std::function<Command()>> makers_;
  ConformOptions conform_;
  CheckOptions check_;
  BenchOptions bench_;
  BenchPeersOptions peers_;
  TargetOptions target_;
  ReportOptions report_;
  ReplayOptions replay_;
  ListOptions list_;
  ExplainOptions explain_;
  DoctorOptions doctor_;
  KillMatrixOptions kill_;
};

}  // namespace

std::variant<Command, Stop> parse_command_line(int argc, const char* const* argv) {
  Parser parser;
  return parser.parse(argc, argv);
}

}  // namespace lockstep::cli
