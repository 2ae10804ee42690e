// lockstep replay: a saved counterexample, again.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "cli/run_provider.hpp"
#include "properties/harness/check.hpp"
#include "properties/harness/saved_case.hpp"
#include "properties/history/history_file.hpp"

#include <fmt/format.h>

namespace lockstep::cli {
namespace {

std::string told(const std::string& clause, const std::string& expected,
                 const std::string& observed) {
  return clause.empty()
             ? "no violation"
             : fmt::format("clause {}: expected {}, observed {}", clause, expected, observed);
}

// What a provider said then, before the judge of today.
int judge_again(const std::string& file) {
  const auto saved = properties::read_history(file);
  if (!saved) return fail(saved.error());
  const properties::SavedHistory& then = saved.value();
  const properties::Judgement now = properties::judge(then.history);
  if (now.told < 2) {
    print_error(fmt::format("{}: expected something to judge, found none", file));
    return kNothingRan;
  }
  const std::string clause = now.violation ? now.violation->clause.text : std::string();
  print(fmt::format("{} on {}, {} of {} entries told", then.property, then.provider_spec, now.told,
                    then.history.entries.size()));
  print(fmt::format("  lockstep {}, then:  {}", then.suite_version,
                    told(then.clause, then.expected, then.observed)));
  print(fmt::format("  lockstep {}, now:   {}", properties::suite_version(),
                    now.violation ? told(clause, now.violation->expected, now.violation->observed)
                                  : told("", "", "")));
  if (clause == then.clause) {
    print("the verdict is the same");
    return kAsExpected;
  }
  print("the verdict has changed: the judge is another one, or the file is");
  return kUnexpected;
}

}  // namespace

int run(const ReplayOptions& options) {
  if (!options.history.empty()) return judge_again(options.history);
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
