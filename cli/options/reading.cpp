// Options of what only reads: report, compare, list, explain.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_report(Subcommands& subcommands) {
  const auto options = std::make_shared<ReportOptions>();
  auto* sub = subcommands.add(
      "report", "Render a finished run",
      "  lockstep report out/latest                       all formats, into the run's folder\n"
      "  lockstep report out/latest --format markdown     to standard output\n"
      "  lockstep report RUN --format junit --output results.xml\n",
      [=] { return Command{*options}; });
  options->format = "all";
  sub->add_option("run", options->run, "Folder of the run, or its records.jsonl")->required();
  sub->add_option("--format", options->format, "html, junit, markdown or all")
      ->check(CLI::IsMember({"html", "junit", "markdown", "all"}))
      ->capture_default_str();
  sub->add_option("--output", options->output, "File to write instead of standard output");
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

void add_list(Subcommands& subcommands) {
  const auto options = std::make_shared<ListOptions>();
  auto* sub = subcommands.add(
      "list", "List cases, clauses, providers or benchmarks",
      "  lockstep list cases\n  lockstep list clauses --json\n  lockstep list providers\n",
      [=] { return Command{*options}; });
  sub->add_option("what", options->what, "cases, clauses, providers or benchmarks")
      ->check(CLI::IsMember({"cases", "clauses", "providers", "benchmarks"}))
      ->capture_default_str();
  sub->add_flag("--json", options->json, "Machine-readable");
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
