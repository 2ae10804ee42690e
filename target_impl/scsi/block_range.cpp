#include "target_impl/scsi/block_range.hpp"

#include "target_impl/scsi/limits.hpp"

namespace lockstep::scsi {

namespace {

// SPC-4 4.2.5.1: the group code, the upper three bits of the operation code.
[[nodiscard]] unsigned group_of(std::span<const std::uint8_t, 16> cdb) noexcept {
  return static_cast<unsigned>(cdb[0]) >> 5;
}
[[nodiscard]] unsigned group_of(const Task& task) noexcept { return group_of(task.command.cdb); }

constexpr unsigned kSixByteGroup = 0;
constexpr unsigned kSixteenByteGroup = 4;
constexpr unsigned kTwelveByteGroup = 5;

}  // namespace

CdbRange range_of(std::span<const std::uint8_t, 16> cdb) noexcept {
  const auto number = [cdb](std::size_t at, std::size_t bytes) {
    return get_big_endian(std::span<const std::uint8_t>(cdb), at, bytes);
  };
  switch (group_of(cdb)) {
    case kSixByteGroup: {
      const std::uint64_t count = number(4, 1);
      return {number(1, 3) & 0x1fffff, count == 0 ? 256 : count};
    }
    case kTwelveByteGroup:
      return {number(2, 4), number(6, 4)};
    case kSixteenByteGroup:
      return {number(2, 8), number(10, 4)};
    default:
      return {number(2, 4), number(7, 2)};
  }
}

bool inside_volume(Task& task, CdbRange range) noexcept {
  const std::uint64_t blocks = task.volume().blocks().value;
  if (range.first > blocks || range.count > blocks - range.first) {
    task.refuse_range();
    return false;
  }
  return true;
}

bool without_protection(Task& task) noexcept {
  if (group_of(task) != kSixByteGroup && task.cdb_has(1, 0xe0)) {
    task.refuse_cdb(1, std::uint8_t{7});
    return false;
  }
  return true;
}

bool within_limit(Task& task, CdbRange range, std::uint64_t limit_bytes) noexcept {
  if (range.count <= limit_bytes / task.block_bytes()) {
    return true;
  }
  const unsigned group = group_of(task);
  task.refuse_cdb(group == kSixteenByteGroup ? 10 : group == kTwelveByteGroup ? 6 : 7);
  return false;
}

bool transfer_is_legal(Task& task, CdbRange range) noexcept {
  return without_protection(task) && inside_volume(task, range) &&
         within_limit(task, range, kMaxTransferBytes);
}

}  // namespace lockstep::scsi
