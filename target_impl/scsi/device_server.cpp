#include "target_impl/scsi/device_server.hpp"

#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/device.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/port_groups.hpp"
#include "target_impl/scsi/task.hpp"

#include <utility>

namespace lockstep::scsi {

struct DeviceServer::Inside {
  explicit Inside(std::string target_name) : device(std::move(target_name)) {}
  Device device;
};

namespace {

// False: the task has failed.
[[nodiscard]] bool host_may(Task& task, Need need) noexcept {
  if (need == Need::Nothing || need == Need::LogicalUnit) {
    return true;
  }
  const HostAccess access = task.unit().host_access();
  if (access == HostAccess::None) {
    task.fail(SenseKey::NotReady, AdditionalSense::NotReadyCauseNotReportable);
    return false;
  }
  if (need == Need::Write && access == HostAccess::ReadOnly) {
    task.fail(SenseKey::DataProtect, AdditionalSense::WriteProtected);
    return false;
  }
  return true;
}

void dispatch(Task& task) {
  const CommandEntry* entry = find_command(task.command.cdb);
  const bool despite_everything = entry != nullptr && entry->need == Need::Nothing;
  // SAM-5 5.14.4 and 4.11: the logical unit is looked at first, then its attentions, then the CDB.
  if (!despite_everything) {
    if (task.logical_unit == nullptr) {
      task.fail(SenseKey::IllegalRequest, AdditionalSense::LogicalUnitNotSupported);
      return;
    }
    if (const auto due = task.device.take_attention(task.nexus.id, task.lun)) {
      task.fail(SenseKey::UnitAttention, *due);
      return;
    }
  }
  if (entry == nullptr) {
    if (knows_operation_code(task.command.cdb[0])) {
      task.refuse_cdb(1, std::uint8_t{4});
    } else {
      task.fail({SenseKey::IllegalRequest,
                 AdditionalSense::InvalidCommandOperationCode,
                 FieldPointer{},
                 {}});
    }
    return;
  }
  constexpr std::uint8_t kNaca = 0x04;  // SAM-5 5.2: auto contingent allegiance is not offered
  if (task.cdb_has(entry->cdb_bytes - 1, kNaca)) {
    task.refuse_cdb(static_cast<std::uint16_t>(entry->cdb_bytes - 1), std::uint8_t{2});
    return;
  }
  if (port_serves(task, *entry) && host_may(task, entry->need)) {
    entry->run(task);
  }
}

}  // namespace

DeviceServer::DeviceServer(std::string target_name)
    : inside_(std::make_unique<Inside>(std::move(target_name))) {}

DeviceServer::~DeviceServer() = default;

const std::string& DeviceServer::target_name() const noexcept {
  return inside_->device.target_name();
}

void DeviceServer::add(std::uint16_t lun, std::shared_ptr<LogicalUnit> unit) {
  inside_->device.set_unit(lun, std::move(unit));
}

void DeviceServer::remove(std::uint16_t lun) { inside_->device.set_unit(lun, nullptr); }

std::shared_ptr<LogicalUnit> DeviceServer::find(std::uint16_t lun) const {
  return inside_->device.unit(lun);
}

void DeviceServer::set_port_groups(const std::vector<std::uint16_t>& tags) {
  inside_->device.port_groups().set_tags(tags);
}

bool DeviceServer::set_access_state(std::uint16_t tag, AccessState state) {
  const auto change = inside_->device.port_groups().set_state(tag, state);
  if (change == PortGroups::Change::Changed) {
    inside_->device.raise_attention({}, AdditionalSense::AsymmetricAccessStateChanged);
  }
  return change != PortGroups::Change::Unknown;
}

void DeviceServer::nexus_started(const Nexus& nexus) { inside_->device.start_nexus(nexus.id); }

void DeviceServer::nexus_lost(const Nexus& nexus) { inside_->device.end_nexus(nexus.id); }

void DeviceServer::execute(const Nexus& nexus, std::uint16_t lun, const Command& command,
                           DataIn& data_in, Response& response) {
  response = Response{};
  const std::shared_ptr<LogicalUnit> unit = inside_->device.unit(nexus, lun);
  Task task{inside_->device, nexus, lun, unit.get(), command, data_in, response};
  dispatch(task);
}

std::optional<bool> DeviceServer::attention_pending(const Nexus& nexus, std::uint16_t lun) const {
  if (inside_->device.unit(nexus, lun) == nullptr) {
    return std::nullopt;
  }
  return inside_->device.attention_pending(nexus.id, lun);
}

bool DeviceServer::manage(const Nexus& nexus, std::uint16_t lun, TaskManagement function) {
  // Tasks have ended, so aborting them changes nothing. Resets are told to every nexus, the issuing
  // one included.
  switch (function) {
    case TaskManagement::TargetWarmReset:
      inside_->device.raise_attention({}, AdditionalSense::ScsiBusResetOccurred);
      return true;
    case TaskManagement::TargetColdReset:
      inside_->device.raise_attention({}, AdditionalSense::PowerOnResetOrBusDeviceReset);
      return true;
    case TaskManagement::NexusReset:
      nexus_lost(nexus);
      inside_->device.start_nexus(nexus.id, AdditionalSense::NexusLossOccurred);
      return true;
    case TaskManagement::LogicalUnitReset:
      if (inside_->device.unit(nexus, lun) == nullptr) {
        return false;
      }
      inside_->device.raise_attention(lun, AdditionalSense::BusDeviceResetFunctionOccurred);
      return true;
    case TaskManagement::AbortTask:
    case TaskManagement::AbortTaskSet:
    case TaskManagement::ClearTaskSet:
      break;
  }
  return inside_->device.unit(nexus, lun) != nullptr;
}

}  // namespace lockstep::scsi
