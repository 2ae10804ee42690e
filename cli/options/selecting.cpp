// Options that are the same wherever they occur: which cases, and what may be done to a provider.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_selection(CLI::App* sub, SelectionOptions& options) {
  constexpr const char* kGroup = "Selecting cases";
  sub->add_option(
         "select", options.select,
         "Any of these: clause ids, case ids, sections (CER, CLR, CGE, MCR, ATT, GEN, ...), "
         "methods, globs, KEY:VALUE with case, clause, method, section, level, feature or tag "
         "as KEY, or @FILE with one of these a line")
      ->type_name("SELECT");
  sub->add_option("--exclude", options.exclude,
                  "Cases to leave out, in the same words; they are reported as Disabled")
      ->type_name("SELECT")
      ->group(kGroup);
  const auto narrow = [&](const char* name, std::vector<std::string>& values, const char* what) {
    sub->add_option(name, values, what)->delimiter(',')->type_name("NAME,...")->group(kGroup);
  };
  narrow("--level", options.levels,
         "Only cases of these levels: shall, stated, inferred, should, may, open");
  narrow("--feature", options.features,
         "Only cases that need one of these (`lockstep list features`)");
  narrow("--tag", options.tags, "Only cases about one of these (`lockstep list tags`)");
  auto* failed = sub->add_option("--failed", options.failed,
                                 "Only what did not go well in that run (folder or records.jsonl)");
  failed->type_name("RUN")->group(kGroup);
  auto* from = sub->add_option("--from", options.from, "Only what got a --verdict in that run");
  from->type_name("RUN")->group(kGroup)->excludes(failed);
  auto* verdicts = sub->add_option("--verdict", options.verdicts, "The verdicts that --from takes");
  verdicts->delimiter(',')->type_name("NAME,...")->group(kGroup)->needs(from);
  from->needs(verdicts);
}

void add_config(CLI::App* sub) {
  sub->add_option("--config",
                  "TOML file with values for options that neither the command line nor the "
                  "environment gives; --print-config prints one")
      ->type_name("FILE");
  sub->add_flag("--print-config")
      ->description("Print the effective configuration and where each value comes from, and end");
}

void add_safety(CLI::App* sub, SafetyOptions& options) {
  constexpr const char* kGroup = "Safety of outside providers";
  sub->add_flag("--allow-data-loss", options.allow_data_loss,
                "Let the run make, fill and remove volumes on an outside provider")
      ->group(kGroup);
  sub->add_option("--target", options.targets,
                  "Pool that volumes may be made in, or volume that may be used, by name or glob; "
                  "nothing else there is changed; give it again for more")
      ->type_name("NAME")
      ->take_all()
      ->group(kGroup);
}

}  // namespace lockstep::cli
