#include "target_impl/store/volume.hpp"

#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/expect.hpp"
#include "target_impl/store/volume_inside.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace lockstep::store {

using detail::ExtentRun;
using detail::extents_of;
using Exclusive = std::unique_lock<detail::FairSharedMutex>;
using Shared = std::shared_lock<detail::FairSharedMutex>;

Volume::Inside::Inside(BlockCount count, BlockSize size, std::shared_ptr<Pool> from)
    : blocks(count),
      block_size(size),
      pool(std::move(from)),
      map(std::max<std::uint64_t>(1, extents_of(count.value * size.bytes))) {}

void Volume::Inside::expect_inside(Lba first, std::uint64_t bytes,
                                   const char* what) const noexcept {
  detail::expect(detail::inside(first, bytes, blocks, block_size), what);
}

WriteResult Volume::Inside::write_locked(Lba first, std::span<const std::byte> data) {
  const std::uint64_t offset = offset_of(first);
  detail::Supply supply;
  const ExtentRun run{offset / kExtentBytes, extents_of(offset + data.size())};
  if (pool->file() != nullptr) [[unlikely]] {
    const WriteResult ready = prepare_locked(run, offset, offset + data.size(), supply);
    if (ready != WriteResult::Done) {
      return ready;
    }
  } else if (!data.empty() && !supply.fill(pool, map.count_to_make(run))) {
    return WriteResult::OutOfSpace;
  }
  if (write_with_twin_locked(first, data, supply)) {
    return WriteResult::Done;
  }
  map.write(offset, data, supply);
  return tell([&](WriteObserver& observer) { return observer.wrote(first, data); });
}

// One after the other, the second would wait at its lock until all of the first has left the
// processor.
bool Volume::Inside::write_with_twin_locked(Lba first, std::span<const std::byte> data,
                                            detail::Supply& supply) {
  if (observers.size() != 1 || pool->file() != nullptr || data.empty()) {
    return false;
  }
  Volume* const twin = observers.front()->twin();
  if (twin == nullptr) {
    return false;
  }
  Inside& other = *twin->inside_;
  if (other.pool->file() != nullptr || other.block_size != block_size ||
      !detail::inside(first, data.size(), other.blocks, block_size)) {
    return false;
  }
  const std::uint64_t offset = offset_of(first);
  const Exclusive lock(other.mutex);
  detail::Supply others;
  if (!other.observers.empty() ||
      !others.fill(other.pool, other.map.count_to_make(
                                   {offset / kExtentBytes, extents_of(offset + data.size())}))) {
    return false;
  }
  detail::ExtentMap::write_both({map, supply}, {other.map, others}, offset, data);
  return true;
}

// Everything that can fail, so that nothing fails half-way: space for the run, and the content of
// the extents at its ends that are changed in part.
WriteResult Volume::Inside::prepare_locked(ExtentRun run, std::uint64_t begin, std::uint64_t end,
                                           detail::Supply& supply) {
  if (begin == end) {
    return WriteResult::Done;
  }
  const std::uint64_t replaced = map.count_saved(run);
  if (!supply.fill(pool, map.count_to_make(run) + replaced, replaced)) {
    return WriteResult::OutOfSpace;
  }
  const bool head = begin % kExtentBytes != 0;
  const bool tail = end % kExtentBytes != 0;
  if ((head && !map.prepare(run.first, supply)) || (tail && !map.prepare(run.limit - 1, supply))) {
    return WriteResult::Unreadable;
  }
  return WriteResult::Done;
}

// The same for the extents that unmap zeros in part; `bytes` of 0: there is none.
WriteResult Volume::Inside::prepare_edges_locked(std::array<Edge, 2> edges,
                                                 detail::Supply& supply) {
  std::uint64_t copied = 0;
  std::uint64_t replaced = 0;
  for (const Edge& edge : edges) {
    if (edge.bytes != 0) {
      copied += map.is_shared(edge.number) ? 1U : 0U;
      replaced += map.count_saved({edge.number, edge.number + 1});
    }
  }
  if (!supply.fill(pool, copied + replaced, replaced)) {
    return WriteResult::OutOfSpace;
  }
  for (const Edge& edge : edges) {
    if (edge.bytes != 0 && !map.prepare(edge.number, supply)) {
      return WriteResult::Unreadable;
    }
  }
  return WriteResult::Done;
}

WriteResult Volume::Inside::unmap_locked(Lba first, BlockCount count) {
  const std::uint64_t begin = offset_of(first);
  const std::uint64_t end = begin + count.value * block_size.bytes;
  // The volume's last extent is whole even where the volume ends inside it: zeros lie beyond.
  const bool to_the_end = first.value + count.value == blocks.value;
  const ExtentRun whole{extents_of(begin), to_the_end ? extents_of(end) : end / kExtentBytes};

  std::uint64_t head_bytes = 0;
  std::uint64_t tail_bytes = 0;
  if (begin % kExtentBytes != 0) {
    head_bytes = std::min(end, whole.first * kExtentBytes) - begin;
  }
  if (whole.limit * kExtentBytes < end && whole.limit >= whole.first) {
    tail_bytes = end - whole.limit * kExtentBytes;
  }
  detail::Supply supply;
  const WriteResult ready = prepare_edges_locked(
      {{{begin / kExtentBytes, head_bytes}, {whole.limit, tail_bytes}}}, supply);
  if (ready != WriteResult::Done) {
    return ready;
  }
  map.zero_inside(begin, static_cast<std::size_t>(head_bytes), supply);
  map.zero_inside(end - tail_bytes, static_cast<std::size_t>(tail_bytes), supply);
  map.drop_run(whole);
  return tell([&](WriteObserver& observer) { return observer.zeroed(first, count); });
}

