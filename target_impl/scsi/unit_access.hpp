// What holds a command, or a copy on its behalf, back from a logical unit: one set of rules, in one
// order, for the unit that a command is addressed to and for those that a copy reads and writes.
#pragma once

#include "target_impl/scsi/command_gate.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/refusal.hpp"

#include <cstdint>
#include <optional>

namespace lockstep::scsi {

class LogicalUnit;
struct Task;

// `conditions` are those that the unit had after the pass of its gate was taken, if one was.
[[nodiscard]] std::optional<Refusal> refusal_of(LogicalUnit& unit, const Nexus& nexus, Need need,
                                                Sharing sharing, std::uint32_t conditions);

// A copy's access to a unit. While it lives and was not refused, who takes access to the unit away
// waits for it.
class UnitAccess {
 public:
  // Need::Ready to read, Need::Write to write. `unit` outlives this.
  UnitAccess(LogicalUnit& unit, const Nexus& nexus, Need need);
  UnitAccess(const UnitAccess&) = delete;
  UnitAccess& operator=(const UnitAccess&) = delete;

  [[nodiscard]] const std::optional<Refusal>& refusal() const noexcept { return refusal_; }

 private:
  CommandGate::Pass pass_;
  std::optional<Refusal> refusal_;
};

// What a copy wrote is with the unit's holders before the command is answered. Where `unit` has no
// write cache, what a copy wrote is on the disk before the command is answered
// as done; a command that is answered otherwise waits here.
void make_durable(Task& task, LogicalUnit& unit);

}  // namespace lockstep::scsi
