// WRITE SAME(10) and (16) (SBC-3 5.45, 5.46). With UNMAP the blocks are deallocated and read as
// zeros whatever pattern was sent, as LIO and tgt do.
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/limits.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace lockstep::scsi {

namespace {

constexpr std::uint8_t kAnchor = 0x10;
constexpr std::uint8_t kUnmap = 0x08;
constexpr std::uint8_t kNoDataOut = 0x01;  // NDOB, 16-byte form only
constexpr std::uint8_t kWriteSame16 = 0x93;

// Atomic for each chunk, which is more than the standard asks for.
[[nodiscard]] store::WriteResult fill(Task& task, CdbRange range,
                                      std::span<const std::byte> block) {
  constexpr std::uint64_t kChunkBytes = 256 * 1024;
  const std::uint64_t block_bytes = task.block_bytes();
  const std::uint64_t chunk = std::min(range.count, kChunkBytes / block_bytes);
  std::vector<std::byte> data(static_cast<std::size_t>(chunk * block_bytes));
  for (std::size_t at = 0; at != data.size() && !block.empty(); at += block.size()) {
    std::memcpy(data.data() + at, block.data(), block.size());
  }
  for (std::uint64_t done = 0; done != range.count;) {
    const std::uint64_t count = std::min(chunk, range.count - done);
    const auto result =
        task.volume().write(Lba{range.first + done},
                            std::span(data).first(static_cast<std::size_t>(count * block_bytes)));
    if (result != store::WriteResult::Done) {
      if (done != 0 && result == store::WriteResult::OutOfSpace) {
        task.unit().count_medium_change();
      }
      return result;
    }
    done += count;
  }
  return store::WriteResult::Done;
}

}  // namespace

void write_same(Task& task) {
  CdbRange range = range_of(task);
  const bool unmaps = task.cdb_has(1, kUnmap);
  const bool without_data = task.cdb(0) == kWriteSame16 && task.cdb_has(1, kNoDataOut);
  if (!without_protection(task)) {
    return;
  }
  if (task.cdb_has(1, kAnchor)) {  // anchored blocks are not offered (VPD B2h, ANC_SUP)
    task.refuse_cdb(1, std::uint8_t{4});
    return;
  }
  if (!inside_volume(task, range)) {
    return;
  }
  if (range.count == 0) {  // WSNZ is clear: up to the end
    range.count = task.volume().blocks().value - range.first;
  }
  if (!within_limit(task, range, kMaxWriteSameBytes)) {
    return;
  }
  const std::size_t sent = task.command.data_out.size();
  task.response.data_out_wanted = without_data ? 0 : task.block_bytes();
  if (sent != task.block_bytes() && !(sent == 0 && (unmaps || without_data))) {
    task.refuse_data_length();
    return;
  }
  if (range.count == 0) {
    return;
  }
  const auto block = without_data ? std::span<const std::byte>() : task.command.data_out;
  task.finish_change(unmaps ? task.volume().unmap(Lba{range.first}, BlockCount{range.count})
                            : fill(task, range, block));
}

}  // namespace lockstep::scsi
