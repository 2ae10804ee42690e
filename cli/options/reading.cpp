// Options of what asks no provider: report, compare, merge, list, baseline, explain.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_report(Subcommands& subcommands) {
  const auto options = std::make_shared<ReportOptions>();
  auto* sub = subcommands.add(
      "report", "Render a finished run",
      "  lockstep report out/latest                       all formats, into the run's folder\n"
      "  lockstep report out/latest --format markdown     to standard output\n"
      "  lockstep report RUN --format junit --output results.xml\n"
      "  lockstep report RUN RUN --format characterization --output page.html   side by side\n",
      [=] { return Command{*options}; });
  options->format = "all";
  sub->add_option("run", options->runs,
                  "Folder of the run, or its records.jsonl; several for a characterization")
      ->expected(1, 8);
  sub->add_option("--format", options->format,
                  "html, junit, markdown, all of these, or the plots of what was measured")
      ->check(CLI::IsMember({"html", "junit", "markdown", "all", "characterization"}))
      ->capture_default_str();
  sub->add_option("--output", options->output, "File to write instead of standard output");
  sub->add_flag("--schema", options->schema,
                "Print the JSON Schema of the lines of records.jsonl, of no run");
  sub->callback([=] {
    if (options->runs.empty() != options->schema) {
      throw CLI::ValidationError("run", options->schema
                                            ? "--schema takes none"
                                            : "expected a run to report on, or --schema");
    }
    if (options->runs.size() > 1 && options->format != "characterization") {
      throw CLI::ValidationError("run",
                                 "several runs need --format characterization; what changed "
                                 "between them is told by 'lockstep compare'");
    }
  });
}

void add_compare(Subcommands& subcommands) {
  const auto options = std::make_shared<CompareOptions>();
  auto* sub = subcommands.add(
      "compare", "Put runs side by side and say what changed; exits 1 where something got worse",
      "  lockstep compare out/run-A out/run-B             what changed since run A\n"
      "  lockstep compare RUN RUN RUN --html matrix.html  a page for several providers\n"
      "  lockstep compare RUN RUN --markdown changes.md   for the page of a CI run\n",
      [=] { return Command{*options}; });
  sub->add_option("runs", options->runs,
                  "Folders of runs, or their records.jsonl; the first is "
                  "what the others are compared with")
      ->required()
      ->expected(2, 16);
  sub->add_option("--html", options->html, "Write a page with all runs to this file");
  sub->add_option("--markdown", options->markdown, "Write what changed to this file");
}

void add_merge(Subcommands& subcommands) {
  const auto options = std::make_shared<MergeOptions>();
  auto* sub =
      subcommands.add("merge", "Put the shards of a run together and prove that nothing is missing",
                      "  lockstep conform --shard 1/2 --out one\n"
                      "  lockstep conform --shard 2/2 --out two\n"
                      "  lockstep merge one/latest two/latest\n",
                      [=] { return Command{*options}; });
  sub->add_option("runs", options->runs, "Folder of each shard's run, or its records.jsonl")
      ->required();
  sub->add_option("--baseline", options->baseline,
                  "Expected results, held against all shards together")
      ->type_name("FILE");
  sub->add_option("--out", options->out, "Folder for the merged run's records and reports")
      ->capture_default_str();
}

void add_list(Subcommands& subcommands) {
  const auto options = std::make_shared<ListOptions>();
  auto* sub = subcommands.add(
      "list", "List cases, clauses, rules, features, tags, providers or benchmarks",
      "  lockstep list cases CER --level shall            what a selection chooses\n"
      "  lockstep list cases --provider null              and what that provider would skip\n"
      "  lockstep list clauses --json\n"
      "  lockstep list providers\n",
      [=] { return Command{*options}; });
  sub->add_option("what", options->what,
                  "cases, clauses, rules, features, tags, providers or benchmarks")
      ->check(CLI::IsMember(
          {"cases", "clauses", "rules", "features", "tags", "providers", "benchmarks"}))
      ->capture_default_str();
  add_selection(sub, options->selection);
  sub->add_option("--provider", options->provider,
                  "Mark the cases that this provider would have skipped");
  sub->add_flag("--json", options->json, "Machine-readable");
}

void add_baseline(Subcommands& subcommands) {
  const auto options = std::make_shared<BaselineOptions>();
  auto* sub = subcommands.add(
      "baseline", "Check or update a file of expected results",
      "  lockstep baseline check known.txt                    entries without reason, expired, "
      "unknown\n"
      "  lockstep baseline check known.txt --run out/latest   and where a run differs\n"
      "  lockstep baseline update known.txt --run out/latest  new entries get no reason: give it\n",
      [=] { return Command{*options}; });
  sub->add_option("action", options->action, "check or update")
      ->required()
      ->check(CLI::IsMember({"check", "update"}));
  sub->add_option("file", options->file, "The file (docs/running.md)")->required();
  sub->add_option("--run", options->run, "Folder of a run of conform, or its records.jsonl");
}

void add_explain(Subcommands& subcommands) {
  const auto options = std::make_shared<ExplainOptions>();
  auto* sub = subcommands.add(
      "explain", "Say what a clause, case, transition or faulty provider is",
      "  lockstep explain CER-34\n  lockstep explain T-010\n  lockstep explain late-snapshot\n",
      [=] { return Command{*options}; });
  sub->add_option("id", options->id, "Clause, case, transition or name of a faulty provider")
      ->required();
}

}  // namespace lockstep::cli
