// The limits that VPD page B0h reports and the commands enforce, in one place.
#pragma once

#include <cstdint>

namespace lockstep::scsi {

inline constexpr std::uint64_t kMaxTransferBytes = 32ULL << 20;
inline constexpr std::uint64_t kOptimalTransferBytes = 1ULL << 20;
inline constexpr std::uint64_t kMaxWriteSameBytes = 64ULL << 20;
inline constexpr std::uint64_t kMaxCompareAndWriteBlocks = 255;
inline constexpr std::uint64_t kMaxAtomicBlocks = 256;
inline constexpr std::uint64_t kMaxUnmapBlocks = 0xffffffff;  // no limit
inline constexpr std::uint64_t kMaxUnmapDescriptors = 256;

}  // namespace lockstep::scsi
