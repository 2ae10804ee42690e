// What the parameter lists of copy commands have in common: their length, and ranges of blocks.
#pragma once

#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_limits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lockstep::scsi {

// The list that CDB bytes 10 to 13 announce. nullopt: there is none, which is no error; or the task
// has failed, because the list is shorter than `least` (5/1A00) or less was sent than announced.
[[nodiscard]] std::optional<std::span<const std::byte>> copy_parameters(Task& task,
                                                                        std::size_t least);

// No record could be had for a copy: its list identifier belongs to one that runs (5/0016), or too
// many run (BUSY).
void refuse_copy(Task& task, bool in_progress) noexcept;

struct BlockSpan {
  std::uint64_t first;
  std::uint64_t count;
};

struct BlockSpans {
  std::vector<BlockSpan> spans;  // those that are not empty, in the order of the list
  std::uint64_t blocks = 0;
};

// Block device range descriptors (SBC-4 5.12.3), whose length is at `length_at` of the list and
// which follow it. All checks of SBC-4 5.12.2 that need the volume and the limits alone; nullopt:
// the task has failed.
[[nodiscard]] std::optional<BlockSpans> block_spans(Task& task, std::span<const std::byte> list,
                                                    std::size_t length_at,
                                                    const CopyLimits& limits);

}  // namespace lockstep::scsi
