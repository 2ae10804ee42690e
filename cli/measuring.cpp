#include "cli/measuring.hpp"

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "reports/render.hpp"
#include "reports/text/growth.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace lockstep::cli {
namespace {

void print_growths(const std::vector<report::BenchmarkRecord>& records) {
  const auto growths = report::growths_of(records);
  if (growths.empty()) return;
  print("\nTime of one iteration against a parameter (*), as a power of it:");
  for (const report::Growth& growth : growths) {
    print(fmt::format(
        "{:<58} ^{:+.2f}  ({} to {}){}", growth.name, growth.exponent, growth.points.front().shown,
        growth.points.back().shown,
        growth.is_worse_than_linear() ? coloured(Colour::Red, "  worse than linear") : ""));
  }
}

}  // namespace

int measure_into_records(const Measuring& measuring) {
  auto header = make_header(measuring.command, measuring.provider_spec, 0,
                            measuring.provider ? &measuring.provider->reading() : nullptr);
  if (!header) return fail(header.error());
  for (const auto& [name, value] : measuring.configuration) {
    header.value().configuration[name] = value;
  }
  auto folder = RunFolder::open(measuring.out, header.value());
  if (!folder) return fail(folder.error());
  if (measuring.provider != nullptr) {
    const auto begun = measuring.provider->begin(header.value(), folder.value().path());
    if (!begun) return fail(begun.error());
  }

  const auto started = std::chrono::steady_clock::now();
  Status written = ok();
  bool failed = false;
  watch_for_interrupt();
  const auto records = measuring.measure([&](const report::BenchmarkRecord& record) {
    if (written) written = folder.value().append(record);
    failed = failed || !record.error.empty();
    print(measuring.line_of(record));
  });
  if (measuring.provider != nullptr) measuring.provider->finish(false);
  if (!records) {
    print_error(records.error().message);
    return records.error().origin == Origin::Usage ? kNothingRan : exit_code_of(records.error());
  }
  if (!written) return fail(written.error());
  print_growths(records.value());
  report::RunSummary summary;
  summary.counts["benchmarks"] = records.value().size();
  summary.overall = failed ? report::Overall::NotConformant : report::Overall::Conformant;
  summary.exit_code = failed ? kUnexpected : kAsExpected;
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  const std::string path = folder.value().path().string();
  print(fmt::format("report: {}/report.html", path));
  if (measuring.characterization) {
    const auto run = report::read_run(path);
    if (!run) return fail(run.error());
    const std::string page = path + "/characterization.html";
    const auto rendered = write_file(page, report::to_characterization({run.value()}));
    if (!rendered) return fail(rendered.error());
    print("characterization: " + page);
  }
  return summary.exit_code;
}

}  // namespace lockstep::cli
