// Any text as a file of options: it is refused, or what it adds can be parsed again.
#include "cli/options/subcommands.hpp"
#include "target_impl/fuzz/input.hpp"

#include <algorithm>

namespace {

using namespace lockstep;

// One option of each kind.
struct Program {
  Program() {
    sub->add_option("select", select);
    sub->add_option("--target", targets)->take_all();
    sub->add_option("--out", out);
    sub->add_option("--seed", seed);
    sub->add_flag("-q,--quiet", quiet);
    sub->add_flag("--allow-data-loss", loss);
    cli::add_config(sub);
  }
  std::vector<std::string> select;
  std::vector<std::string> targets;
  std::string out;
  std::string seed;
  bool quiet = false;
  bool loss = false;
  CLI::App app;
  CLI::App* sub = app.add_subcommand("conform");
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Program program;
  program.app.parse(std::vector<std::string>{"conform"});
  fuzz::Input input(data, bytes);
  const auto configured = cli::parse_configured(
      program.app, *program.sub, std::string(fuzz::as_text(input.take(bytes))), "fuzz");
  if (!configured) return 0;
  std::vector<std::string> arguments = configured.value().arguments;
  std::reverse(arguments.begin(), arguments.end());
  arguments.emplace_back("conform");
  Program again;
  try {
    again.app.parse(std::move(arguments));
  } catch (const CLI::ParseError&) {
    return 0;  // said, and the program ends
  }
  fuzz::expect(!again.loss, "no file allows the loss of data");
  return 0;
}
