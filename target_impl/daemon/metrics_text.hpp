// The target's counters in the text format that Prometheus scrapes (version 0.0.4).
#pragma once

#include "target_impl/daemon/command_counters.hpp"
#include "target_impl/daemon/target_server.hpp"

#include <cstdint>
#include <string>

namespace lockstep::target {

struct Metrics {
  CommandTotals commands;
  Usage usage;
  std::uint64_t pool_used_bytes = 0;
  std::uint64_t pool_capacity_bytes = 0;
  std::uint64_t logical_units = 0;
  double uptime_s = 0;
};

[[nodiscard]] std::string metrics_text(const Metrics& metrics);

}  // namespace lockstep::target
