// The LBA and length fields that all block commands share, in their 6-, 10-, 12- and 16-byte forms
// (SBC-3 clause 5).
#pragma once

#include "target_impl/scsi/task.hpp"

#include <cstdint>
#include <span>

namespace lockstep::scsi {

struct CdbRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// By the length of the CDB, which follows from the operation code's group.
[[nodiscard]] CdbRange range_of(std::span<const std::uint8_t, 16> cdb) noexcept;
[[nodiscard]] inline CdbRange range_of(const Task& task) noexcept {
  return range_of(task.command.cdb);
}

// True when the range lies inside the volume; else the task has failed with 5/2100.
[[nodiscard]] bool inside_volume(Task& task, CdbRange range) noexcept;

// True when the protection field (RDPROTECT, WRPROTECT, VRPROTECT) is zero: volumes are not
// formatted with protection information. The 6-byte forms have no such field.
[[nodiscard]] bool without_protection(Task& task) noexcept;

// True when `count` blocks are at most `limit_bytes`; else 5/2400 pointing at the length field.
[[nodiscard]] bool within_limit(Task& task, CdbRange range, std::uint64_t limit_bytes) noexcept;

// The checks of all commands that move blocks: protection, limit, range.
[[nodiscard]] bool transfer_is_legal(Task& task, CdbRange range) noexcept;

}  // namespace lockstep::scsi
