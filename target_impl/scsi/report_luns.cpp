// REPORT LUNS (SPC-4 6.33). There are no well-known logical units.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <vector>

namespace lockstep::scsi {

void report_luns(Task& task) {
  enum : std::uint8_t { kOrdinary = 0x00, kWellKnown = 0x01, kAll = 0x02 };
  constexpr std::uint64_t kLeastAllocation = 16;
  // LUN 0 answers even when there is no logical unit behind it, so that targets can be discovered.
  if (task.logical_unit == nullptr && task.lun != 0) {
    task.fail(SenseKey::IllegalRequest, AdditionalSense::LogicalUnitNotSupported);
    return;
  }
  const std::uint64_t select = task.cdb(2);
  const std::uint64_t allocation = task.cdb(6, 4);
  if (select > kAll) {
    task.refuse_cdb(2);
    return;
  }
  if (allocation < kLeastAllocation) {
    task.refuse_cdb(6);
    return;
  }
  std::vector<std::uint16_t> luns = task.device.report_luns(task.nexus);
  if (select == kWellKnown) {
    luns.clear();
  }
  std::vector<std::byte> data(8 + 8 * luns.size());
  const std::span<std::byte> out(data);
  put_big_endian(out, 0, 4, 8 * luns.size());
  for (std::size_t i = 0; i != luns.size(); ++i) {
    put_big_endian(out, 8 + 8 * i, 2, luns[i]);  // SAM-5 4.7.7.2: peripheral device addressing
  }
  task.reply(data, allocation);
}

}  // namespace lockstep::scsi
