// A portal with one target device of small volumes in memory, new for every input, so that an input
// that fails does so again by itself.
#pragma once

#include "target_impl/daemon/device_executor.hpp"
#include "target_impl/iscsi/portal.hpp"
#include "target_impl/scsi/logical_unit.hpp"

#include <memory>

namespace lockstep::fuzz {

inline constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:fuzz";
inline constexpr const char* kLoginText =
    "InitiatorName=iqn.2026-11.net.lockstep:fuzzer\nTargetName=iqn.2026-11.net.lockstep:fuzz\n";

// LUN 0: 512-byte blocks; LUN 1: 4096-byte blocks; LUN 2: read-only. Each holds three extents,
// and the pool five.
[[nodiscard]] std::shared_ptr<scsi::DeviceServer> make_device();

// Limits that make an input's memory small and its limits easy to reach.
[[nodiscard]] iscsi::ServerLimits small_limits();

struct ServedDevice {
  ServedDevice();
  ~ServedDevice();  // checks that every buffer came back: destroy the wires first
  iscsi::Portal portal;
  std::shared_ptr<scsi::DeviceServer> device = make_device();
  std::shared_ptr<iscsi::CommandExecutor> executor =
      std::make_shared<target::DeviceExecutor>(device);
};

}  // namespace lockstep::fuzz
