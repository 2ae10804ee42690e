// The private half of a Volume, shared by the files that implement it.
#pragma once

#include "target_impl/store/extent_map.hpp"
#include "target_impl/store/fair_shared_mutex.hpp"
#include "target_impl/store/root.hpp"
#include "target_impl/store/volume.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::store {

// Functions named *_locked want the mutex held exclusively.
struct Volume::Inside {
  Inside(BlockCount count, BlockSize size, std::shared_ptr<Pool> from);

  [[nodiscard]] std::uint64_t offset_of(Lba lba) const noexcept {
    return lba.value * block_size.bytes;
  }
  void expect_inside(Lba first, std::uint64_t bytes, const char* what) const noexcept;

  [[nodiscard]] WriteResult write_locked(Lba first, std::span<const std::byte> data);
  // False: nothing was changed.
  [[nodiscard]] bool write_with_twin_locked(Lba first, std::span<const std::byte> data,
                                            detail::Supply& supply);
  [[nodiscard]] WriteResult land_locked(Lba first, std::span<const std::byte> data,
                                        Landing& landing);
  // Of durable volumes.
  [[nodiscard]] WriteResult prepare_locked(detail::ExtentRun run, std::uint64_t begin,
                                           std::uint64_t end, detail::Supply& supply);
  struct Edge {
    std::uint64_t number;
    std::uint64_t bytes;
  };
  [[nodiscard]] WriteResult prepare_edges_locked(std::array<Edge, 2> edges, detail::Supply& supply);
  [[nodiscard]] WriteResult unmap_locked(Lba first, BlockCount count);
  // `content` is what `from` holds.
  [[nodiscard]] WriteResult share_locked(const Image& from, const detail::ExtentMap& content,
                                         CopyRange range);
  [[nodiscard]] WriteResult copy_locked(const detail::ExtentMap& content, detail::CopySpan span,
                                        detail::Sharing sharing);
  [[nodiscard]] WriteResult tell_shared(const Image& from, CopyRange range) const;
  [[nodiscard]] Image snapshot_locked() const;
  void attach_locked(WriteObserver& observer);
  void detach_locked(WriteObserver& observer) noexcept;

  // Every observer is told, even when an earlier one refused.
  template <class Tell>
  [[nodiscard]] WriteResult tell(Tell&& tell_one) const {
    WriteResult result = WriteResult::Done;
    for (WriteObserver* observer : observers) {
      result = tell_one(*observer) ? result : WriteResult::ObserverFailed;
    }
    return result;
  }

  const BlockCount blocks;
  const BlockSize block_size;
  const std::shared_ptr<Pool> pool;
  mutable detail::FairSharedMutex mutex;
  detail::ExtentMap map;
  std::vector<WriteObserver*> observers;
};

}  // namespace lockstep::store
