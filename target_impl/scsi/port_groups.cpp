#include "target_impl/scsi/port_groups.hpp"

#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>

namespace lockstep::scsi {
namespace {

bool is_active(AccessState state) {
  return state == AccessState::ActiveOptimized || state == AccessState::ActiveNonOptimized;
}

bool reports_port_groups(const CommandEntry& entry) {
  return entry.operation_code == 0xa3 && entry.service_action == 0x0a;
}

// SPC-4 5.15.2.4.4, and the capacity, without which an initiator does not set up a path that it is
// to use later.
bool allowed_in_standby(const CommandEntry& entry) {
  constexpr std::uint8_t kCodes[] = {0x15, 0x1a, 0x1c, 0x1d, 0x25, 0x4c,
                                     0x4d, 0x55, 0x5a, 0x5e, 0x5f, 0xa3};
  const bool read_capacity_16 = entry.operation_code == 0x9e && entry.service_action == 0x10;
  return read_capacity_16 ||
         std::find(std::begin(kCodes), std::end(kCodes), entry.operation_code) != std::end(kCodes);
}

}  // namespace

void PortGroups::set_tags(const std::vector<std::uint16_t>& tags) {
  const std::lock_guard lock(mutex_);
  std::vector<PortGroup> groups;
  for (const std::uint16_t tag : tags) {
    const auto same = [tag](const PortGroup& group) { return group.tag == tag; };
    if (std::any_of(groups.begin(), groups.end(), same)) {
      continue;
    }
    const auto old = std::find_if(groups_.begin(), groups_.end(), same);
    groups.push_back(old == groups_.end() ? PortGroup{tag, AccessState::ActiveOptimized} : *old);
  }
  std::sort(groups.begin(), groups.end(),
            [](const PortGroup& a, const PortGroup& b) { return a.tag < b.tag; });
  groups_ = std::move(groups);
  note_states();
}

PortGroups::Change PortGroups::set_state(std::uint16_t tag, AccessState state) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [tag](const PortGroup& group) { return group.tag == tag; });
  if (found == groups_.end()) {
    return Change::Unknown;
  }
  if (found->state == state) {
    return Change::Same;
  }
  found->state = state;
  note_states();
  return Change::Changed;
}

std::vector<PortGroup> PortGroups::all() const {
  const std::lock_guard lock(mutex_);
  return groups_;
}

AccessState PortGroups::state(std::uint16_t tag) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [tag](const PortGroup& group) { return group.tag == tag; });
  return found == groups_.end() ? AccessState::ActiveOptimized : found->state;
}

void PortGroups::note_states() {
  const bool active = std::all_of(groups_.begin(), groups_.end(),
                                  [](const PortGroup& group) { return is_active(group.state); });
  all_active_.store(active, std::memory_order_release);
}

bool port_serves(Task& task, const CommandEntry& entry) {
  PortGroups& groups = task.device.port_groups();
  if (groups.all_active() || entry.need == Need::Nothing || reports_port_groups(entry)) {
    return true;
  }
  switch (groups.state(task.nexus.port_group)) {
    case AccessState::ActiveOptimized:
    case AccessState::ActiveNonOptimized:
      return true;
    case AccessState::Standby:
      if (allowed_in_standby(entry)) {
        return true;
      }
      task.fail(SenseKey::NotReady, AdditionalSense::TargetPortInStandbyState);
      return false;
    case AccessState::Unavailable:
      task.fail(SenseKey::NotReady, AdditionalSense::TargetPortInUnavailableState);
      return false;
    case AccessState::Transitioning:
      break;
  }
  task.fail(SenseKey::NotReady, AdditionalSense::AsymmetricAccessStateTransition);
  return false;
}

}  // namespace lockstep::scsi
