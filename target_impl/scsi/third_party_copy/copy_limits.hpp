// The limits of third-party copies, in one place: VPD page 8Fh and RECEIVE COPY OPERATING
// PARAMETERS report them, the commands enforce them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lockstep::scsi {

struct CopyLimits {
  // EXTENDED COPY(LID1), SPC-4 6.18.4. A command runs to its end before the next of its connection,
  // so what one may move is bounded: 16 segments of 256 MiB.
  std::uint16_t max_cscds = 16;
  std::uint16_t max_segments = 16;
  std::uint32_t max_descriptor_list_bytes = 4096;
  std::uint32_t max_segment_bytes = 256U << 20;
  // Copies whose results are kept, and copies that run in the background.
  std::uint16_t max_results_per_nexus = 256;
  std::uint16_t max_concurrent_copies = 255;
  // Where copying is cheapest: an extent of the store, as a power of two.
  std::uint8_t granularity_log2 = 16;

  // Tokens, SBC-4 4.28 and SPC-4 5.17.6.
  std::uint16_t max_ranges = 256;
  std::uint64_t max_transfer_bytes = 1ULL << 40;
  std::uint64_t optimal_transfer_bytes = 256ULL << 20;
  // A WRITE USING TOKEN that is waited for (IMMED=0) stops early once it has had to move this much:
  // nothing else on its connection's thread goes on meanwhile. Shared extents are not moved.
  std::uint64_t max_moved_bytes = 1ULL << 30;
  std::uint32_t default_inactivity_s = 60;
  std::uint32_t max_inactivity_s = 600;
  // A token dies this long after it was made even if it is used all the time.
  std::uint32_t lifetime_s = 600;
  std::size_t max_tokens = 1024;
  std::size_t max_token_table_bytes = 8U << 20;
  // Tokens that are dead, whose reason is still told.
  std::size_t max_dead_tokens = 4096;
};

}  // namespace lockstep::scsi
