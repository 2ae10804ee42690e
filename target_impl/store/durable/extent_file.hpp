// The content of durable extents: the data file's slots, the memory that holds content, and the
// rule that lets a commit work beside writers.
//
// A durable extent is dirty (no slot: its content is in memory and has never been written) or saved
// (it has a slot and never changes again). Whoever wants to change a saved extent makes a dirty one
// in its place; a dirty one that a commit is about to write is shared with the commit's snapshot
// and therefore copied as any shared extent is. A slot whose extent is gone is used again only
// after a commit that began later has been published: until then the one before still refers to it.
//
// Every dirty extent has a slot reserved for it with disk blocks behind it, so a full disk shows at
// the write that needs space and not at the commit.
#pragma once

#include "target_impl/store/durable/slot_map.hpp"
#include "target_impl/store/durable/storage.hpp"
#include "target_impl/store/extent.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lockstep::store::detail {

// `content` is guarded by its shard's mutex once it is saved, and null while it is on disk only.
struct DurableExtent final : Extent {
  std::uint64_t slot = 0;           // 0: dirty
  std::uint64_t commit_mark = 0;    // the commit that has seen it; the commit's thread only
  DurableExtent* before = nullptr;  // in the shard's ring of content that may be dropped
  DurableExtent* after = nullptr;
  std::uint32_t crc = 0;  // with a slot
  bool referenced = false;
};

// Thread-safe.
class ExtentFile {
 public:
  struct Limits {
    std::uint64_t cached_extents;
    std::uint64_t dirty_extents;
    std::uint64_t spare_extents;
  };
  // `slots`: as many as the file holds, and those that are in use marked so.
  ExtentFile(std::unique_ptr<Storage> storage, SlotMap slots, Limits limits);
  ~ExtentFile();
  ExtentFile(const ExtentFile&) = delete;
  ExtentFile& operator=(const ExtentFile&) = delete;

  // Slots for `extents` dirty extents. False: the disk is full. The last few are for extents that
  // only take the place of others, so that what is mapped can be rewritten on a full disk.
  enum class Purpose : std::uint8_t { Growth, Replacement };
  [[nodiscard]] bool reserve(std::uint64_t extents, Purpose purpose) noexcept;
  void release(std::uint64_t extents) noexcept;
  // How much more than the capacity may be mapped at this moment.
  [[nodiscard]] std::uint64_t slack() const noexcept {
    return committing_.load(std::memory_order_relaxed) ? limits_.dirty_extents : 0;
  }
  [[nodiscard]] bool wants_commit() const noexcept { return dirty() >= limits_.dirty_extents; }
  [[nodiscard]] bool is_overfull() const noexcept { return dirty() >= 2 * limits_.dirty_extents; }
  [[nodiscard]] std::uint64_t dirty() const noexcept {
    return dirty_.load(std::memory_order_relaxed);
  }

  // A dirty extent, reserved before; content undefined. Null: no memory.
  [[nodiscard]] DurableExtent* make() noexcept;
  void destroy(DurableExtent* extent) noexcept;
  void node_gone(std::uint64_t id) noexcept;

  // Content, held in memory as long as this lives. Null bytes: it cannot be read or its checksum is
  // wrong. One at a time per thread.
  class Access {
   public:
    [[nodiscard]] const std::byte* bytes() const noexcept { return bytes_; }

   private:
    friend class ExtentFile;
    Access(std::unique_lock<std::mutex> lock, const std::byte* bytes) noexcept
        : lock_(std::move(lock)), bytes_(bytes) {}
    std::unique_lock<std::mutex> lock_;
    const std::byte* bytes_;
  };
  [[nodiscard]] Access access(const DurableExtent& extent) noexcept;

  // For the thread that commits.
  struct Gone {
    std::vector<std::uint64_t> slots;
    std::vector<std::uint64_t> nodes;
  };
  void begin_commit() noexcept { committing_.store(true, std::memory_order_relaxed); }
  void end_commit() noexcept { committing_.store(false, std::memory_order_relaxed); }
  // What went before this call: not part of any snapshot taken afterwards.
  [[nodiscard]] Gone take_gone();
  // Not published: still to be taken.
  void keep_gone(Gone gone);
  // Published: the slots may be used again.
  void recycle(const std::vector<std::uint64_t>& slots);
  // Writes dirty extents and makes them durable, then saved. 0 or an errno value; then all of them
  // are still dirty.
  [[nodiscard]] int save(std::span<DurableExtent* const> extents);
  [[nodiscard]] int publish(Transaction& transaction) noexcept {
    return storage_->publish(transaction);
  }

  [[nodiscard]] std::uint64_t cached_extents() const noexcept;
  [[nodiscard]] std::uint64_t used_slots() const noexcept;
  [[nodiscard]] std::uint64_t unreadable_reads() const noexcept {
    return unreadable_.load(std::memory_order_relaxed);
  }

 private:
  struct alignas(64) Shard {
    std::mutex mutex;
    DurableExtent* hand = nullptr;
    std::atomic<std::uint64_t> cached{0};
  };
  [[nodiscard]] Shard& shard_of(const DurableExtent& extent) noexcept;
  [[nodiscard]] bool load(DurableExtent& extent) noexcept;
  void enter_ring(Shard& shard, DurableExtent& extent) noexcept;
  static void leave_ring(Shard& shard, DurableExtent& extent) noexcept;
  void shrink(Shard& shard) noexcept;
  [[nodiscard]] int write_slots(std::span<DurableExtent* const> extents,
                                std::span<const std::uint64_t> slots) noexcept;

  const std::unique_ptr<Storage> storage_;
  const Limits limits_;
  std::atomic<bool> committing_{false};
  std::atomic<std::uint64_t> dirty_{
      0};  // with reservations; changed under space_mutex_ when it grows
  std::atomic<std::uint64_t> unreadable_{0};

  mutable std::mutex space_mutex_;
  SlotMap slots_;

  std::mutex gone_mutex_;
  Gone gone_;

  std::array<Shard, 16> shards_;
};

}  // namespace lockstep::store::detail
