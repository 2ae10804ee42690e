#include "target_impl/store/extent_memory.hpp"

#include "target_impl/store/volume.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <utility>

namespace lockstep::store::detail {
namespace {

constexpr std::size_t kExtentsPerChunk = ExtentMemory::kExtentsPerChunk;
static_assert(ExtentMemory::kContentBytes == kExtentBytes);
static_assert(kExtentsPerChunk == 32, "the free ones are bits of 32");
constexpr std::uint32_t kAllFree = ~std::uint32_t{0};
// Kept for reuse although none of their extents is in use: as many as are, within these bounds.
// What one snapshot gives back the next one takes, and the system would clear it in between.
constexpr std::size_t kFewestSpareChunks = 8;
constexpr std::size_t kMostSpareChunks = 128;
// Extents that must lie together are sought in so many chunks. What stays free in chunks that are
// in use is bounded by an eighth of what is used, and this.
constexpr int kChunksToSearch = 4;
constexpr std::size_t kFewestHoles = 1024;

// Aligned to its size, so that a header leads to its chunk.
constexpr std::size_t kChunkHeaderBytes = 4096;
struct alignas(kChunkHeaderBytes) Chunk {
  std::array<std::array<std::byte, ExtentMemory::kHeaderBytes>, kExtentsPerChunk> headers;
  std::byte* content = nullptr;
  std::uint32_t free = kAllFree;  // one bit per extent
  // Among the chunks with a free extent, or (next alone) among the spare ones.
  Chunk* next = nullptr;
  Chunk* previous = nullptr;
};
static_assert(sizeof(Chunk) == kChunkHeaderBytes);

[[nodiscard]] std::byte* map_content() noexcept {
  constexpr std::size_t kSize = ExtentMemory::kChunkBytes;
  void* mapped =
      ::mmap(nullptr, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    return nullptr;
  }
  auto* first = static_cast<std::byte*>(mapped);
  const std::size_t before = (kSize - reinterpret_cast<std::uintptr_t>(first) % kSize) % kSize;
  if (before != 0) {
    ::munmap(first, before);
  }
  ::munmap(first + before + kSize, kSize - before);
  ::madvise(first + before, kSize, MADV_HUGEPAGE);
  return first + before;
}

// Where the first `count` free ones in a row begin; kExtentsPerChunk: nowhere.
[[nodiscard]] std::size_t first_run(std::uint32_t free, std::size_t count) noexcept {
  for (std::size_t have = 1; have < count;) {
    const std::size_t more = std::min(have, count - have);
    free &= free >> more;
    have += more;
  }
  return static_cast<std::size_t>(std::countr_zero(free));
}

class Chunks {
 public:
  [[nodiscard]] ExtentMemory::Place take() noexcept {
    const std::lock_guard lock(mutex_);
    if (with_room_ == nullptr && !reuse_spare() && !add_chunk()) {
      return {};
    }
    return take_from(*with_room_, first_run(with_room_->free, 1), 1);
  }

  [[nodiscard]] ExtentMemory::Place take_together(std::size_t count) noexcept {
    const std::lock_guard lock(mutex_);
    Chunk* chunk = with_room_;
    for (int looked = 0; chunk != nullptr && looked != kChunksToSearch; ++looked) {
      const std::size_t index = first_run(chunk->free, count);
      if (index != kExtentsPerChunk) {
        return take_from(*chunk, index, count);
      }
      chunk = chunk->next;
    }
    const std::size_t holes = (chunks_ - spares_) * kExtentsPerChunk - used_;
    if (holes > used_ / 8 + kFewestHoles || (!reuse_spare() && !add_chunk())) {
      return {};
    }
    return take_from(*with_room_, 0, count);
  }

