// lockstep sweep: removes what a killed run left on an outside provider.
#include "conformance/providers/guarded/sweep.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_provider.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

int run(const SweepOptions& options) {
  constexpr std::chrono::seconds kPatience{60};
  const auto resources = conformance::read_resources(options.run);
  if (!resources) return fail(resources.error());
  const std::string spec = options.provider.value_or(resources.value().header.provider_spec);
  const auto provider = open_provider(spec);
  if (!provider) return fail(provider.error());
  const auto report =
      conformance::sweep(*provider.value(), options.run, options.dry_run, kPatience);
  if (!report) return fail(report.error());
  for (const std::string& name : report.value().found) print(name);
  for (const std::string& path : report.value().foreign)
    print_error(
        fmt::format("{}: made by the run, somebody else's by its name now; left alone", path));
  const std::size_t found = report.value().found.size();
  const std::size_t left = report.value().left.size();
  if (options.dry_run) {
    print(fmt::format("{} objects of {} are there; nothing was removed", found,
                      resources.value().header.run_id));
  } else {
    print(fmt::format("{} objects of {} were there, {} are left", found,
                      resources.value().header.run_id, left));
  }
  return left == 0 ? kAsExpected : kUnexpected;
}

}  // namespace lockstep::cli
