// lockstep bench peers: our target and copy engine beside others, as ratios.
#include "bench/peers/peers.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/measuring.hpp"

#include <fmt/format.h>

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

std::string text_of_contender(const report::BenchmarkRecord& record) {
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
  Measuring measuring;
  measuring.command = "bench peers";
  measuring.configuration = {{"filter", options.filter},
                             {"rounds", std::to_string(options.rounds)},
                             {"duration_ms", std::to_string(options.duration.count())},
                             {"volume_bytes", std::to_string(options.volume_bytes)},
                             {"spin_us", std::to_string(options.spin_us)}};
  measuring.out = options.out;
  measuring.characterization = options.report;
  measuring.line_of = text_of_contender;
  measuring.measure = [&](const Measuring::Finished& finished) {
    bench::PeersOptions peers;
    peers.filter = options.filter;
    peers.volume_bytes = options.volume_bytes;
    peers.duration = options.duration;
    peers.rounds = options.rounds;
    peers.spin_us = options.spin_us;
    peers.note = [](const std::string& text) { print(text); };
    peers.finished = finished;
    peers.stop_requested = interrupted;
    return bench::run_peers(peers);
  };
  return measure_into_records(measuring);
}

}  // namespace lockstep::cli
