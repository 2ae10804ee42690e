// lockstep replay: a saved counterexample, again.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "cli/run_provider.hpp"
#include "properties/harness/check.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

int run(const ReplayOptions& options) {
  const auto named = properties::provider_of_case(options.file);
  if (!named) return fail(named.error());
  const std::string spec = options.provider.value_or(named.value());
  auto provider = RunProvider::open(spec, options.safety);
  if (!provider) return fail(provider.error());
  // In process nothing is left of it; on an outside provider the ledger needs a folder.
  std::filesystem::path folder;
  report::RunHeader header;
  if (provider.value().outside()) {
    auto made = make_header("replay", spec, 0, &provider.value().reading());
    if (!made) return fail(made.error());
    header = std::move(made).value();
    auto opened = RunFolder::open(options.out, header);
    if (!opened) return fail(opened.error());
    folder = opened.value().path();
  }
  if (const auto begun = provider.value().begin(header, folder); !begun) return fail(begun.error());
  const auto report = properties::replay(options.file, [&] { return provider.value().another(); });
  provider.value().finish(false);
  if (!report) return fail(report.error());
  print(report.value().text);
  if (report.value().executed == 0) {
    print_error(fmt::format("{}: expected operations to carry out, none could be", options.file));
    return kNothingRan;
  }
  if (report.value().reproduced) {
    print(fmt::format("reproduced on {}", spec));
    return kAsExpected;
  }
  print(
      fmt::format("not reproduced on {}: the saved violation did not occur again ({} operations "
                  "carried out); either "
                  "the provider has changed or it is flaky",
                  spec, report.value().executed));
  return kUnexpected;
}

}  // namespace lockstep::cli