Volume::Volume(BlockCount blocks, BlockSize block_size, std::shared_ptr<Pool> pool) {
  detail::expect(block_size.bytes == 512 || block_size.bytes == 4096,
                 "a volume's block size is 512 or 4096");
  detail::expect(blocks.value != 0 && blocks.value <= (std::uint64_t{1} << 62) / block_size.bytes,
                 "a volume has at least one block and at most 2^62 bytes");
  detail::expect(pool != nullptr, "a volume needs a pool");
  inside_ = std::make_unique<Inside>(blocks, block_size, std::move(pool));
}

Volume::~Volume() = default;

BlockCount Volume::blocks() const noexcept { return inside_->blocks; }

BlockSize Volume::block_size() const noexcept { return inside_->block_size; }

const std::shared_ptr<Pool>& Volume::pool() const noexcept { return inside_->pool; }

const std::shared_ptr<Commits>& Volume::commits() const noexcept {
  return inside_->pool->commits();
}

void Volume::admit() const {
  const detail::ExtentFile* file = inside_->pool->file();
  if (file != nullptr && file->is_overfull()) [[unlikely]] {
    (void)commits()->wait(commits()->request());
  }
}

bool Volume::read(Lba first, std::span<std::byte> out) const {
  inside_->expect_inside(first, out.size(), "Volume::read must stay inside, in whole blocks");
  const Shared lock(inside_->mutex);
  return inside_->map.read(inside_->offset_of(first), out);
}

bool Volume::lends() const noexcept { return inside_->pool->file() == nullptr; }

void Volume::lend(Lba first, std::size_t bytes, PieceTaker& taker) const {
  inside_->expect_inside(first, bytes, "Volume::lend must stay inside, in whole blocks");
  detail::expect(lends(), "Volume::lend needs a volume whose content is in memory");
  const Shared lock(inside_->mutex);
  inside_->map.lend(inside_->offset_of(first), bytes, taker);
}

WriteResult Volume::write(Lba first, std::span<const std::byte> data) {
  inside_->expect_inside(first, data.size(), "Volume::write must stay inside, in whole blocks");
  const Exclusive lock(inside_->mutex);
  return inside_->write_locked(first, data);
}

WriteResult Volume::write_lent(Lba first, std::span<const std::byte> data) {
  inside_->expect_inside(first, data.size(),
                         "Volume::write_lent must stay inside, in whole blocks");
  const Exclusive lock(inside_->mutex);
  if (inside_->observers.empty()) {
    return inside_->write_locked(first, data);
  }
  const std::vector<std::byte> as_read(data.begin(), data.end());
  return inside_->write_locked(first, as_read);
}

WriteResult Volume::unmap(Lba first, BlockCount count) {
  detail::expect(count.value <= inside_->blocks.value, "Volume::unmap must stay inside");
  inside_->expect_inside(first, bytes_of(count, inside_->block_size).value,
                         "Volume::unmap must stay inside");
  const Exclusive lock(inside_->mutex);
  return inside_->unmap_locked(first, count);
}

WriteResult Volume::compare_and_write(Lba first, std::span<const std::byte> expected,
                                      std::span<const std::byte> data,
                                      std::size_t& mismatch_offset) {
  detail::expect(expected.size() == data.size(), "compare_and_write needs two equal sizes");
  inside_->expect_inside(first, data.size(),
                         "Volume::compare_and_write must stay inside, in whole blocks");
  const Exclusive lock(inside_->mutex);
  switch (inside_->map.compare(inside_->offset_of(first), expected, mismatch_offset)) {
    case Comparison::Equal:
      return inside_->write_locked(first, data);
    case Comparison::Different:
      return WriteResult::Miscompare;
    case Comparison::Unreadable:
      break;
  }
  return WriteResult::Unreadable;
}

Comparison Volume::compare(Lba first, std::span<const std::byte> expected,
                           std::size_t& mismatch_offset) const {
  inside_->expect_inside(first, expected.size(),
                         "Volume::compare must stay inside, in whole blocks");
  const Shared lock(inside_->mutex);
  return inside_->map.compare(inside_->offset_of(first), expected, mismatch_offset);
}

bool Volume::is_mapped(Lba lba, BlockCount& run) const {
  detail::expect(lba.value < inside_->blocks.value, "Volume::is_mapped must stay inside");
  const Shared lock(inside_->mutex);
  const std::uint64_t per_extent = kExtentBytes / inside_->block_size.bytes;
  const std::uint64_t extent = lba.value / per_extent;
  const std::uint64_t limit = extents_of(inside_->offset_of(Lba{inside_->blocks.value}));
  const std::uint64_t end = inside_->map.end_of_run(extent, limit);
  run = BlockCount{std::min(end * per_extent, inside_->blocks.value) - lba.value};
  return inside_->map.is_mapped(extent);
}

}  // namespace lockstep::store
