// UNMAP and GET LBA STATUS (SBC-3 5.28, 5.6).
#include "target_impl/scsi/block_range.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/limits.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <vector>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kDescriptorBytes = 16;

// The whole descriptors of an UNMAP parameter list that are really there.
[[nodiscard]] std::span<const std::byte> unmap_descriptors(
    std::span<const std::byte> list) noexcept {
  const std::size_t announced = static_cast<std::size_t>(get_big_endian(list, 2, 2));
  const std::size_t bytes = std::min(announced, list.size() - kHeaderBytes);
  return list.subspan(kHeaderBytes, bytes / kDescriptorBytes * kDescriptorBytes);
}

// Everything is checked before anything is unmapped.
[[nodiscard]] bool descriptors_are_legal(Task& task,
                                         std::span<const std::byte> descriptors) noexcept {
  if (descriptors.size() / kDescriptorBytes > kMaxUnmapDescriptors) {
    task.refuse_parameter(2);
    return false;
  }
  for (std::size_t at = 0; at != descriptors.size(); at += kDescriptorBytes) {
    const CdbRange range{get_big_endian(descriptors, at, 8),
                         get_big_endian(descriptors, at + 8, 4)};
    if (range.count != 0 && !inside_volume(task, range)) {
      return false;
    }
  }
  return true;
}

}  // namespace

void unmap(Task& task) {
  if (task.cdb_has(1, 0x01)) {  // ANCHOR, see VPD B2h
    task.refuse_cdb(1, std::uint8_t{0});
    return;
  }
  const std::uint64_t list_bytes = task.cdb(7, 2);
  task.response.data_out_wanted = list_bytes;
  if (list_bytes == 0) {
    return;
  }
  if (list_bytes < kHeaderBytes) {
    task.fail(SenseKey::IllegalRequest, AdditionalSense::ParameterListLengthError);
    return;
  }
  if (task.command.data_out.size() < list_bytes) {
    task.refuse_data_length();
    return;
  }
  const auto list = task.command.data_out.first(static_cast<std::size_t>(list_bytes));
  const auto descriptors = unmap_descriptors(list);
  if (!descriptors_are_legal(task, descriptors)) {
    return;
  }
  bool changed = false;
  for (std::size_t at = 0; at != descriptors.size(); at += kDescriptorBytes) {
    const std::uint64_t first = get_big_endian(descriptors, at, 8);
    const std::uint64_t count = get_big_endian(descriptors, at + 8, 4);
    if (count == 0) {
      continue;
    }
    const store::WriteResult result = task.volume().unmap(Lba{first}, BlockCount{count});
    if (result != store::WriteResult::Done) {
      if (changed && result == store::WriteResult::OutOfSpace) {
        task.unit().count_medium_change();
      }
      task.finish_change(result);
      return;
    }
    changed = true;
  }
  if (changed) {
    task.finish_change(store::WriteResult::Done);
  }
}

void get_lba_status(Task& task) {
  constexpr std::uint64_t kMostDescriptors = 512;
  constexpr std::uint64_t kMostBlocks = 0xffffffff;
  constexpr std::byte kMapped{0};
  constexpr std::byte kDeallocated{1};
  const std::uint64_t allocation = task.cdb(10, 4);
  const std::uint64_t blocks = task.volume().blocks().value;
  std::uint64_t lba = task.cdb(2, 8);
  if (lba >= blocks) {
    task.refuse_range();
    return;
  }
  const std::uint64_t room =
      allocation < kHeaderBytes ? 0 : (allocation - kHeaderBytes) / kDescriptorBytes;
  const std::uint64_t most = std::clamp<std::uint64_t>(room, 1, kMostDescriptors);
  std::vector<std::byte> data(kHeaderBytes);
  for (std::uint64_t i = 0; i != most && lba != blocks; ++i) {
    BlockCount run;
    const bool mapped = task.volume().is_mapped(Lba{lba}, run);
    const std::uint64_t count = std::min(run.value, kMostBlocks);
    const std::size_t at = data.size();
    data.resize(at + kDescriptorBytes);
    put_big_endian(std::span<std::byte>(data), at, 8, lba);
    put_big_endian(std::span<std::byte>(data), at + 8, 4, count);
    data[at + 12] = mapped ? kMapped : kDeallocated;
    lba += count;
  }
  put_big_endian(std::span<std::byte>(data), 0, 4, data.size() - 4);
  task.reply(data, allocation);
}

}  // namespace lockstep::scsi
