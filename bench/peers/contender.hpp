// A target that takes part: running in a process of its own, with two LUNs in memory.
#pragma once

#include "bench/process/child.hpp"
#include "model/vocab/error.hpp"

#include <cstdint>
#include <string>

namespace lockstep::bench::peers {

struct Contender {
  std::string label;   // "lockstep", "tgtd"
  std::string portal;  // "127.0.0.1:3260"
  std::string target_name;
  std::uint8_t first_lun = 0;  // and the one behind it
  Child process;

  [[nodiscard]] std::string url(unsigned lun) const {
    return "iscsi://" + portal + "/" + target_name + "/" + std::to_string(first_lun + lun);
  }
};

// The target of this project. `spin_us`: see TargetServerOptions.
[[nodiscard]] Result<Contender> start_own_target(std::uint64_t volume_bytes, std::uint32_t spin_us);

// Debian's tgtd with files in `folder` as LUNs, in its fastest known configuration: segments of
// 256 KiB, bursts of 1 MiB, unsolicited data, and an allocator that does not return memory.
// Not installed: Origin::Config.
[[nodiscard]] Result<Contender> start_tgtd(std::uint64_t volume_bytes, const std::string& folder);

}  // namespace lockstep::bench::peers
