// Options of adapter, whose own subcommands are parts of one job.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_adapter(Subcommands& subcommands) {
  using What = AdapterOptions::What;
  const auto options = std::make_shared<AdapterOptions>();
  const auto deadline = std::make_shared<std::string>("10s");
  auto* adapter = subcommands.add(
      "adapter", "Write and grade adapters: providers behind a child process",
      "  lockstep adapter new my_adapter.py                 a template to begin with\n"
      "  lockstep adapter check ./my_adapter.py             does it keep the protocol?\n"
      "  lockstep conform --provider exec:./my_adapter.py --allow-data-loss --target '*'\n"
      "                                                     is the provider any good?\n"
      "  lockstep adapter check 'lockstep adapter serve'    the built-in reference\n",
      [=] {
        options->deadline = *parse_duration(*deadline);
        return Command{*options};
      });
  const auto add = [&](const char* name, const char* does, What what) {
    CLI::App* sub = adapter->add_subcommand(name, does);
    sub->callback([=] { options->what = what; });
    return sub;
  };
  adapter->require_subcommand(1);
  CLI::App* check = add("check", "Grade an adapter against the rules of the protocol", What::Check);
  check->add_option("command", options->command, "The adapter; quoted, if it takes arguments")
      ->required();
  check->add_option("--deadline", *deadline, "How long each answer may take")
      ->check(duration_validator())
      ->capture_default_str();
  check->add_option("--rule", options->rules, "Only this rule, such as AD-08; again for more")
      ->take_all();
  add("new", "Write the template of an adapter, in Python", What::New)
      ->add_option("file", options->file, "File to write; it must not exist yet")
      ->required();
  add("serve", "Be an adapter: the built-in reference behind standard input and output",
      What::Serve)
      ->add_option("--provider", options->provider, "reference or faulty:NAME")
      ->capture_default_str();
  add("schema", "Print the JSON Schema of every message", What::Schema);
}

}  // namespace lockstep::cli
