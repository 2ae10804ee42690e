// One direction of a stream of bytes between two processes, in memory that both have mapped.
//
// The process at the other end is not trusted: it may write anything anywhere in that memory at any
// time. So each end keeps its own position to itself, believes the other's only as far as it makes
// sense, and bytes are copied out before anyone looks at them; whoever is lent them instead reads
// each once. What cannot be ruled out is garbage in the stream, and that is what the stream's
// protocol is for.
//
// The counters are read and written in one order that all threads agree on, because the
// announcement that an end sleeps relies on it (Channel).
//
// Counters run on for ever; where they stand in the ring is their remainder by its size, a power of
// two.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace lockstep::transport::bypass {

inline constexpr std::size_t kCacheLine = 64;

// What the two ends tell each other; in shared memory. Zeros: an empty ring.
struct RingCounters {
  alignas(kCacheLine) std::atomic<std::uint64_t> written{0};  // by the writer only
  alignas(kCacheLine) std::atomic<std::uint64_t> read{0};     // by the reader only
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// For one thread. Everything it is given must outlive it; `bytes` has a power of two of bytes.
class RingWriter {
 public:
  RingWriter(RingCounters& counters, std::span<std::byte> bytes) noexcept
      : counters_(&counters), bytes_(bytes) {}

  // Bytes that can be put now; looks at the reader's counter only if fewer than `wanted` were free
  // before. Zero for ever once that made no sense.
  [[nodiscard]] std::size_t space(std::size_t wanted) noexcept;
  // Copies as much as there is space for; returns how much that was. Not seen by the reader before
  // publish().
  [[nodiscard]] std::size_t put(std::span<const std::byte> from) noexcept;
  void publish() noexcept { counters_->written.store(written_); }
  [[nodiscard]] bool is_broken() const noexcept { return broken_; }
  // Where the reader says it stands: to be compared with what it said before, and not believed.
  [[nodiscard]] std::uint64_t reader_at() const noexcept { return counters_->read.load(); }
  // Where it stands when it has read everything.
  [[nodiscard]] std::uint64_t end() const noexcept { return written_; }

 private:
  RingCounters* counters_;
  std::span<std::byte> bytes_;
  std::uint64_t written_ = 0;
  std::uint64_t read_ = 0;  // by the other end, as last seen
  bool broken_ = false;
};

// For one thread; as RingWriter.
class RingReader {
 public:
  RingReader(RingCounters& counters, std::span<const std::byte> bytes) noexcept
      : counters_(&counters), bytes_(bytes) {}

  // Bytes that can be taken now; looks at the writer's counter only if none were left before. Zero
  // for ever once that made no sense.
  [[nodiscard]] std::size_t available() noexcept;
  // The same, and looks at the counter in any case.
  [[nodiscard]] std::size_t look() noexcept;
  // Copies as much as there is; returns how much that was. The writer gets the space at release().
  [[nodiscard]] std::size_t take(std::span<std::byte> to) noexcept;
  // The same, for bytes that nobody looks at soon.
  [[nodiscard]] std::size_t take_past_caches(std::span<std::byte> to) noexcept;
  // As take(), without copying: bytes that lie together, at most `most`. They are not overwritten
  // by an honest writer before release().
  [[nodiscard]] std::span<const std::byte> lend(std::size_t most) noexcept;
  // As take(), and the same bytes come again. `skipped`: bytes to leave out before them.
  [[nodiscard]] std::size_t peek(std::span<std::byte> to, std::size_t skipped = 0) noexcept;
  void release() noexcept { counters_->read.store(read_); }
  [[nodiscard]] bool is_broken() const noexcept { return broken_; }

 private:
  using Copy = void (*)(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t copy_out(std::span<std::byte> to, std::size_t skipped,
                                     Copy copy) noexcept;

  RingCounters* counters_;
  std::span<const std::byte> bytes_;
  std::uint64_t read_ = 0;
  std::uint64_t written_ = 0;  // by the other end, as last seen
  bool broken_ = false;
};

}  // namespace lockstep::transport::bypass
