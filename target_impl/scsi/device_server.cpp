#include "target_impl/scsi/device_server.hpp"

#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/device.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/port_groups.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/unit_access.hpp"

#include <utility>

namespace lockstep::scsi {

struct DeviceServer::Inside {
  Inside(std::string target_name, std::shared_ptr<RodTokens> tokens)
      : device(std::move(target_name), std::move(tokens)) {}
  void reset_all(AdditionalSense attention);
  Device device;
};

namespace {

// The checks and the command itself. The pass is taken before the conditions are read, so that who
// changes a condition and drains the gate knows that no command goes on that did not see it.
void carry_out(Task& task, const CommandEntry& entry) {
  std::optional<CommandGate::Pass> pass;
  if (task.logical_unit != nullptr) {
    if (entry.need == Need::Write) {
      task.volume().admit();
    }
    if (entry.need == Need::Ready || entry.need == Need::Write) {
      task.unit().gate().enter(pass.emplace());
      task.pass = &pass;
    }
    const std::uint32_t conditions = task.unit().conditions().bits();
    if (conditions != 0) {
      if (const auto refusal =
              refusal_of(task.unit(), task.nexus, entry.need, entry.sharing, conditions)) {
        task.refuse(*refusal);
        return;
      }
    }
  }
  entry.run(task);
  if (entry.need == Need::Write && task.unit().has_holders()) [[unlikely]] {
    task.waits_for_holders = true;
  }
  if (task.waits_for_disk || task.waits_for_holders) [[unlikely]] {
    task.end_when_held();
  }
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
  if (port_serves(task, *entry)) {
    carry_out(task, *entry);
  }
}

}  // namespace

DeviceServer::DeviceServer(std::string target_name, std::shared_ptr<RodTokens> tokens)
    : inside_(std::make_unique<Inside>(std::move(target_name), tokens != nullptr
                                                                   ? std::move(tokens)
                                                                   : RodTokens::of_process())) {}

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

void DeviceServer::nexus_started(const Nexus& nexus) { inside_->device.start_nexus(nexus); }

void DeviceServer::nexus_lost(const Nexus& nexus) {
  inside_->device.end_nexus(nexus.id);
  inside_->device.copies().nexus_lost(nexus.id);
  for (const auto& unit : inside_->device.units()) {
    unit->nexus_lost(nexus.id);
  }
}

void DeviceServer::execute(const Nexus& nexus, std::uint16_t lun, const Command& command,
                           DataIn& data_in, Response& response) {
  response = Response{};
  const std::shared_ptr<LogicalUnit> unit = inside_->device.unit(nexus, lun);
  Task task{inside_->device, nexus, lun, unit.get(), command, data_in, response};
  dispatch(task);
}

store::Landing DeviceServer::land(const Nexus& nexus, std::uint16_t lun,
                                  std::span<const std::uint8_t, 16> cdb, std::size_t bytes) const {
  const CommandEntry* entry = find_command(cdb);
  if (entry == nullptr || entry->run != write_blocks) {
    return {};
  }
  const std::shared_ptr<LogicalUnit> unit = inside_->device.unit(nexus, lun);
  if (unit == nullptr || !unit->volume().lends()) {
    return {};
  }
  const std::uint64_t first = range_of(cdb).first;
  if (first >= unit->volume().blocks().value) {
    return {};
  }
  return store::Landing::take(first * unit->volume().block_size().bytes, bytes);
}

bool DeviceServer::reads_once(std::span<const std::uint8_t, 16> cdb) const noexcept {
  const CommandEntry* entry = find_command(cdb);
  return entry != nullptr && entry->run == write_blocks;
}

std::optional<bool> DeviceServer::attention_pending(const Nexus& nexus, std::uint16_t lun) const {
  if (inside_->device.unit(nexus, lun) == nullptr) {
    return std::nullopt;
  }
  return inside_->device.attention_pending(nexus.id, lun);
}

void DeviceServer::Inside::reset_all(AdditionalSense attention) {
  device.copies().reset({});
  for (const auto& unit : device.units()) {
    unit->reset();
  }
  device.raise_attention({}, attention);
}

bool DeviceServer::manage(const Nexus& nexus, std::uint16_t lun, TaskManagement function) {
  // Tasks have ended, so aborting them changes nothing. Resets are told to every nexus, the issuing
  // one included.
  switch (function) {
    case TaskManagement::TargetWarmReset:
      inside_->reset_all(AdditionalSense::ScsiBusResetOccurred);
      return true;
    case TaskManagement::TargetColdReset:
      inside_->reset_all(AdditionalSense::PowerOnResetOrBusDeviceReset);
      return true;
    case TaskManagement::NexusReset:
      nexus_lost(nexus);
      inside_->device.start_nexus(nexus, AdditionalSense::NexusLossOccurred);
      return true;
    case TaskManagement::LogicalUnitReset: {
      const auto unit = inside_->device.unit(nexus, lun);
      if (unit == nullptr) {
        return false;
      }
      inside_->device.copies().reset(lun);
      unit->reset();
      inside_->device.raise_attention(lun, AdditionalSense::BusDeviceResetFunctionOccurred);
      return true;
    }
    case TaskManagement::AbortTask:
    case TaskManagement::AbortTaskSet:
    case TaskManagement::ClearTaskSet:
      break;
  }
  return inside_->device.unit(nexus, lun) != nullptr;
}

}  // namespace lockstep::scsi
