// Volumes that survive the process: a directory with the content of extents in one file and the map
// nodes and the catalogue in LMDB.
//
// Volumes from here are ordinary Volumes and behave alike, except that Volume::commits() is not
// null. What has taken effect is in memory until a commit has written it: a commit takes one
// instant of all volumes, writes the extents that are not on disk to slots of the data file that no
// earlier commit refers to, makes them durable, and then publishes the changed nodes and the
// catalogue in one transaction. After a crash the store is what its last commit published: each
// write, unmap or compare-and-write is there whole or not at all, and in the order in which they
// took effect.
//
// LUNs: the store knows names, not LUNs. A target keeps "target name/LUN" (any text that its
// configuration makes stable) as the name: find_volume(name), or create_volume(name, …) when it is
// not there; scsi::LogicalUnit takes the volume as it takes any other. Identifiers that must not
// change (the NAA of VPD page 83h) belong beside it with put().
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/units.hpp"
#include "target_impl/store/commits.hpp"
#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::store {

struct DurableOptions {
  // Of what volumes and images map; what exceeds it is WriteResult::OutOfSpace. While a commit runs
  // up to `dirty` more is let through, because rewriting what it still holds takes fresh extents.
  ByteCount capacity{std::uint64_t{1} << 40};
  // Content on disk that is also kept in memory. More is read again when it is asked for.
  ByteCount cache{std::uint64_t{256} << 20};
  // Content in memory that no commit has written: a commit begins when it is reached, and writers
  // that call Volume::admit() wait when there is twice as much.
  ByteCount dirty{std::uint64_t{64} << 20};
  // Disk blocks that became free and are kept for the writes to come; more go back to the file
  // system.
  ByteCount spare{std::uint64_t{64} << 20};
  // What nobody asked to be durable is written after this time. 0: only when asked.
  std::uint32_t commit_interval_ms = 1000;
  bool may_create = true;  // false: a directory that holds no store is refused
};

// Whether the two are one map: constant time. False says nothing about their content.
[[nodiscard]] bool is_same_map(const Image& left, const Image& right) noexcept;

struct VolumeEntry {
  std::string name;
  BlockCount blocks;
  BlockSize block_size;
  friend bool operator==(const VolumeEntry&, const VolumeEntry&) = default;
};

struct DurableStatistics {
  std::uint64_t commits = 0;         // that published something
  std::uint64_t failed_commits = 0;  // since the process began, as everything here
  std::uint64_t extents_written = 0;
  std::uint64_t nodes_written = 0;
  std::uint64_t dirty_bytes = 0;
  std::uint64_t cached_bytes = 0;
  std::uint64_t file_bytes = 0;        // of slots that are in use in the data file
  std::uint64_t unreadable_reads = 0;  // that failed, or whose checksum was wrong
};

// Names and keys: 1..255 bytes. Values: at most 128 KiB each. Thread-safe.
//
// Catalogue changes (create, remove, put, …) are durable after the next commit, in one transaction
// with the content of that instant; commit() waits for it.
class DurableStore {
 public:
  // `directory` is created when it does not exist (its parent must). Refused with a reason
  // (Origin::Config): a directory of something else, a store of another format version, a damaged
  // one, one that another process has open. Content is not read: what is damaged in it is reported
  // by the read that meets it.
  [[nodiscard]] static Result<std::unique_ptr<DurableStore>> open(
      const std::string& directory, const DurableOptions& options = {});
  // Commits. Volumes that others still hold can be read and written afterwards, in memory only.
  ~DurableStore();
  DurableStore(const DurableStore&) = delete;
  DurableStore& operator=(const DurableStore&) = delete;

  [[nodiscard]] const std::shared_ptr<Pool>& pool() const noexcept;
  [[nodiscard]] const std::shared_ptr<Commits>& commits() const noexcept;

  // Origin::Usage: the name is taken or not acceptable, or the size is not what Volume asks for.
  [[nodiscard]] Result<std::shared_ptr<Volume>> create_volume(std::string_view name,
                                                              BlockCount blocks,
                                                              BlockSize block_size);
  [[nodiscard]] std::shared_ptr<Volume> find_volume(std::string_view name) const;  // null: none
  // From now on in the catalogue, under a name that is free or already its own. Origin::Usage: a
  // volume of another pool, or a name that is taken.
  [[nodiscard]] Status keep_volume(std::string_view name, const std::shared_ptr<Volume>& volume);
  // False: no such volume. Who still holds it goes on without the store.
  bool remove_volume(std::string_view name);
  [[nodiscard]] std::vector<VolumeEntry> volumes() const;  // by name

  // Images are kept until removed. Replaces an image of that name. Origin::Usage: an image of
  // volumes of another pool.
  [[nodiscard]] Status keep_image(std::string_view name, const Image& image);
  [[nodiscard]] std::optional<Image> find_image(std::string_view name) const;
  bool remove_image(std::string_view name);
  [[nodiscard]] std::vector<std::string> images() const;  // by name

  // State of other parts, by key ("reservations/<target>/<LUN>"). Origin::Usage: too large.
  [[nodiscard]] Status put(std::string_view key, std::span<const std::byte> value);
  [[nodiscard]] std::optional<std::vector<std::byte>> get(std::string_view key) const;
  bool erase(std::string_view key);
  [[nodiscard]] std::vector<std::string> keys(std::string_view prefix) const;

  // While the lock is held no commit takes its instant: all that changes meanwhile, content of
  // volumes included, is in one commit or in none. Taken with no lock of a volume held; whoever
  // holds it waits for no commit, nor for anybody who may be waiting for one.
  [[nodiscard]] std::unique_lock<std::mutex> hold_commits();

  // Returns when everything that has taken effect is durable.
  [[nodiscard]] CommitOutcome commit();

  [[nodiscard]] DurableStatistics statistics() const;

  struct Inside;

 private:
  explicit DurableStore(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::store
