// WRITE ATOMIC(16) and ORWRITE(16) (SBC-4 5.48, SBC-3 5.8).
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/limits.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/write_data.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace lockstep::scsi {

namespace {
constexpr std::uint8_t kFua = 0x08;
}

// Every write of a volume is atomic; what is checked here is what VPD page B0h promises.
void write_atomic(Task& task) {
  const CdbRange range{task.cdb(2, 8), task.cdb(12, 2)};
  if (!without_protection(task) || !inside_volume(task, range)) {
    return;
  }
  if (task.cdb(10, 2) != 0) {  // ATOMIC BOUNDARY: B0h says that none is possible
    task.refuse_cdb(10);
    return;
  }
  const std::uint64_t physical = blocks_per_physical_block(task.unit());
  if (range.count > kMaxAtomicBlocks || range.count % physical != 0) {
    task.refuse_cdb(12);
    return;
  }
  if (range.first % physical != 0) {
    task.refuse_cdb(2);
    return;
  }
  const std::uint64_t wanted = range.count * task.block_bytes();
  task.response.data_out_wanted = wanted;
  if (task.command.data_out.size() < wanted) {  // a part of it would not be atomic
    task.refuse_data_length();
    return;
  }
  if (wanted != 0) {
    const auto data = task.command.data_out.first(static_cast<std::size_t>(wanted));
    task.finish_change(task.volume().write(Lba{range.first}, data), task.cdb_has(1, kFua));
  }
}

// Reads, combines, and writes if nobody has written between; else once more. Each failed round
// means that another write went through.
void or_write(Task& task) {
  constexpr int kMostRounds = 1000;
  const CdbRange range = range_of(task);
  if (!transfer_is_legal(task, range)) {
    return;
  }
  const auto data = write_data(task, range);
  if (!data || data->empty()) {
    return;
  }
  std::vector<std::byte> old(data->size());
  std::vector<std::byte> combined(data->size());
  for (int round = 0; round != kMostRounds; ++round) {
    if (!task.volume().read(Lba{range.first}, old)) {
      task.fail_unreadable();
      return;
    }
    std::transform(old.begin(), old.end(), data->begin(), combined.begin(), std::bit_or<>());
    std::size_t offset = 0;
    const auto result = task.volume().compare_and_write(Lba{range.first}, old, combined, offset);
    if (result != store::WriteResult::Miscompare) {
      task.finish_change(result, task.cdb_has(1, kFua));
      return;
    }
  }
  task.response.status = Status::Busy;
}

}  // namespace lockstep::scsi
