// What a connection still has to send: pieces of memory in order, gathered for one sendmsg.
//
// Headers and small payloads are built in place in shared blocks (reserve, commit); large payloads
// stay in the buffer in which they were produced (adopt). Nothing is copied again. A block goes
// back to the pool once its last piece has been sent.
#pragma once

#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/ring.hpp"
#include "target_impl/store/lending.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::iscsi {

class SendQueue {
 public:
  explicit SendQueue(BufferPool& pool) : pool_(pool) {}

  // `bytes` contiguous writable bytes; nothing is queued until commit(). A later reserve() without
  // a commit() in between may hand out the same bytes again.
  [[nodiscard]] std::byte* reserve(std::size_t bytes);
  // Queues the first `bytes` of the last reservation.
  void commit(std::size_t bytes);

  // Queues a piece of a buffer that the caller hands over with adopt() after its last piece.
  void append(std::span<const std::byte> piece);
  void adopt(PooledBuffer buffer);
  // The same for memory of a volume.
  void adopt(store::ExtentHold hold);

  [[nodiscard]] std::size_t bytes() const noexcept {
    return static_cast<std::size_t>(queued_ - sent_);
  }
  [[nodiscard]] bool empty() const noexcept { return queued_ == sent_; }
  // Fills `pieces` with what is next; returns how many were filled.
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> pieces) const;
  void sent(std::size_t bytes);
  void clear();

  [[nodiscard]] BufferPool& pool() const noexcept { return pool_; }

  // Payloads above this get a buffer of their own.
  static constexpr std::size_t kSharedPayloadBytes = 32 * 1024;

 private:
  static constexpr std::size_t kBlockBytes = 128 * 1024;
  struct Held {
    PooledBuffer buffer;
    store::ExtentHold hold;
    std::uint64_t until = 0;  // position in the stream after which it is not needed
  };
  void retire_block();

  BufferPool& pool_;
  Ring<std::span<const std::byte>> pieces_;
  Ring<Held> held_;
  PooledBuffer block_;
  std::size_t block_used_ = 0;
  std::uint64_t queued_ = 0;  // positions in the stream
  std::uint64_t sent_ = 0;
};

}  // namespace lockstep::iscsi
