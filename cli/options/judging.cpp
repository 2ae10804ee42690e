// Options of what works with a provider: conform, check, replay, sweep, killmatrix, doctor.
#include "cli/options/subcommands.hpp"

#include <algorithm>
#include <set>

namespace lockstep::cli {

namespace {

CLI::Validator shard_validator() {
  return CLI::Validator(
      [](std::string& text) {
        ConformOptions probe;
        return read_shard(text, probe) ? std::string()
                                       : "expected a shard such as 2/3, found '" + text + "'";
      },
      "I/N");
}

// The option makes every other one pointless but these.
void goes_without(CLI::Option* option, CLI::App& sub, const std::set<std::string>& others) {
  for (CLI::Option* other : sub.get_options()) {
    const auto& names = other->get_lnames();
    const bool goes = std::any_of(names.begin(), names.end(),
                                  [&](const std::string& name) { return others.contains(name); });
    if (other != option && !goes) option->excludes(other);
  }
}

}  // namespace

void add_conform(Subcommands& subcommands) {
  const auto options = std::make_shared<ConformOptions>();
  const auto reach = std::make_shared<ReachOptions>();
  struct Texts {
    std::string shard;
    std::string case_timeout;
    std::string call_timeout;
  };
  const auto texts = std::make_shared<Texts>();
  auto* sub = subcommands.add(
      "conform", "Check a provider against the clauses of the replication methods",
      "  lockstep conform                                 the built-in reference, all cases\n"
      "  lockstep conform --provider faulty:late-snapshot a provider with one planted bug\n"
      "  lockstep conform --provider reference:at-once    one with other choices, conforming\n"
      "  lockstep conform --provider https://HOST/root/vendor --tls-ca ca.pem --allow-data-loss "
      "--target POOL\n"
      "  lockstep conform CER-34 CLR --exclude 'CLR/*sweep*'   some clauses and sections\n"
      "  lockstep conform --level shall --feature Snapshot --exclude tag:sweep\n"
      "  lockstep conform --failed out/latest             only what did not go well last time\n",
      [=] {
        options->provider = address_of(options->provider, *reach);
        static_cast<void>(read_shard(texts->shard, *options));
        options->case_deadline = parse_duration(texts->case_timeout);
        options->call_deadline = parse_duration(texts->call_timeout);
        return Command{*options};
      });
  add_selection(sub, options->selection);
  sub->add_option("--provider", options->provider, kProviders)
      ->capture_default_str()
      ->envname("LOCKSTEP_PROVIDER");
  add_reach(sub, *reach);
  add_safety(sub, options->safety);
  sub->add_option("--baseline", options->baseline,
                  "Expected results; anything that is not as this file says fails the run")
      ->type_name("FILE")
      ->envname("LOCKSTEP_BASELINE");
  sub->add_option("--seed", options->seed, "Seed of the data written")
      ->capture_default_str()
      ->envname("LOCKSTEP_SEED");
  sub->add_option("--case-timeout", texts->case_timeout,
                  "How long a case may take (default: 20s, over a wire 90s)")
      ->check(duration_validator());
  sub->add_option("--call-timeout", texts->call_timeout,
                  "How long the provider may take for one answer (default: as the case)")
      ->check(duration_validator());
  sub->add_option("--shard", texts->shard,
                  "Only that part of the selection; `lockstep merge` puts the parts together")
      ->check(shard_validator());
  auto* resume =
      sub->add_option("--resume", options->resume,
                      "Go on with a run that was cut off, in its folder and as it was begun");
  resume->type_name("RUN");
  sub->add_option("--out", options->out, "Folder for the run's records and reports")
      ->capture_default_str()
      ->envname("LOCKSTEP_OUT");
  sub->add_flag("--json", options->json, "Print the summary as JSON");
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
  add_config(sub);
  goes_without(resume, *sub,
               {"help", "json", "quiet", "allow-data-loss", "target", "print-config"});
}

void add_check(Subcommands& subcommands) {
  const auto options = std::make_shared<CheckOptions>();
  const auto budget = std::make_shared<std::string>("10s");
  const auto reach = std::make_shared<ReachOptions>();
  auto* sub = subcommands.add(
      "check", "Run random sequences in lockstep with the oracle",
      "  lockstep check --provider reference --for 60s --seed 1 --stats\n"
      "  lockstep check --provider faulty:torn-write --for 10s\n"
      "  lockstep replay out/latest/p-lockstep.case.json       run a saved failure again\n",
      [=] {
        options->budget = *parse_duration(*budget);
        options->provider = address_of(options->provider, *reach);
        return Command{*options};
      });
  sub->add_option("--provider", options->provider, kProviders)
      ->capture_default_str()
      ->envname("LOCKSTEP_PROVIDER");
  add_reach(sub, *reach);
  add_safety(sub, options->safety);
  sub->add_option("--for", *budget, "How long to generate sequences")
      ->check(duration_validator())
      ->capture_default_str();
  sub->add_option("--seed", options->seed, "Seed of the generator")
      ->capture_default_str()
      ->envname("LOCKSTEP_SEED");
  sub->add_option("--max-operations", options->max_operations, "Operations per sequence")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  sub->add_option("--out", options->out, "Folder for the run's records and reports")
      ->capture_default_str()
      ->envname("LOCKSTEP_OUT");
  sub->add_flag("--stats", options->stats,
                "Print how often each operation, CopyState and transition was reached");
  sub->add_flag("--json", options->json, "Print the summary as JSON");
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
  add_config(sub);
}

void add_replay(Subcommands& subcommands) {
  const auto options = std::make_shared<ReplayOptions>();
  auto* sub = subcommands.add(
      "replay", "Run a saved counterexample again",
      "  lockstep replay out/latest/p-lockstep.case.json\n"
      "  lockstep replay FILE --provider reference        against another provider\n"
      "  lockstep replay --history out/latest/p-lockstep.history.jsonl   without any provider\n"
      "  lockstep check --provider faulty:torn-write      makes such a file\n",
      [=] { return Command{*options}; });
  auto* file = sub->add_option("file", options->file, "The saved case");
  auto* history = sub->add_option("--history", options->history,
                                  "Judge again what the provider said then; none is asked");
  history->type_name("FILE")->excludes(file);
  sub->add_option("--provider", options->provider, "Instead of the provider named in the file")
      ->excludes(history);
  sub->require_option(1, 0);
  add_safety(sub, options->safety);
  sub->add_option("--out", options->out, "Folder for the ledger of an outside provider")
      ->capture_default_str();
}

void add_sweep(Subcommands& subcommands) {
  const auto options = std::make_shared<SweepOptions>();
  auto* sub = subcommands.add(
      "sweep", "Remove what a run that was killed left on an outside provider",
      "  lockstep sweep out/latest                            on the provider of that run\n"
      "  lockstep sweep --dry-run out/latest                  only say what it left\n"
      "  lockstep sweep --provider cimxml://127.0.0.1:5988/root/vendor out/latest\n",
      [=] { return Command{*options}; });
  sub->add_option("run", options->run, "Folder of the run; its resources.jsonl says what is there")
      ->required();
  sub->add_option("--provider", options->provider, "Where the provider is now");
  sub->add_flag("--dry-run", options->dry_run, "Remove nothing; exit 1 when there is something");
}

void add_killmatrix(Subcommands& subcommands) {
  const auto options = std::make_shared<KillMatrixOptions>();
  const auto budget = std::make_shared<std::string>("20s");
  auto* sub =
      subcommands.add("killmatrix", "Show that every planted bug is caught",
                      "  lockstep killmatrix                              all faulty providers\n"
                      "  lockstep killmatrix late-snapshot torn-write     some of them\n"
                      "  lockstep list providers                          their names\n",
                      [=] {
                        options->budget = *parse_duration(*budget);
                        return Command{*options};
                      });
  sub->add_option("names", options->names, "Names of faulty providers (default: all)");
  sub->add_option("--for", *budget, "Budget of the random search for each")
      ->check(duration_validator())
      ->capture_default_str();
  sub->add_option("--out", options->out, "Folder for counterexamples")->capture_default_str();
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
}

void add_doctor(Subcommands& subcommands) {
  const auto options = std::make_shared<DoctorOptions>();
  const auto reach = std::make_shared<ReachOptions>();
  auto* sub = subcommands.add(
      "doctor", "Check what a run would need",
      "  lockstep doctor\n"
      "  lockstep doctor --url iscsi://127.0.0.1:3260/iqn.2026-11.net.lockstep:reference/1\n"
      "  lockstep doctor --provider null\n",
      [=] {
        options->provider = address_of(options->provider, *reach);
        return Command{*options};
      });
  sub->add_option("--provider", options->provider, kProviders)->capture_default_str();
  add_reach(sub, *reach);
  sub->add_option("--url", options->url,
                  "A LUN that should answer: iscsi://host[:port]/target/lun");
  sub->add_option("--out", options->out, "Folder that runs would write to")->capture_default_str();
}

}  // namespace lockstep::cli
