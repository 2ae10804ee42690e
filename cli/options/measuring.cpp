// Options of what measures: bench, bench peers, gate.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {
namespace {

struct PeersTexts {
  BenchPeersOptions options;
  std::string duration = "500ms";
  std::string volume = "1GiB";
};

CLI::App* add_bench_peers(CLI::App& bench, PeersTexts& peers) {
  CLI::App* sub = bench.add_subcommand(
      "peers", "The same work against tgtd and qemu-img, where installed, as ratios");
  sub->footer(
      footer_of("  lockstep bench peers                                 all, three minutes\n"
                "  lockstep bench peers --filter 'bs:4KiB' --rounds 9   4 KiB only, steadier\n"));
  sub->add_option("--filter", peers.options.filter,
                  "Regular expression over the names of the cases")
      ->capture_default_str();
  sub->add_option("--volume", peers.volume, "Size of each target's volumes, in memory")
      ->check(size_validator())
      ->capture_default_str();
  sub->add_option("--for", peers.duration, "Length of one measurement")
      ->check(duration_validator())
      ->capture_default_str();
  sub->add_option("--rounds", peers.options.rounds, "How often each is measured, in turn")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  sub->add_option("--spin-us", peers.options.spin_us,
                  "How long our target looks for a request before it sleeps")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  sub->add_flag("--report", peers.options.report,
                "Plots of what was measured: characterization.html");
  sub->add_option("--out", peers.options.out, "Folder for the run's records and reports")
      ->capture_default_str();
  return sub;
}

}  // namespace

void add_bench(Subcommands& subcommands) {
  const auto options = std::make_shared<BenchOptions>();
  const auto reach = std::make_shared<ReachOptions>();
  const auto peers = std::make_shared<PeersTexts>();
  const auto peers_chosen = std::make_shared<const CLI::App*>(nullptr);
  auto* sub = subcommands.add(
      "bench", "Measure the copy data path",
      "  lockstep bench                                   everything, about four minutes\n"
      "  lockstep bench --filter 'data_path/read.*qd:16'  some of it\n"
      "  lockstep bench --report                          with plots, in characterization.html\n"
      "  lockstep list benchmarks                         their names\n"
      "  lockstep bench peers                             side by side with tgtd and qemu-img\n"
      "  lockstep bench --data iscsi://HOST/IQN/3         reads of somebody else's LUN\n"
      "  lockstep bench --provider cimxml://HOST:5988/root/vendor --portal iscsi://HOST/IQN \\\n"
      "      --allow-data-loss --target POOL              replicas of somebody else's service\n",
      [=] {
        if (!(*peers_chosen)->parsed()) {
          options->provider = address_of(options->provider, *reach);
          return Command{*options};
        }
        peers->options.duration = *parse_duration(peers->duration);
        peers->options.volume_bytes = *parse_byte_size(peers->volume);
        return Command{peers->options};
      });
  sub->add_option("--filter", options->filter, "Regular expression over benchmark names")
      ->capture_default_str();
  sub->add_option("--data", options->data,
                  "LUN for reads and writes instead of a target in this process: "
                  "iscsi://HOST[:PORT]/IQN/LUN. It is only read, unless --allow-data-loss is given "
                  "and --target names the URL: then its first 128 MiB are overwritten")
      ->type_name("URL");
  sub->add_option("--provider", options->provider, kProviders)->capture_default_str();
  add_reach(sub, *reach);
  add_safety(sub, options->safety);
  sub->add_option("--min-time-s", options->min_time_s, "Seconds per repetition")
      ->check(CLI::Range(0.001, 60.0))
      ->capture_default_str();
  sub->add_option("--repetitions", options->repetitions, "Repetitions of each")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  sub->add_flag("--limits", options->limits,
                "Measure the reference lines of what was chosen, too: memory, TCP, rings");
  sub->add_flag("--report", options->report,
                "Plots of what was measured, with the reference lines: characterization.html");
  sub->add_option("--benchmark-json", options->google_json,
                  "Write every repetition to this file as Google Benchmark does");
  sub->add_option("--benchmark-csv", options->google_csv, "The same as CSV");
  sub->add_option("--out", options->out, "Folder for the run's records and reports")
      ->capture_default_str();
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
  *peers_chosen = add_bench_peers(*sub, *peers);
}

void add_gate(Subcommands& subcommands) {
  const auto options = std::make_shared<GateOptions>();
  const auto programs = std::make_shared<std::vector<std::string>>();
  auto* sub = subcommands.add(
      "gate", "Say whether a build became slower, as an exit code",
      "  lockstep gate --against HEAD~1                   build both and measure them in turn\n"
      "  lockstep gate --against main --filter 'qd:16'    some benchmarks only: quicker, surer\n"
      "  lockstep gate --programs OLD NEW                 two executables\n"
      "  lockstep gate out/run-A out/run-B --again out/run-A2   runs of `lockstep bench`\n",
      [=] {
        if (!programs->empty()) {
          options->base_program = programs->at(0);
          options->new_program = programs->at(1);
        }
        return Command{*options};
      });
  auto* runs = sub->add_option("runs", options->runs, "The base run and the new run")->expected(2);
  sub->add_option("--again", options->again, "A second run of the base build: what noise does")
      ->needs(runs);
  sub->add_flag("--in-turn", options->in_turn, "The runs were measured in turn, by a gate")
      ->needs(runs);
  auto* against =
      sub->add_option("--against", options->against, "Revision of this clone to compare with");
  auto* two = sub->add_option("--programs", *programs, "Two lockstep executables: base and new")
                  ->expected(2);
  against->excludes(runs)->excludes(two);
  two->excludes(runs);
  sub->add_option("--filter", options->filter, "Regular expression over benchmark names")
      ->excludes(runs)
      ->capture_default_str();
  sub->add_option("--min-time-s", options->min_time_s, "Seconds per repetition; 21 in a round")
      ->check(CLI::Range(0.001, 60.0))
      ->capture_default_str();
  sub->add_option("--rounds", options->rounds, "Rounds at least")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  sub->add_option("--most-rounds", options->most_rounds, "Rounds while anything is undecided")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  sub->add_option("--alpha", options->alpha, "Chance of a false alarm in the whole comparison")
      ->check(CLI::Range(0.0001, 0.2))
      ->capture_default_str();
  sub->add_option("--thresholds", options->thresholds,
                  "Limits by name (TOML); without it, 5 % more time fails");
  sub->add_option("--markdown", options->markdown, "Write the table to this file, too");
  sub->add_option("--out", options->out, "Folder for what was measured")->capture_default_str();
  sub->add_flag("-q,--quiet", options->quiet, "No progress line");
  sub->callback([=] {
    if (options->runs.empty() && options->against.empty() && programs->empty()) {
      throw CLI::RequiredError("two runs, --against REVISION or --programs BASE NEW");
    }
  });
}

}  // namespace lockstep::cli
