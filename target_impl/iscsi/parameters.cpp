#include "target_impl/iscsi/parameters.hpp"

#include "target_impl/iscsi/buffer_pool.hpp"

#include <array>

namespace lockstep::iscsi {
namespace {

struct Range {
  const char* name;
  std::uint64_t value;
  std::uint64_t low;
  std::uint64_t high;
};

template <std::size_t Count>
Status check_ranges(const std::array<Range, Count>& ranges) {
  for (const Range& range : ranges) {
    if (range.value < range.low || range.value > range.high) {
      return config_error(std::string(range.name) + ": expected " + std::to_string(range.low) +
                          " to " + std::to_string(range.high) + ", found " +
                          std::to_string(range.value) + "; choose a value in between");
    }
  }
  return ok();
}

}  // namespace

std::string endpoint_text(const PortalAddress& address) {
  const bool is_v6 = address.address.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.address + "]" : address.address) + ":" +
         std::to_string(address.port);
}

Status check_parameters(const TargetParameters& offered) {
  return check_ranges(std::array<Range, 4>{{
      {"MaxRecvDataSegmentLength", offered.max_receive, kMinSegment, kMaxSegment},
      {"MaxBurstLength", offered.max_burst, kMinSegment, kMaxSegment},
      {"FirstBurstLength", offered.first_burst, kMinSegment, kMaxSegment},
      {"MaxOutstandingR2T", offered.max_outstanding_r2t, 1, 65'535},
  }});
}

Status check_limits(const ServerLimits& limits) {
  constexpr std::uint64_t kLeastMemory = std::uint64_t{1} << 20;
  return check_ranges(std::array<Range, 9>{{
      {"limit of connections", limits.connections, 1, 1U << 20},
      {"limit of sessions", limits.sessions, 1, 65'535},  // each has its TSIH
      {"limit of memory", limits.memory_bytes, kLeastMemory, UINT64_MAX},
      {"time for the login in ms", limits.login_ms, 1, UINT32_MAX},
      {"commands per session", limits.each.command_window, 1, 4096},
      {"data of one command", limits.each.task_bytes, kMinSegment, BufferPool::kLargest},
      {"data of one session", limits.each.collected_bytes, kMinSegment, UINT64_MAX},
      {"unsent output of one session", limits.each.unsent_bytes, 1, UINT64_MAX},
      {"output between two sends", limits.each.batch_bytes, 1, UINT64_MAX},
  }});
}

}  // namespace lockstep::iscsi
