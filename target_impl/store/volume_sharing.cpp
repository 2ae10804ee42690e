// Copies between volumes that share what can be shared.
#include "target_impl/store/expect.hpp"
#include "target_impl/store/pool.hpp"
#include "target_impl/store/volume_inside.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace lockstep::store {

using Exclusive = std::unique_lock<detail::FairSharedMutex>;

bool WriteObserver::shared(const SharedBlocks& change) noexcept {
  std::array<std::byte, kExtentBytes> data;
  bool taken = true;
  for (std::uint64_t done = 0; done != change.bytes();) {
    const std::uint64_t source = change.source + done;
    // Up to an edge of the image's extents, so that a piece is either mapped or not.
    std::uint64_t bytes = kExtentBytes - source % kExtentBytes;
    bytes = std::max<std::uint64_t>(bytes / change.block_size.bytes, 1) * change.block_size.bytes;
    bytes = std::min(bytes, change.bytes() - done);
    const Lba lba{change.first.value + done / change.block_size.bytes};
    if (change.from.is_unmapped(source, bytes)) {
      taken = zeroed(lba, BlockCount{bytes / change.block_size.bytes}) && taken;
    } else {
      const auto piece = std::span(data).first(static_cast<std::size_t>(bytes));
      taken = change.from.read_bytes(source, piece) && wrote(lba, piece) && taken;
    }
    done += bytes;
  }
  return taken;
}

// Blocks that the range covers only in part are told as they are now, the others as shared.
WriteResult Volume::Inside::tell_shared(const Image& from, CopyRange range) const {
  const std::uint64_t block = block_size.bytes;
  const std::uint64_t end = range.destination + range.bytes;
  const std::uint64_t first = range.destination / block;
  const std::uint64_t limit = end / block + (end % block != 0 ? 1 : 0);
  const std::uint64_t first_whole = first + (range.destination % block != 0 ? 1 : 0);
  const std::uint64_t limit_whole = std::max(first_whole, end / block);
  std::vector<std::byte> part(static_cast<std::size_t>(block));
  const auto tell_block = [&](std::uint64_t lba) {
    if (!map.read(lba * block, part)) {
      return WriteResult::ObserverFailed;
    }
    return tell([&](WriteObserver& observer) { return observer.wrote(Lba{lba}, part); });
  };
  WriteResult result = WriteResult::Done;
  const auto note = [&result](WriteResult one) {
    result = one == WriteResult::Done ? result : one;
  };
  if (first != first_whole) {
    note(tell_block(first));
  }
  if (first_whole != limit_whole) {
    const SharedBlocks change{Lba{first_whole}, BlockCount{limit_whole - first_whole}, block_size,
                              from, range.source + (first_whole * block - range.destination)};
    note(tell([&](WriteObserver& observer) { return observer.shared(change); }));
  }
  if (limit_whole < limit) {
    note(tell_block(limit - 1));
  }
  return result;
}

WriteResult Volume::Inside::copy_locked(const detail::ExtentMap& content, detail::CopySpan span,
                                        detail::Sharing sharing) {
  detail::Supply supply;
  const std::uint64_t needed = map.count_to_copy(content, span, sharing);
  if (pool->file() == nullptr && sharing == detail::Sharing::Allowed) {
    if (!supply.fill(pool, needed)) {
      return WriteResult::OutOfSpace;
    }
    (void)map.copy(content, span, supply, sharing);  // memory can be read
    return WriteResult::Done;
  }
  // What cannot be read must leave no trace.
  detail::ExtentMap changed = map.share();
  const std::uint64_t copies = changed.count_to_copy(content, span, sharing);
  if (!supply.fill(pool, copies, copies - needed)) {
    return WriteResult::OutOfSpace;
  }
  if (!changed.copy(content, span, supply, sharing)) {
    return WriteResult::Unreadable;
  }
  map = std::move(changed);
  return WriteResult::Done;
}

WriteResult Volume::Inside::share_locked(const Image& from, const detail::ExtentMap& content,
                                         CopyRange range) {
  const std::uint64_t size = offset_of(Lba{blocks.value});
  detail::CopySpan span{range.source, range.destination, range.bytes};
  if (range.source % kExtentBytes == range.destination % kExtentBytes &&
      range.source + range.bytes == from.size().value && range.destination + range.bytes == size) {
    // Both end here, and in both only zeros follow in the last extent: it can be shared as well.
    span.bytes = detail::extents_of(size) * kExtentBytes - span.destination;
  }
  const bool related = from.root_ == nullptr || from.root_->pool()->file() == pool->file();
  const WriteResult copied =
      copy_locked(content, span, related ? detail::Sharing::Allowed : detail::Sharing::Forbidden);
  if (copied != WriteResult::Done) {
    return copied;
  }
  return observers.empty() ? WriteResult::Done : tell_shared(from, range);
}

WriteResult Volume::share_range(const Image& from, CopyRange range) {
  const std::uint64_t size = bytes_of(inside_->blocks, inside_->block_size).value;
  detail::expect(range.destination <= size && range.bytes <= size - range.destination,
                 "Volume::share_range must stay inside the volume");
  detail::expect(
      range.source <= from.size().value && range.bytes <= from.size().value - range.source,
      "Volume::share_range must stay inside the image");
  if (range.bytes == 0) {
    return WriteResult::Done;
  }
  const detail::ExtentMap nothing(1);
  const detail::ExtentMap& content = from.root_ == nullptr ? nothing : from.root_->map();
  const Exclusive lock(inside_->mutex);
  return inside_->share_locked(from, content, range);
}

}  // namespace lockstep::store
