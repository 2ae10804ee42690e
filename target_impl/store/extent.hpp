// What the radix map is made of: holders-counted extents and nodes.
//
// A thing with one holder, reached through parents that all have one holder, belongs to the map
// that reaches it and may be changed in place. The test is free of races: new holders come only
// from somebody who holds the thing already, so a count of one cannot rise behind the owner's back,
// and the acquire load pairs with the release of whoever let go last.
#pragma once

#include "target_impl/store/extent_memory.hpp"
#include "target_impl/store/pool.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace lockstep::store::detail {

struct Counted {
  void hold() const noexcept { holders.fetch_add(1, std::memory_order_relaxed); }
  // True when the caller was the last holder and must destroy it.
  [[nodiscard]] bool let_go() const noexcept {
    return holders.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  [[nodiscard]] bool held_once() const noexcept {
    return holders.load(std::memory_order_acquire) == 1;
  }

  // Of an extent, what backs others (Extent::lay_over) adds kBacks for each of them.
  static constexpr std::uint64_t kBacks = std::uint64_t{1} << 32;
  mutable std::atomic<std::uint64_t> holders{1};
};

// 64 KiB of content. The pool's count is taken before make() and given back by destroy(). In a
// durable pool it is a DurableExtent, whose content may be on disk only.
//
// In memory, one that comes in the place of a shared one need not copy it at once: pages that it
// misses are those of the shared one, which backs it, and each write moves a few. So the first
// write after a snapshot costs about as much as any other. What only backs others counts in no pool
// any more, so the pool bounds how many there are.
struct Extent : Counted {
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kPages = 16;

  // Content undefined, may be written; nullptr when there is no memory.
  [[nodiscard]] static Extent* make(const std::shared_ptr<Pool>& pool) noexcept;
  // The same of memory that there is already, for a pool in memory; its content stays.
  [[nodiscard]] static Extent* make_at(const ExtentMemory::Place& place,
                                       std::shared_ptr<Pool> pool) noexcept;
  static void destroy(Extent* extent) noexcept;
  // Of one in memory that does not count in its pool, or whose count passes to another.
  static void destroy_uncounted(Extent* extent) noexcept;

  // Of one that a map alone holds: makes the content its own but for what is then overwritten.
  // Nothing is overwritten: all of it.
  void prepare(std::size_t first, std::size_t bytes) noexcept {
    if (missing != 0) [[unlikely]] {
      fill(first, bytes);
    }
  }
  // Of a new one, before a map overwrites a part of it: leaves the other pages to `shared`, which
  // that map held. True: that hold has ended.
  [[nodiscard]] bool lay_over(Extent& shared, std::size_t first, std::size_t bytes) noexcept;
  // Whether the page with this byte is still that of `backing`.
  [[nodiscard]] bool misses(std::size_t at) const noexcept {
    return (missing >> (at / kPageBytes) & 1U) != 0;
  }

  // Not of a durable one that is saved.
  [[nodiscard]] std::byte* data() noexcept { return content; }
  [[nodiscard]] const std::byte* data() const noexcept { return content; }

  bool durable = false;
  std::uint16_t missing = 0;     // a bit for each page
  std::byte* content = nullptr;  // elsewhere than this header; see ExtentMemory
  std::shared_ptr<Pool> pool;
  Extent* next = nullptr;     // in a Supply only
  Extent* backing = nullptr;  // misses nothing itself

 private:
  void fill(std::size_t first, std::size_t bytes) noexcept;
  void fill_page(std::size_t page) noexcept;
  void overwrite(std::size_t first, std::size_t bytes) noexcept;
  void let_backing_go() noexcept;
  friend void drop(Counted* thing, unsigned level) noexcept;
  void let_go_by_map() noexcept;
};

// What an absent extent holds.
[[nodiscard]] std::span<const std::byte, kExtentBytes> zero_content() noexcept;

inline constexpr unsigned kFanOutBits = 8;
inline constexpr std::size_t kFanOut = std::size_t{1} << kFanOutBits;

class ExtentFile;

// Children are Extents at level 1, Nodes of the level below otherwise. Null: all zeros.
//
// Every change of a node, and so of the path above it, clears `saved`: a commit writes what is not
// saved and looks below nothing else.
struct Node : Counted {
  bool saved = false;  // the store has it under `id` as it is
  std::array<Counted*, kFanOut> children{};
  std::uint32_t occupied = 0;     // children that are not null
  std::uint64_t id = 0;           // in a store; 0: none has seen it
  ExtentFile* file = nullptr;     // of the store that gave the id
  std::uint64_t commit_mark = 0;  // the commit that has seen it; that store's thread only
};

// Drops one holder of what stands at `level` (0: an extent); null is allowed.
void drop(Counted* thing, unsigned level) noexcept;

// Fresh extents, reserved and allocated before a change begins so that the change cannot fail
// half-way. What was not taken goes back.
class Supply {
 public:
  Supply() = default;
  ~Supply();
  Supply(const Supply&) = delete;
  Supply& operator=(const Supply&) = delete;

  // False when pool or memory cannot give that many; then it stays empty. `replacements` of them
  // take the place of extents that go, and are not held against the pool's capacity.
  [[nodiscard]] bool fill(const std::shared_ptr<Pool>& pool, std::uint64_t extents,
                          std::uint64_t replacements = 0) noexcept;
  void put_back(Extent* extent) noexcept;
  // Content undefined. Never called more often than there are extents.
  [[nodiscard]] Extent* take() noexcept;

 private:
  Extent* first_ = nullptr;
};

}  // namespace lockstep::store::detail
