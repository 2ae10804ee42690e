// VERIFY and WRITE AND VERIFY in all lengths (SBC-3 5.31-5.37, 5.42-5.44).
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/write_data.hpp"

namespace lockstep::scsi {

namespace {

// What BYTCHK asks for.
enum : std::uint8_t { kMediumOnly = 0, kCompareAll = 1, kReserved = 2, kCompareOneBlock = 3 };

[[nodiscard]] std::uint8_t byte_check(const Task& task) noexcept {
  return static_cast<std::uint8_t>(task.cdb(1) >> 1 & 0x03);
}

// False: the task has failed.
[[nodiscard]] bool accept(Task& task, store::Comparison found) noexcept {
  switch (found) {
    case store::Comparison::Equal:
      return true;
    case store::Comparison::Different:
      task.fail(SenseKey::Miscompare, AdditionalSense::MiscompareDuringVerify);
      return false;
    case store::Comparison::Unreadable:
      break;
  }
  task.fail_unreadable();
  return false;
}

void compare_all(Task& task, CdbRange range) {
  const std::uint64_t wanted = range.count * task.block_bytes();
  task.response.data_out_wanted = wanted;
  if (task.command.data_out.size() < wanted) {
    task.refuse_data_length();
    return;
  }
  std::size_t offset = 0;
  const auto expected = task.command.data_out.first(static_cast<std::size_t>(wanted));
  (void)accept(task, task.volume().compare(Lba{range.first}, expected, offset));
}

void compare_one_block(Task& task, CdbRange range) {
  const std::uint64_t wanted = range.count == 0 ? 0 : task.block_bytes();
  task.response.data_out_wanted = wanted;
  if (task.command.data_out.size() < wanted) {
    task.refuse_data_length();
    return;
  }
  const auto block = task.command.data_out.first(static_cast<std::size_t>(wanted));
  std::size_t offset = 0;
  for (std::uint64_t i = 0; i != range.count; ++i) {
    if (!accept(task, task.volume().compare(Lba{range.first + i}, block, offset))) {
      return;
    }
  }
}

}  // namespace

void verify(Task& task) {
  const CdbRange range = range_of(task);
  if (byte_check(task) == kReserved) {
    task.refuse_cdb(1, std::uint8_t{2});
    return;
  }
  if (!transfer_is_legal(task, range)) {
    return;
  }
  switch (byte_check(task)) {
    case kCompareAll:
      compare_all(task, range);
      return;
    case kCompareOneBlock:
      compare_one_block(task, range);
      return;
    default:  // memory needs no check; data sent all the same is dropped
      return;
  }
}

void write_and_verify(Task& task) {
  // What was just written holds what was sent, whether or not BYTCHK asks.
  if (byte_check(task) >= kReserved) {
    task.refuse_cdb(1, std::uint8_t{2});
    return;
  }
  write_blocks(task);
  if (task.response.status == Status::Good) {
    task.waits_for_disk = true;  // verified is what the medium holds
  }
}

}  // namespace lockstep::scsi
