// The persistent radix map from extent number to extent. Not synchronised: a map that several
// threads reach is either never changed (an image's) or guarded by its volume's lock.
#pragma once

#include "target_impl/store/extent.hpp"
#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace lockstep::store::detail {

// Extent numbers [first, limit).
struct ExtentRun {
  std::uint64_t first;
  std::uint64_t limit;
};

// A range of one map and where it goes in another, in bytes.
struct CopySpan {
  std::uint64_t source;
  std::uint64_t destination;
  std::uint64_t bytes;
};

// Extents are shared only between maps of one durable store, or of none.
enum class Sharing : std::uint8_t { Allowed, Forbidden };

class ExtentMap {
 public:
  // For extent numbers 0 .. extents - 1; `extents` at least 1.
  explicit ExtentMap(std::uint64_t extents) noexcept;
  // Takes over one hold of `top`, which may be null.
  ExtentMap(Counted* top, unsigned levels) noexcept : top_(top), levels_(levels) {}
  ~ExtentMap() { drop(top_, levels_); }
  ExtentMap(ExtentMap&& other) noexcept
      : top_(std::exchange(other.top_, nullptr)), levels_(other.levels_) {}
  ExtentMap& operator=(ExtentMap&& other) noexcept;
  ExtentMap(const ExtentMap&) = delete;
  ExtentMap& operator=(const ExtentMap&) = delete;

  // The same content, held once more. Constant time. From now on neither map changes what both
  // hold.
  [[nodiscard]] ExtentMap share() const noexcept;
  // Room for more extents; the content stays. Fewer is not possible.
  void widen(std::uint64_t extents);

  [[nodiscard]] const Counted* top() const noexcept { return top_; }
  [[nodiscard]] unsigned levels() const noexcept { return levels_; }
  [[nodiscard]] static unsigned levels_for(std::uint64_t extents) noexcept;

  // Offsets and sizes in bytes; the caller keeps them inside. False: durable content that cannot be
  // read; it reads as zeros.
  [[nodiscard]] bool read(std::uint64_t offset, std::span<std::byte> out) const noexcept;
  // The same without copying; of maps whose content is in memory.
  void lend(std::uint64_t offset, std::size_t bytes, PieceTaker& taker) const;
  // With Different, `mismatch` gets the offset of the first difference inside `expected`.
  [[nodiscard]] Comparison compare(std::uint64_t offset, std::span<const std::byte> expected,
                                   std::size_t& mismatch) const noexcept;

  // How many extents of the run a write has to take from a Supply: the absent and the shared ones.
  [[nodiscard]] std::uint64_t count_to_make(ExtentRun run) const noexcept;
  // How many of the run count_to_make() leaves out although a write has to replace them: those that
  // a durable store has saved.
  [[nodiscard]] std::uint64_t count_saved(ExtentRun run) const noexcept;
  // Whether the extent exists and is shared with another map.
  [[nodiscard]] bool is_shared(std::uint64_t number) const noexcept;
  // Before write() and zero_inside() in a durable volume: makes an extent that will be changed in
  // part ready, if it is mapped. False: its content cannot be read, and stays.
  [[nodiscard]] bool prepare(std::uint64_t number, Supply& supply);
  void write(std::uint64_t offset, std::span<const std::byte> data, Supply& supply);
  struct Written {
    ExtentMap& map;
    Supply& supply;
  };
  static void write_both(Written one, Written other, std::uint64_t offset,
                         std::span<const std::byte> data);
  // Makes one extent of this map, in memory, what has arrived at `place`. True: it took the count
  // in the pool of the one that it replaces; else the caller has reserved one in `pool`.
  [[nodiscard]] bool replace(std::uint64_t number, const ExtentMemory::Place& place,
                             const std::shared_ptr<Pool>& pool);
  // Zeros a part of one extent; absent extents stay absent.
  void zero_inside(std::uint64_t offset, std::size_t bytes, Supply& supply);
  void drop_run(ExtentRun run);

  // Makes the span hold what `from` holds. Where both offsets are equal modulo kExtentBytes, whole
  // extents (and whole subtrees of them) are held once more instead of being copied; where `from`
  // has nothing, whole extents become absent. `from` may share nodes with this map, but is another.
  // False: durable content cannot be read; then a part may have been done, so a durable volume does
  // this to a shared map that it then takes or drops.
  [[nodiscard]] bool copy(const ExtentMap& from, CopySpan span, Supply& supply, Sharing sharing);
  // How many extents that takes from the Supply (in a durable map: if it is shared).
  [[nodiscard]] std::uint64_t count_to_copy(const ExtentMap& from, CopySpan span,
                                            Sharing sharing) const noexcept;
  // Whether no extent holds any of the bytes.
  [[nodiscard]] bool is_absent(std::uint64_t offset, std::uint64_t bytes) const noexcept;

  [[nodiscard]] bool is_mapped(std::uint64_t number) const noexcept {
    return find(number) != nullptr;
  }
  // The first number in [from, limit) whose answer of is_mapped differs from that of `from`.
  [[nodiscard]] std::uint64_t end_of_run(std::uint64_t from, std::uint64_t limit) const noexcept;
  // Ascending, merged.
  [[nodiscard]] std::vector<ExtentRun> mapped() const;
  // Runs whose extents are not the same object in both. Equal sizes only.
  [[nodiscard]] static std::vector<ExtentRun> diff(const ExtentMap& a, const ExtentMap& b);

 private:
  [[nodiscard]] const Extent* find(std::uint64_t number) const noexcept;
  // Of an extent, what its next writer overwrites.
  struct Overwritten {
    std::size_t first = 0;
    std::size_t bytes = 0;
  };
  static constexpr Overwritten kNothing{0, 0};
  static constexpr Overwritten kWhole{0, kExtentBytes};
  // The extent, held by this map alone, with the old content, or zeros, but for what is
  // overwritten. Null: it cannot be read, which prepare() rules out.
  [[nodiscard]] Extent* own(std::uint64_t number, Supply& supply, Overwritten overwritten);
  // `from` may be null: zeros. False: it cannot be read.
  [[nodiscard]] static bool make_content(Extent& fresh, const Extent* from,
                                         Overwritten overwritten) noexcept;
  // The node above the extent, held by this map alone as all on the way to it.
  [[nodiscard]] Node* own_parent(std::uint64_t number);
  // `bytes` lie inside one extent of this map.
  [[nodiscard]] bool copy_inside(const ExtentMap& from, CopySpan piece, Supply& supply);
  [[nodiscard]] bool makes_one(const ExtentMap& from, CopySpan piece) const noexcept;

  Counted* top_ = nullptr;
  unsigned levels_ = 1;
};

}  // namespace lockstep::store::detail
