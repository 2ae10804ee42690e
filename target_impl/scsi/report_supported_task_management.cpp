// REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <vector>

namespace lockstep::scsi {

void report_supported_task_management(Task& task) {
  constexpr std::uint8_t kReturnExtended = 0x80;  // REPD
  constexpr std::uint64_t kLeastAllocation = 4;
  // ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET, QUERY TASK, target resets; not
  // CLEAR ACA and WAKEUP.
  constexpr std::byte kFirst{0xde};
  // QUERY ASYNCHRONOUS EVENT, QUERY TASK SET, I_T NEXUS RESET.
  constexpr std::byte kSecond{0x07};
  const std::uint64_t allocation = task.cdb(6, 4);
  if (allocation < kLeastAllocation) {
    task.refuse_cdb(6);
    return;
  }
  const bool extended = task.cdb_has(2, kReturnExtended);
  std::vector<std::byte> data(extended ? 16 : 4);
  data[0] = kFirst;
  data[1] = kSecond;
  data[3] = static_cast<std::byte>(data.size() - 4);  // timeouts behind it: none is given
  task.reply(data, allocation);
}

}  // namespace lockstep::scsi
