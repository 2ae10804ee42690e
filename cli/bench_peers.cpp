// lockstep bench peers: our target and copy engine beside others, as ratios.
#include "bench/peers/peers.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"

#include <fmt/format.h>

#include <chrono>

namespace lockstep::cli {
namespace {

// "  io_per_second x6.12 (5.80..6.40) vs tgtd"
std::string ratios_text(const report::BenchmarkRecord& record) {
  std::string text;
  for (const auto& [name, value] : record.counters) {
    const std::size_t at = name.find("_vs_");
    if (at == std::string::npos || name.ends_with("_min") || name.ends_with("_max")) continue;
    const auto bound = [&](const char* which) { return record.counters.at(name + which); };
    text += fmt::format("  {} x{:.3g} ({:.3g}..{:.3g}) vs {}", name.substr(0, at), value,
                        bound("_min"), bound("_max"), name.substr(at + 4));
  }
  return text;
}

std::string line_of(const report::BenchmarkRecord& record) {
  if (!record.error.empty()) {
    return fmt::format("{:<58}{}", record.name, coloured(Colour::Red, "  " + record.error));
  }
  const auto counter = [&](const char* name) {
    const auto found = record.counters.find(name);
    return found == record.counters.end() ? 0.0 : found->second;
  };
  std::string text = fmt::format("{:<58}{:>8.0f} MiB/s {:>7.3f} cpu s/GiB", record.name,
                                 counter("bytes_per_second") / (1 << 20), counter("cpu_s_per_gib"));
  if (record.counters.contains("io_per_second")) {
    text +=
        fmt::format(" {:>8.0f} io/s  p50 {:>6.1f} us", counter("io_per_second"), counter("p50_us"));
  }
  return text + ratios_text(record);
}

}  // namespace

int run(const BenchPeersOptions& options) {
  auto header = make_header("bench peers", "reference", 0, nullptr);
  if (!header) return fail(header.error());
  auto& configuration = header.value().configuration;
  configuration["filter"] = options.filter;
  configuration["rounds"] = std::to_string(options.rounds);
  configuration["duration_ms"] = std::to_string(options.duration.count());
  configuration["volume_bytes"] = std::to_string(options.volume_bytes);
  configuration["spin_us"] = std::to_string(options.spin_us);
  auto folder = RunFolder::open(options.out, std::move(header).value());
  if (!folder) return fail(folder.error());

  const auto started = std::chrono::steady_clock::now();
  Status written = ok();
  bool failed = false;
  bench::PeersOptions peers;
  peers.filter = options.filter;
  peers.volume_bytes = options.volume_bytes;
  peers.duration = options.duration;
  peers.rounds = options.rounds;
  peers.spin_us = options.spin_us;
  peers.note = [](const std::string& text) { print(text); };
  peers.finished = [&](const report::BenchmarkRecord& record) {
    if (written) written = folder.value().append(record);
    failed = failed || !record.error.empty();
    print(line_of(record));
  };
  watch_for_interrupt();
  peers.stop_requested = interrupted;
  const auto records = bench::run_peers(peers);
  if (!records) {
    print_error(records.error().message);
    return records.error().origin == Origin::Usage ? kNothingRan : exit_code_of(records.error());
  }
  if (!written) return fail(written.error());
  report::RunSummary summary;
  summary.counts["benchmarks"] = records.value().size();
  summary.overall = failed ? report::Overall::NotConformant : report::Overall::Conformant;
  summary.exit_code = failed ? kUnexpected : kAsExpected;
  summary.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count());
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  print(fmt::format("report: {}/report.html", folder.value().path().string()));
  return summary.exit_code;
}

}  // namespace lockstep::cli