  void give_back(void* header) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(header);
    auto& chunk = *reinterpret_cast<Chunk*>(address / kChunkHeaderBytes * kChunkHeaderBytes);
    const std::size_t index = address % kChunkHeaderBytes / ExtentMemory::kHeaderBytes;
    const std::lock_guard lock(mutex_);
    --used_;
    ASAN_POISON_MEMORY_REGION(chunk.content + index * kExtentBytes, kExtentBytes);
    if (chunk.free == 0) {
      link(chunk);
    }
    chunk.free |= std::uint32_t{1} << index;
    if (chunk.free != kAllFree) {
      return;
    }
    unlink(chunk);
    chunk.next = std::exchange(spare_, &chunk);
    ++spares_;
    while (spares_ > std::clamp(chunks_ - spares_, kFewestSpareChunks, kMostSpareChunks)) {
      remove_spare();
    }
  }

  [[nodiscard]] std::size_t mapped_bytes() noexcept {
    const std::lock_guard lock(mutex_);
    return chunks_ * ExtentMemory::kChunkBytes;
  }

 private:
  [[nodiscard]] ExtentMemory::Place take_from(Chunk& chunk, std::size_t index,
                                              std::size_t count) noexcept {
    chunk.free &= ~(kAllFree >> (kExtentsPerChunk - count) << index);
    if (chunk.free == 0) {
      unlink(chunk);
    }
    used_ += count;
    std::byte* content = chunk.content + index * kExtentBytes;
    ASAN_UNPOISON_MEMORY_REGION(content, count * kExtentBytes);
    return {chunk.headers[index].data(), content};
  }

  [[nodiscard]] bool add_chunk() noexcept {
    auto* chunk = new (std::nothrow) Chunk;
    if (chunk == nullptr) {
      return false;
    }
    chunk->content = map_content();
    if (chunk->content == nullptr) {
      delete chunk;
      return false;
    }
    ASAN_POISON_MEMORY_REGION(chunk->content, ExtentMemory::kChunkBytes);
    link(*chunk);
    ++chunks_;
    return true;
  }

  [[nodiscard]] Chunk& take_spare() noexcept {
    Chunk& chunk = *spare_;
    spare_ = chunk.next;
    --spares_;
    return chunk;
  }

  [[nodiscard]] bool reuse_spare() noexcept {
    if (spare_ == nullptr) {
      return false;
    }
    link(take_spare());
    return true;
  }

  void remove_spare() noexcept {
    Chunk& chunk = take_spare();
    --chunks_;
    ASAN_UNPOISON_MEMORY_REGION(chunk.content, ExtentMemory::kChunkBytes);
    ::munmap(chunk.content, ExtentMemory::kChunkBytes);
    delete &chunk;
  }

  void link(Chunk& chunk) noexcept {
    chunk.previous = nullptr;
    chunk.next = with_room_;
    if (with_room_ != nullptr) {
      with_room_->previous = &chunk;
    }
    with_room_ = &chunk;
  }

  void unlink(Chunk& chunk) noexcept {
    (chunk.previous == nullptr ? with_room_ : chunk.previous->next) = chunk.next;
    if (chunk.next != nullptr) {
      chunk.next->previous = chunk.previous;
    }
  }

  std::mutex mutex_;
  Chunk* with_room_ = nullptr;  // some extents in use, some free
  Chunk* spare_ = nullptr;      // none in use
  std::size_t chunks_ = 0;      // of any kind
  std::size_t spares_ = 0;
  std::size_t used_ = 0;  // extents
};

// Never destroyed: volumes of static lifetime may still give back.
Chunks& chunks() noexcept {
  static Chunks& all = *new Chunks;
  return all;
}

}  // namespace

ExtentMemory::Place ExtentMemory::take() noexcept { return chunks().take(); }

ExtentMemory::Place ExtentMemory::take_together(std::size_t places) noexcept {
  return chunks().take_together(places);
}

ExtentMemory::Place ExtentMemory::Place::neighbour(std::size_t distance) const noexcept {
  return {static_cast<std::byte*>(header) + distance * kHeaderBytes,
          content + distance * kExtentBytes};
}

void ExtentMemory::give_back(void* header) noexcept { chunks().give_back(header); }

std::size_t ExtentMemory::mapped_bytes() noexcept { return chunks().mapped_bytes(); }

}  // namespace lockstep::store::detail
