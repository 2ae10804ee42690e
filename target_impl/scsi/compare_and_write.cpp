// COMPARE AND WRITE (SBC-3 5.2).
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/limits.hpp"
#include "target_impl/scsi/task.hpp"

namespace lockstep::scsi {

void compare_and_write(Task& task) {
  const CdbRange range{task.cdb(2, 8), task.cdb(13)};
  const std::uint64_t bytes = range.count * task.block_bytes();
  if (!without_protection(task) || !inside_volume(task, range)) {
    return;
  }
  static_assert(kMaxCompareAndWriteBlocks == 255, "any value of the one-byte field is legal");
  task.response.data_out_wanted = 2 * bytes;
  if (task.command.expected_data_out != 2 * bytes || task.command.data_out.size() != 2 * bytes) {
    if (range.count == 0) {
      task.refuse_cdb(13);
    } else {
      task.refuse_data_length();
    }
    return;
  }
  if (range.count == 0) {
    return;
  }
  const auto half = static_cast<std::size_t>(bytes);
  std::size_t offset = 0;
  const store::WriteResult result =
      task.volume().compare_and_write(Lba{range.first}, task.command.data_out.first(half),
                                      task.command.data_out.subspan(half), offset);
  if (result == store::WriteResult::Miscompare) {
    task.fail({SenseKey::Miscompare,
               AdditionalSense::MiscompareDuringVerify,
               {},
               static_cast<std::uint32_t>(offset)});
    return;
  }
  constexpr std::uint8_t kFua = 0x08;
  task.finish_change(result, task.cdb_has(1, kFua));
}

}  // namespace lockstep::scsi
