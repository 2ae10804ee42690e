// Which parts of a claimed logical unit have been changed, in a file: each is noted there, durably,
// before the first change of it goes out.
//
// Notes belong to generations. The owner begins one, brings the peer and its own records to agree,
// and keeps the generation's number with those records; whatever was noted in that generation or a
// later one may hold something else, in this process or the next. A file that is not there, is
// damaged or belongs to another size counts as everything noted.
#pragma once

#include "model/port/data_path.hpp"
#include "target_impl/store/volume.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::peer {

using Ranges = std::vector<store::BlockRange>;
using Generation = std::uint64_t;

// Thread-safe.
class ChangeRecord {
 public:
  // What the owner's records agree with is older than `settled`.
  ChangeRecord(std::string path, VolumeGeometry geometry, Generation settled);
  ~ChangeRecord();
  ChangeRecord(const ChangeRecord&) = delete;
  ChangeRecord& operator=(const ChangeRecord&) = delete;

  // Waits for the disk if a part is new in this generation. False: the disk refused it, and the
  // change must not go out.
  [[nodiscard]] bool note(const Ranges& ranges);
  [[nodiscard]] bool note_all();
  // Whether noting it would wait for nothing; false also where that takes waiting to know.
  [[nodiscard]] bool has_noted(const store::BlockRange& range) const;
  // What is noted from here on belongs to it.
  [[nodiscard]] Generation begin_generation();
  // Noted in that generation or later: whole parts, ascending, not touching.
  [[nodiscard]] Ranges since(Generation generation) const;
  [[nodiscard]] std::size_t parts_since(Generation generation) const;

 private:
  static constexpr std::size_t kMostParts = 4096;
  [[nodiscard]] bool read_file();
  [[nodiscard]] bool write_parts(std::size_t first, std::size_t end);

  const VolumeGeometry geometry_;
  const std::uint64_t part_blocks_;
  const int descriptor_;
  mutable std::mutex mutex_;
  Generation generation_;
  std::vector<Generation> parts_;  // in which each was last noted; 0: never
};

}  // namespace lockstep::peer
