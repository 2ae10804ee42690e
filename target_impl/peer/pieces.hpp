// Cutting ranges into commands. Internal.
#pragma once

#include "target_impl/initiator/initiator.hpp"
#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lockstep::peer {

// Of one READ or WRITE at most.
inline constexpr std::uint64_t kPieceBytes = 256 * 1024;
// Of one UNMAP at most: targets have bounds of their own, and few less than this.
inline constexpr std::uint64_t kUnmapBytes = 4 * 1024 * 1024;

struct Piece {
  store::BlockRange range;
  bool mapped = true;  // else all zeros: it is unmapped rather than written
};

// Mapped pieces of at most kPieceBytes, and unmapped ones of at most kUnmapBytes, ascending.
// Without `unmaps` all are mapped: zeros are written.
[[nodiscard]] std::vector<Piece> pieces_of(const store::Image& image,
                                           const std::vector<store::BlockRange>& ranges,
                                           bool unmaps);

// WRITE(16); `fua`: not answered before it is where a write cache cannot lose it. The bytes must
// stay where they are until `done` is called.
void send_write(initiator::Session& session, std::uint16_t lun, store::BlockRange range, bool fua,
                std::span<const std::byte> bytes, initiator::Done done);
// UNMAP, and with `flush` SYNCHRONIZE CACHE behind it.
void send_unmap(initiator::Session& session, std::uint16_t lun, store::BlockRange range, bool flush,
                initiator::Done done);
// WRITE(16) with the bytes of `image` from `offset` on, read only now. Content that
// cannot be read ends with Outcome::Cancelled.
void send_image(initiator::Session& session, std::uint16_t lun, store::BlockRange range, bool fua,
                const store::Image& image, std::uint64_t offset, std::uint32_t block_bytes,
                initiator::Done done);

}  // namespace lockstep::peer
