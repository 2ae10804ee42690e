// lockstep bench: the benchmark suite.
#include "bench/bench.hpp"

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/harness_cases.hpp"
#include "cli/interrupt.hpp"
#include "cli/measuring.hpp"
#include "cli/run_provider.hpp"
#include "conformance/suite/select.hpp"
#include "target_impl/portal_data_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace lockstep::cli {
namespace {

std::string counters_text(const report::BenchmarkRecord& record) {
  std::string text;
  for (const auto& [name, value] : record.counters) {
    const bool large = value >= 1e5;
    text +=
        large ? fmt::format("  {} {:.3g}", name, value) : fmt::format("  {} {:.2f}", name, value);
  }
  return text;
}

std::string text_of_benchmark(const report::BenchmarkRecord& record) {
  const std::string what =
      record.error.empty() ? counters_text(record) : coloured(Colour::Red, "  " + record.error);
  return fmt::format("{:<48}{:>14.0f} ns{}", record.name, record.real_time_ns, what);
}

// The LUN for loads. It is overwritten only where both options say so.
Result<bench::Subject> subject_of(const BenchOptions& options) {
  bench::Subject subject;
  if (options.data.empty()) return subject;
  LOCKSTEP_TRY(check_lun_url(options.data));
  subject.lun = bench::DataLun{options.data, options.safety.allow_data_loss};
  const bool is_listed = std::ranges::any_of(options.safety.targets, [&](const std::string& glob) {
    return conformance::glob_matches(glob, options.data);
  });
  if (options.safety.allow_data_loss && !is_listed) {
    return usage_error("--data " + options.data +
                       ": its first 128 MiB would be overwritten; expected a --target that names "
                       "it, found none; without --allow-data-loss it is only read");
  }
  return subject;
}

Status expect_bytes(Provider& provider, const std::string& spec) {
  if (provider.data_path() != nullptr) return ok();
  return usage_error("provider " + spec +
                     ": expected a way to the bytes of its volumes, found none; give --portal or "
                     "--data-access");
}

}  // namespace

int run(const BenchOptions& options) {
  auto subject = subject_of(options);
  if (!subject) return fail(subject.error());
  Measuring measuring;
  measuring.command = "bench";
  measuring.configuration = {{"filter", options.filter},
                             {"min_time_s", fmt::format("{}", options.min_time_s)},
                             {"repetitions", std::to_string(options.repetitions)}};
  if (!options.data.empty()) measuring.configuration["data"] = options.data;
  measuring.out = options.out;
  measuring.characterization = options.report;
  measuring.line_of = text_of_benchmark;
  std::optional<RunProvider> provider;
  if (options.provider != BenchOptions{}.provider) {
    auto opened = RunProvider::open(options.provider, options.safety);
    if (!opened) return fail(opened.error());
    provider.emplace(std::move(opened).value());
    measuring.provider = &*provider;
    measuring.provider_spec = options.provider;
  }
  measuring.measure =
      [&](const Measuring::Finished& finished) -> Result<std::vector<report::BenchmarkRecord>> {
    bench::BenchOptions suite;
    suite.filter = options.filter;
    suite.min_time_s = options.min_time_s;
    suite.repetitions = options.repetitions;
    suite.with_limits = options.limits || options.report;
    suite.outside = harness_cases();
    suite.subject = subject.value();
    if (provider) {
      LOCKSTEP_TRY(expect_bytes(*provider->provider(), options.provider));
      suite.subject.service = provider->provider();
      suite.subject.tidy = [&] { provider->finish(false); };
    }
    suite.google_json = options.google_json;
    suite.google_csv = options.google_csv;
    suite.finished = finished;
    suite.stop_requested = interrupted;
    return bench::run_benchmarks(suite);
  };
  return measure_into_records(measuring);
}

}  // namespace lockstep::cli
