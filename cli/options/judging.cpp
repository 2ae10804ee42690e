// Options of what judges a provider: conform, check, replay, killmatrix, doctor.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_conform(Subcommands& subcommands) {
  const auto options = std::make_shared<ConformOptions>();
  const auto portals = std::make_shared<std::vector<std::string>>();
  auto* sub = subcommands.add(
      "conform", "Check a provider against the clauses of the replication methods",
      "  lockstep conform                                 the built-in reference, all cases\n"
      "  lockstep conform --provider faulty:late-snapshot a provider with one planted bug\n"
      "  lockstep conform CER-34 CLR --exclude 'CLR/*sweep*'   some clauses and sections\n"
      "  lockstep conform --level shall --feature Snapshot --exclude tag:sweep\n"
      "  lockstep conform --failed out/latest             only what did not go well last time\n",
      [=] {
        options->provider = with_portals(options->provider, *portals);
        return Command{*options};
      });
  add_selection(sub, options->selection);
  sub->add_option("--provider", options->provider,
                  "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
      ->capture_default_str();
  add_portals(sub, *portals);
  sub->add_option("--baseline", options->baseline,
                  "Expected results; anything that is not as this file says fails the run")
      ->type_name("FILE");
  sub->add_option("--seed", options->seed, "Seed of the data written")->capture_default_str();
  sub->add_option("--out", options->out, "Folder for the run's records and reports")
      ->capture_default_str();
  sub->add_flag("--json", options->json, "Print the summary as JSON");
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
}

void add_check(Subcommands& subcommands) {
  const auto options = std::make_shared<CheckOptions>();
  const auto budget = std::make_shared<std::string>("10s");
  const auto portals = std::make_shared<std::vector<std::string>>();
  auto* sub = subcommands.add(
      "check", "Run random sequences in lockstep with the oracle",
      "  lockstep check --provider reference --for 60s --seed 1 --stats\n"
      "  lockstep check --provider faulty:torn-write --for 10s\n"
      "  lockstep replay out/latest/p-lockstep.case.json       run a saved failure again\n",
      [=] {
        options->budget = *parse_duration(*budget);
        options->provider = with_portals(options->provider, *portals);
        return Command{*options};
      });
  sub->add_option("--provider", options->provider,
                  "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
      ->capture_default_str();
  add_portals(sub, *portals);
  sub->add_option("--for", *budget, "How long to generate sequences")
      ->check(duration_validator())
      ->capture_default_str();
  sub->add_option("--seed", options->seed, "Seed of the generator")->capture_default_str();
  sub->add_option("--max-operations", options->max_operations, "Operations per sequence")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  sub->add_option("--out", options->out, "Folder for the run's records and reports")
      ->capture_default_str();
  sub->add_flag("--stats", options->stats,
                "Print how often each operation, CopyState and transition was reached");
  sub->add_flag("--json", options->json, "Print the summary as JSON");
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
}

void add_replay(Subcommands& subcommands) {
  const auto options = std::make_shared<ReplayOptions>();
  auto* sub = subcommands.add(
      "replay", "Run a saved counterexample again",
      "  lockstep replay out/latest/p-lockstep.case.json\n"
      "  lockstep replay FILE --provider reference        against another provider\n"
      "  lockstep check --provider faulty:torn-write      makes such a file\n",
      [=] { return Command{*options}; });
  sub->add_option("file", options->file, "The saved case")->required();
  sub->add_option("--provider", options->provider, "Instead of the provider named in the file");
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
  auto* sub = subcommands.add(
      "doctor", "Check what a run would need",
      "  lockstep doctor\n"
      "  lockstep doctor --url iscsi://127.0.0.1:3260/iqn.2026-11.net.lockstep:reference/1\n"
      "  lockstep doctor --provider null\n",
      [=] { return Command{*options}; });
  sub->add_option("--provider", options->provider,
                  "reference, null, faulty:NAME or cimxml://HOST:PORT/NAMESPACE")
      ->capture_default_str();
  sub->add_option("--url", options->url,
                  "A LUN that should answer: iscsi://host[:port]/target/lun");
  sub->add_option("--out", options->out, "Folder that runs would write to")->capture_default_str();
}

}  // namespace lockstep::cli
