// Volumes, in memory or (durable_store.hpp) on disk too: copy-on-write maps of 64 KiB extents with
// snapshots in constant time.
//
// A volume's content is a persistent radix map from extent number to extent. Nodes and extents are
// immutable once shared; a node that only this volume holds is written in place, any other is
// copied on the path, an extent in memory page by page with the writes that follow. Taking an Image
// (a snapshot, a clone's source, a copy token) holds the root: constant time and space, whatever
// the size. Comparing two images skips equal nodes: cost follows the change. Unmapped extents read
// as zeros and take no space.
#pragma once

#include "model/vocab/units.hpp"
#include "target_impl/store/lending.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::store {

inline constexpr std::size_t kExtentBytes = 64 * 1024;

struct BlockRange {
  Lba first;
  BlockCount count;
  friend bool operator==(const BlockRange&, const BlockRange&) = default;
};

// Counts the extents that volumes drawn from it map. Thread-safe. Volumes and images keep it alive.
// An extent that several volumes and images share counts once, in the pool of the volume that wrote
// it, until the last of them lets go.
class Pool;
[[nodiscard]] std::shared_ptr<Pool> make_pool(ByteCount capacity);
[[nodiscard]] ByteCount capacity_of(const Pool& pool) noexcept;
[[nodiscard]] ByteCount used_of(const Pool& pool) noexcept;

class Commits;
class Landing;

namespace detail {
class Root;
struct Door;  // the durable store's way in
}  // namespace detail

// All that `equals` can find.
enum class Comparison : std::uint8_t {
  Equal,
  Different,
  Unreadable,  // durable content was damaged or could not be read
};

// What a volume held at one instant. A value: cheap to copy, immutable, safe to read from any
// thread while the volume goes on being written.
class Image {
 public:
  Image() = default;  // no blocks
  [[nodiscard]] BlockCount blocks() const noexcept { return blocks_; }
  [[nodiscard]] BlockSize block_size() const noexcept { return block_size_; }

  // [first, first + out.size() / block size) must lie inside; out is a whole number of blocks.
  // False: see Volume::read.
  bool read(Lba first, std::span<std::byte> out) const;

  // Ranges that may hold anything but zeros, ascending, merged, in whole extents (clipped at the
  // end).
  [[nodiscard]] std::vector<BlockRange> mapped() const;

  // The same by bytes, at any alignment, for those whose blocks have another size.
  [[nodiscard]] ByteCount size() const noexcept { return bytes_of(blocks_, block_size_); }
  // False: see Volume::read.
  bool read_bytes(std::uint64_t offset, std::span<std::byte> out) const;
  // Whether nothing was mapped there: the bytes are zeros then (and may be otherwise).
  [[nodiscard]] bool is_unmapped(std::uint64_t offset, std::uint64_t bytes) const noexcept;

 private:
  friend class Volume;
  friend struct detail::Door;
  friend std::vector<BlockRange> diff(const Image& older, const Image& newer);
  std::shared_ptr<const detail::Root> root_;
  BlockCount blocks_;
  BlockSize block_size_;
};

// Ranges in which the two may differ, ascending, merged, in whole extents. Equal sizes are
// required.
[[nodiscard]] std::vector<BlockRange> diff(const Image& older, const Image& newer);

// Blocks of a volume that were made equal to the bytes of `from` from `source` on.
struct SharedBlocks {
  Lba first;
  BlockCount count;
  BlockSize block_size;
  const Image& from;
  std::uint64_t source;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return count.value * block_size.bytes; }
};

class Volume;

// Told of each change of a volume, in the order in which the changes take effect, while the
// volume's write lock is held: a synchronous mirror is an observer that writes the other side
// before it returns. Must not call back into the same volume, and chains of observers must not lead
// back to a volume that is being written.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;
  // Another volume in memory that is to hold what is written, or null: asked before each write. One
  // that nobody observes takes the data in the same pass, and wrote() is not told of that write.
  [[nodiscard]] virtual Volume* twin() noexcept { return nullptr; }
  // False: the change is to be reported to the writer as failed (it stays on this volume).
  virtual bool wrote(Lba first, std::span<const std::byte> data) noexcept = 0;
  virtual bool zeroed(Lba first, BlockCount count) noexcept = 0;
  // The whole content was replaced by assign().
  virtual bool assigned() noexcept = 0;
  // The blocks now hold what an image holds. Another volume follows by share_range(), without
  // moving a byte; unless overridden, the change is told piece by piece as wrote() and zeroed().
  virtual bool shared(const SharedBlocks& change) noexcept;
};

// Offsets and size in bytes, inside the image and the volume.
struct CopyRange {
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  std::uint64_t bytes = 0;
};

enum class WriteResult : std::uint8_t {
  Done,
  OutOfSpace,      // the pool is full; nothing was changed
  ObserverFailed,  // changed here, but an observer refused
  Miscompare,      // compare_and_write only; nothing was changed
  Unreadable,      // durable content that had to be read is damaged; nothing was changed
};

