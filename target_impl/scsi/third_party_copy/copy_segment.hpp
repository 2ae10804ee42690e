// One segment of EXTENDED COPY (SPC-4 6.4.6): block device to block device, in blocks (02h) or
// in bytes with offsets (0Ah).
#pragma once

#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_limits.hpp"
#include "target_impl/scsi/third_party_copy/cscd.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace lockstep::scsi {

enum : std::uint8_t { kBlocksSegment = 0x02, kBytesSegment = 0x0a };

// Whole descriptors, the four bytes of header included; 0 for types that are not carried out.
[[nodiscard]] constexpr std::size_t segment_bytes(std::uint8_t type) noexcept {
  return type == kBlocksSegment ? 28 : type == kBytesSegment ? 32 : 0;
}

struct SegmentOutcome {
  std::optional<Sense> sense;  // key and code, and the field of the descriptor at fault
  bool conflict = false;       // reservation conflict on the logical unit that was addressed
  std::uint64_t bytes = 0;     // written
  std::shared_ptr<LogicalUnit> written;  // where, if anywhere
};

// `find` gives the logical unit behind a CSCD identifier, null if there is none. Copies what the
// source held when the segment began.
[[nodiscard]] SegmentOutcome copy_segment(
    Task& task, std::span<const std::byte> descriptor, const CopyLimits& limits,
    const std::function<Cscd(std::uint16_t, AdditionalSense&)>& find);

}  // namespace lockstep::scsi
