// The same work against this project's target and against others that are installed, round after
// round in one run: what counts are the ratios, since both share every disturbance of the machine.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"
#include "target_impl/transport/spin_wait.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lockstep::bench {

struct PeersOptions {
  std::string filter = ".";  // regular expression over names, anywhere in them
  std::uint64_t volume_bytes = 1ULL << 30;
  std::chrono::milliseconds warm_up{200};
  std::chrono::milliseconds duration{500};  // of one measurement, after the warm-up
  unsigned rounds = 5;
  std::uint32_t spin_us = transport::kUsualSpinUs;  // of this project's target
  std::function<void(const report::BenchmarkRecord&)> finished;
  // What could not be compared, and why; as soon as it is known.
  std::function<void(const std::string&)> note;
  // Asked before each measurement; may be empty.
  std::function<bool()> stop_requested;
};

// Names of what would be measured, without the targets.
[[nodiscard]] std::vector<std::string> list_peer_cases();

// One record for each case and target, of the medians over the rounds; this project's target is
// there twice, over TCP and (lockstep_bypass) over shared memory. Its counters also hold the ratios
// to tgtd: NAME_vs_tgtd is the median of the rounds' own ratios, NAME_vs_tgtd_min and _max are the
// least and the greatest of them; and over shared memory those to TCP, NAME_vs_lockstep.
//
// Starts the targets as processes of its own, on loopback, with their volumes in memory; all of
// them end with this call, or with this process. Call it while the process has one thread only.
// Nothing selected: Origin::Usage.
[[nodiscard]] Result<std::vector<report::BenchmarkRecord>> run_peers(const PeersOptions& options);

}  // namespace lockstep::bench
