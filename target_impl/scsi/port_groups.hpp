// Target port groups and their asymmetric access states (SPC-4 5.15): one group, of one port, per
// iSCSI portal group. Initiators learn states and do not set them (implicit ALUA).
#pragma once

#include "target_impl/scsi/device_server.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace lockstep::scsi {

struct Task;
struct CommandEntry;

struct PortGroup {
  std::uint16_t tag = 1;
  AccessState state = AccessState::ActiveOptimized;
};

// Thread-safe.
class PortGroups {
 public:
  // Ascending and once each afterwards. Groups that stay keep their state, new ones are active.
  void set_tags(const std::vector<std::uint16_t>& tags);
  enum class Change : std::uint8_t { Unknown, Same, Changed };
  [[nodiscard]] Change set_state(std::uint16_t tag, AccessState state);

  [[nodiscard]] std::vector<PortGroup> all() const;
  // Whether every group may be used for everything: all that a command in the usual state asks.
  [[nodiscard]] bool all_active() const noexcept {
    return all_active_.load(std::memory_order_acquire);
  }
  // ActiveOptimized for a tag that is not known.
  [[nodiscard]] AccessState state(std::uint16_t tag) const;

 private:
  void note_states();

  mutable std::mutex mutex_;
  std::vector<PortGroup> groups_{PortGroup{}};
  std::atomic<bool> all_active_{true};
};

// True when the command may be carried out through the port on which it came; else the task has
// failed with NOT READY.
[[nodiscard]] bool port_serves(Task& task, const CommandEntry& entry);

}  // namespace lockstep::scsi
