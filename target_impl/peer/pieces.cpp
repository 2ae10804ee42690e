#include "target_impl/peer/pieces.hpp"

#include "target_impl/peer/operation.hpp"
#include "target_impl/scsi/big_endian.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace lockstep::peer {
namespace {

using store::BlockRange;

void append(std::vector<Piece>& pieces, std::uint64_t begin, std::uint64_t end, std::uint64_t step,
            bool mapped) {
  for (; begin < end; begin += step) {
    pieces.push_back({{Lba{begin}, BlockCount{std::min(step, end - begin)}}, mapped});
  }
}

}  // namespace

std::vector<Piece> pieces_of(const store::Image& image, const std::vector<BlockRange>& ranges,
                             bool unmaps) {
  const std::uint64_t step = kPieceBytes / image.block_size().bytes;
  const std::uint64_t unmap_step = kUnmapBytes / image.block_size().bytes;
  const std::vector<BlockRange> mapped =
      unmaps ? image.mapped() : std::vector<BlockRange>{{Lba{0}, image.blocks()}};
  std::vector<Piece> pieces;
  auto next = mapped.begin();
  for (const BlockRange& range : ranges) {
    std::uint64_t at = range.first.value;
    const std::uint64_t end = at + range.count.value;
    while (next != mapped.end() && next->first.value + next->count.value <= at) ++next;
    for (auto part = next; part != mapped.end() && part->first.value < end; ++part) {
      const std::uint64_t begin = std::max(at, part->first.value);
      const std::uint64_t limit = std::min(end, part->first.value + part->count.value);
      append(pieces, at, begin, unmap_step, false);
      append(pieces, begin, limit, step, true);
      at = limit;
    }
    append(pieces, at, end, unmap_step, false);
  }
  return pieces;
}

void send_write(initiator::Session& session, std::uint16_t lun, BlockRange range, bool fua,
                std::span<const std::byte> bytes, initiator::Done done) {
  constexpr std::uint8_t kWrite16 = 0x8A;
  constexpr std::uint8_t kFua = 0x08;
  std::array<std::uint8_t, 16> cdb{kWrite16, fua ? kFua : std::uint8_t{0}};
  scsi::put_big_endian(std::span<std::uint8_t>(cdb), 2, 8, range.first.value);
  scsi::put_big_endian(std::span<std::uint8_t>(cdb), 10, 4, range.count.value);
  session.command(lun, cdb, {}, bytes, std::move(done));
}

void send_unmap(initiator::Session& session, std::uint16_t lun, BlockRange range, bool flush,
                initiator::Done done) {
  if (!flush) {
    session.unmap(lun, range.first, range.count, std::move(done));
    return;
  }
  session.unmap(lun, range.first, range.count,
                [&session, lun, done = std::move(done)](const initiator::Completion& ended) {
                  if (is_good(ended)) {
                    session.synchronize_cache(lun, done);
                  } else {
                    done(ended);
                  }
                });
}

void send_image(initiator::Session& session, std::uint16_t lun, BlockRange range, bool fua,
                const store::Image& image, std::uint64_t offset, std::uint32_t block_bytes,
                initiator::Done done) {
  auto bytes = std::make_shared<std::vector<std::byte>>(
      static_cast<std::size_t>(range.count.value * block_bytes));
  if (image.read_bytes(offset, *bytes)) {
    send_write(
        session, lun, range, fua, *bytes,
        [bytes, done = std::move(done)](const initiator::Completion& ended) { done(ended); });
  } else {
    session.command(lun, {}, {}, {}, std::move(done));  // no command: it is cancelled
  }
}

}  // namespace lockstep::peer
