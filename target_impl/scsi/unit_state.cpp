// TEST UNIT READY, REQUEST SENSE and START STOP UNIT (SPC-4 6.47, 6.39; SBC-3 5.25).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <span>

namespace lockstep::scsi {

// The command table lets it through only when hosts may use the medium.
void test_unit_ready(Task& /*task*/) {}

void request_sense(Task& task) {
  constexpr std::uint8_t kDescriptorFormat = 0x01;
  if (task.cdb_has(1, kDescriptorFormat)) {
    task.refuse_cdb(1, std::uint8_t{0});
    return;
  }
  Sense sense;
  if (task.logical_unit == nullptr) {
    sense = {SenseKey::IllegalRequest, AdditionalSense::LogicalUnitNotSupported, {}, {}};
  } else if (const auto due = task.device.take_attention(task.nexus.id, task.lun)) {
    sense = {SenseKey::UnitAttention, *due, {}, {}};
  } else if (task.unit().host_access() == HostAccess::None) {
    sense = {SenseKey::NotReady, AdditionalSense::NotReadyCauseNotReportable, {}, {}};
  }
  const auto bytes = fixed_format(sense);
  task.reply(std::as_bytes(std::span(bytes)), task.cdb(4));
}

void start_stop_unit(Task& task) {
  // There is no medium to load and no power to save; only an eject is refused.
  const bool power_condition = task.cdb_has(4, 0xf0);
  const bool load_or_eject = task.cdb_has(4, 0x02);
  const bool start = task.cdb_has(4, 0x01);
  if (!power_condition && load_or_eject && !start) {
    task.refuse_cdb(4, std::uint8_t{1});
  }
}

}  // namespace lockstep::scsi
