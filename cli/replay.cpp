// lockstep replay: a saved counterexample, again.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "conformance/providers/factory.hpp"
#include "properties/harness/check.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

int run(const ReplayOptions& options) {
  const auto named = properties::provider_of_case(options.file);
  if (!named) return fail(named.error());
  const std::string spec = options.provider.value_or(named.value());
  const auto report =
      properties::replay(options.file, [&] { return conformance::make_provider(spec); });
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
