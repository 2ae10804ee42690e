// TEST UNIT READY, REQUEST SENSE, START STOP UNIT and PREVENT ALLOW MEDIUM REMOVAL (SPC-4 6.47,
// 6.39, 6.14; SBC-3 5.25).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/removable_medium.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/task.hpp"

#include <array>
#include <span>

namespace lockstep::scsi {

namespace {

// False: RESERVATION CONFLICT, for a command that is harmless in some forms only (SPC-4 table 68,
// SBC-3 table 13).
[[nodiscard]] bool reservation_allows(Task& task, Sharing sharing) {
  if (task.unit().reservations().admits(task.nexus, sharing, false)) {
    return true;
  }
  task.conflict();
  return false;
}

[[nodiscard]] Sense sense_of(Task& task) {
  if (task.logical_unit == nullptr) {
    return {SenseKey::IllegalRequest, AdditionalSense::LogicalUnitNotSupported, {}, {}};
  }
  if (const auto due = task.device.take_attention(task.nexus.id, task.lun)) {
    return {SenseKey::UnitAttention, *due, {}, {}};
  }
  const Conditions& conditions = task.unit().conditions();
  if (conditions.has(Condition::Sanitizing)) {
    return sanitize_in_progress(task.unit());
  }
  if (conditions.has(Condition::SanitizeFailed)) {
    return {SenseKey::MediumError, AdditionalSense::SanitizeCommandFailed, {}, {}};
  }
  if (conditions.has(Condition::NoMedium)) {
    return {SenseKey::NotReady, AdditionalSense::MediumNotPresent, {}, {}};
  }
  if (conditions.has(Condition::HostsExcluded)) {
    return {SenseKey::NotReady, AdditionalSense::NotReadyCauseNotReportable, {}, {}};
  }
  return {};
}

}  // namespace

// The command table lets it through only when hosts may use the medium.
void test_unit_ready(Task& /*task*/) {}

void request_sense(Task& task) {
  constexpr std::uint8_t kDescriptorFormat = 0x01;
  const Sense sense = sense_of(task);
  std::array<std::uint8_t, kMaxSenseBytes> bytes{};
  std::size_t length = kSenseBytes;
  if (task.cdb_has(1, kDescriptorFormat)) {
    length = descriptor_format(sense, bytes);
  } else {
    const auto fixed = fixed_format(sense);
    std::copy(fixed.begin(), fixed.end(), bytes.begin());
  }
  task.reply(std::as_bytes(std::span(bytes).first(length)), task.cdb(4));
}

void start_stop_unit(Task& task) {
  // There is no motor and no power to save: only the medium can be moved.
  const bool power_condition = task.cdb_has(4, 0xf0);
  const bool load_or_eject = task.cdb_has(4, 0x02);
  const bool start = task.cdb_has(4, 0x01);
  const bool harmless = start && !power_condition;
  if (!reservation_allows(task, harmless ? Sharing::Always : Sharing::Changes) || power_condition ||
      !load_or_eject) {
    return;
  }
  if (!task.unit().options().removable) {
    if (!start) {
      task.refuse_cdb(4, std::uint8_t{1});
    }
    return;
  }
  switch (task.unit().medium().move(start)) {
    case RemovableMedium::Move::Prevented:
      task.fail(SenseKey::IllegalRequest, AdditionalSense::MediumRemovalPrevented);
      return;
    case RemovableMedium::Move::Done:
      if (start) {
        task.device.raise_for_others(task.nexus.id, task.lun,
                                     AdditionalSense::MediumMayHaveChanged);
      }
      return;
    case RemovableMedium::Move::Unchanged:
      return;
  }
}

void prevent_allow_medium_removal(Task& task) {
  const std::uint64_t prevent = task.cdb(4) & 0x03;
  if (prevent > 1) {  // SPC-4 table 214: obsolete
    task.refuse_cdb(4, std::uint8_t{1});
    return;
  }
  // SPC-2 table 9 and SPC-4 table 68: what allows removal again conflicts with nothing.
  if (prevent == 0 || reservation_allows(task, Sharing::Changes)) {
    task.unit().medium().prevent(task.nexus.id, prevent != 0);
  }
}

}  // namespace lockstep::scsi