// Thread-safe. Every call is atomic against every other: a reader sees all or nothing of one write.
class Volume {
 public:
  // `blocks` at least 1; block size 512 or 4096. Thin: nothing is taken from the pool yet.
  Volume(BlockCount blocks, BlockSize block_size, std::shared_ptr<Pool> pool);
  ~Volume();
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  [[nodiscard]] BlockCount blocks() const noexcept;
  [[nodiscard]] BlockSize block_size() const noexcept;
  [[nodiscard]] const std::shared_ptr<Pool>& pool() const noexcept;

  // Null: in memory only. Else what is acknowledged is durable after the commits that this numbers.
  [[nodiscard]] const std::shared_ptr<Commits>& commits() const noexcept;
  // Waits while far more is dirty than the durable store wants in memory; at once in memory.
  // Writers from outside call it before they write, with no volume's lock held.
  void admit() const;

  // Ranges must lie inside the volume; buffers are whole numbers of blocks. False: durable content
  // is damaged or could not be read; that part of `out` is zeros. Always true in memory.
  bool read(Lba first, std::span<std::byte> out) const;
  // Whether lend() may be called: content is in memory, always.
  [[nodiscard]] bool lends() const noexcept;
  // What read() would give, without copying it: the pieces stay as they are while they are held.
  // A write to an extent that is held copies it, if not at once, so this is for large reads and
  // short holds.
  void lend(Lba first, std::size_t bytes, PieceTaker& taker) const;
  [[nodiscard]] WriteResult write(Lba first, std::span<const std::byte> data);
  // The same, of data that were collected in a landing: of volumes in memory, what fills extents is
  // not copied but becomes the volume's. Nobody may look at `data` afterwards.
  [[nodiscard]] WriteResult write(Lba first, std::span<const std::byte> data, Landing& landing);
  // The same, of data that somebody may change meanwhile: they are read once, so that the volume
  // and its observers hold the same.
  [[nodiscard]] WriteResult write_lent(Lba first, std::span<const std::byte> data);
  // Reads as zeros afterwards; whole extents are given back to the pool.
  [[nodiscard]] WriteResult unmap(Lba first, BlockCount count);
  // Writes `data` if the range equals `expected` (same size). `mismatch_offset` gets the offset in
  // bytes of the first difference on Miscompare.
  [[nodiscard]] WriteResult compare_and_write(Lba first, std::span<const std::byte> expected,
                                              std::span<const std::byte> data,
                                              std::size_t& mismatch_offset);
  // With Different, `mismatch_offset` gets the offset in bytes of the first difference.
  [[nodiscard]] Comparison compare(Lba first, std::span<const std::byte> expected,
                                   std::size_t& mismatch_offset) const;
  // True when the extent that holds `lba` is mapped; `run` gets the number of blocks from `lba` on
  // (clipped at the end of the volume) that share that answer.
  [[nodiscard]] bool is_mapped(Lba lba, BlockCount& run) const;

  // Constant time.
  [[nodiscard]] Image snapshot();
  // Makes the content equal to `image` (not larger than this volume; what lies beyond it is
  // unmapped). Constant time when the sizes are equal.
  [[nodiscard]] WriteResult assign(const Image& image);
  // Copies bytes of `from`, at any alignment and of any block size. No content moves where both
  // offsets are equal modulo kExtentBytes: whole extents are shared, and only what is left of an
  // extent at either end is copied. `from` may be an image of this volume and the ranges may
  // overlap: it still holds what there was before.
  [[nodiscard]] WriteResult share_range(const Image& from, CopyRange range);

  // Observers are called in the order of attachment. The volume borrows them.
  void attach(WriteObserver& observer);
  // Returns once no call to the observer is under way. Unknown observers are ignored.
  void detach(WriteObserver& observer);

  // Holds writes to all the volumes while `action` runs, so that `action` sees one cut. Inside,
  // only the functions of Frozen may be used on these volumes.
  class Frozen {
   public:
    // `volume` is one of the frozen ones.
    [[nodiscard]] Image snapshot(Volume& volume);
    void attach(Volume& volume, WriteObserver& observer);
    void detach(Volume& volume, WriteObserver& observer);

   private:
    friend class Volume;
    Frozen() = default;
  };
  template <class Action>
  static void with_frozen(std::span<Volume* const> volumes, Action&& action) {
    FreezeLock lock(volumes);
    Frozen frozen;
    action(frozen);
  }

 private:
  // Takes all the write locks, never waiting for one while it holds another: neither other freezes
  // nor writers whose observers write a second frozen volume can deadlock with it.
  class FreezeLock {
   public:
    explicit FreezeLock(std::span<Volume* const> volumes);
    ~FreezeLock();
    FreezeLock(const FreezeLock&) = delete;
    FreezeLock& operator=(const FreezeLock&) = delete;

   private:
    std::vector<Volume*> volumes_;
  };

  friend struct detail::Door;
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::store
