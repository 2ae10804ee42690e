// The memory of extents in memory: content in huge pages where the system gives them, headers
// packed apart.
//
// A random access then costs at most one miss of the translation cache, and asking whether an
// extent is shared touches one line of 1 MiB per GiB of content, not a line beside each content.
#pragma once

#include <cstddef>

namespace lockstep::store::detail {

// For the whole process; thread-safe. Memory goes back to the system in units of kChunkBytes, when
// no extent of the unit is in use and enough such units are kept already.
class ExtentMemory {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{2} << 20;  // a huge page
  static constexpr std::size_t kHeaderBytes = 64;                   // and their alignment
  static constexpr std::size_t kExtentsPerChunk = 32;
  static constexpr std::size_t kContentBytes = kChunkBytes / kExtentsPerChunk;

  struct Place {
    void* header = nullptr;        // kHeaderBytes, undefined; null: there is no memory
    std::byte* content = nullptr;  // kContentBytes, undefined
    // Of places taken together: the one that many places on.
    [[nodiscard]] Place neighbour(std::size_t distance) const noexcept;
  };
  [[nodiscard]] static Place take() noexcept;
  // The first of 1 to kExtentsPerChunk places whose contents lie together; each is given back by
  // itself. No memory as well when it would leave too much free in between, or need a long search.
  [[nodiscard]] static Place take_together(std::size_t places) noexcept;
  // `header` as take() gave it.
  static void give_back(void* header) noexcept;

  // Taken from the system, in use or kept.
  [[nodiscard]] static std::size_t mapped_bytes() noexcept;
};

}  // namespace lockstep::store::detail
