// READ and WRITE in all lengths, SYNCHRONIZE CACHE, PRE-FETCH (SBC-3 5.9-5.14, 5.28-5.30,
// 5.38-5.41).
//
// DPO is a hint and needs nothing. FUA matters where there is a write cache: in front of a durable
// volume.
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/write_data.hpp"

namespace lockstep::scsi {

namespace {

// The 6-byte forms have no such bit.
[[nodiscard]] bool force_unit_access(const Task& task) noexcept {
  constexpr std::uint8_t kLongForms = 0xe0;
  constexpr std::uint8_t kFua = 0x08;
  return task.cdb_has(0, kLongForms) && task.cdb_has(1, kFua);
}

[[nodiscard]] store::WriteResult write_to_volume(Task& task, Lba first,
                                                 std::span<const std::byte> data) {
  if (task.command.data_out_is_lent) {
    return task.volume().write_lent(first, data);
  }
  store::Landing* const landing = task.command.landing;
  return landing == nullptr ? task.volume().write(first, data)
                            : task.volume().write(first, data, *landing);
}

}  // namespace

void read_blocks(Task& task) {
  const CdbRange range = range_of(task);
  if (!transfer_is_legal(task, range) || range.count == 0) {
    return;
  }
  if (force_unit_access(task) && !task.write_cache_out()) {
    return;
  }
  const auto bytes = static_cast<std::size_t>(range.count * task.block_bytes());
  if (task.volume().lends()) {
    if (store::PieceTaker* taker = task.data_in.claim_pieces(bytes)) {
      task.volume().lend(Lba{range.first}, bytes, *taker);
      return;
    }
  }
  if (!task.volume().read(Lba{range.first}, task.data_in.claim(bytes))) {
    task.fail_unreadable();
  }
}

std::optional<std::span<const std::byte>> write_data(Task& task, CdbRange range) noexcept {
  const std::uint64_t wanted = range.count * task.block_bytes();
  task.response.data_out_wanted = wanted;
  const auto sent = task.command.data_out;
  if (sent.size() >= wanted) {
    return sent.first(static_cast<std::size_t>(wanted));
  }
  if (sent.size() % task.block_bytes() != 0) {
    task.refuse_data_length();
    return std::nullopt;
  }
  return sent;
}

void write_blocks(Task& task) {
  const CdbRange range = range_of(task);
  if (!transfer_is_legal(task, range)) {
    return;
  }
  const auto data = write_data(task, range);
  if (data && !data->empty()) {
    task.finish_change(write_to_volume(task, Lba{range.first}, *data), force_unit_access(task));
  }
}

void synchronize_cache(Task& task) {
  // Whatever the range, everything goes to disk. Zero blocks: to the end.
  constexpr std::uint8_t kImmediate = 0x02;
  if (!inside_volume(task, range_of(task))) {
    return;
  }
  if (!task.cdb_has(1, kImmediate)) {
    task.waits_for_disk = true;
  } else if (const auto& commits = task.volume().commits()) {
    (void)commits->request();
  }
}

void pre_fetch(Task& task) {
  // All blocks are as near as they can be already. Zero blocks: to the end.
  if (inside_volume(task, range_of(task)) &&
      task.unit().options().prefetch_answer == PrefetchAnswer::ConditionMet) {
    task.response.status = Status::ConditionMet;
  }
}

}  // namespace lockstep::scsi
