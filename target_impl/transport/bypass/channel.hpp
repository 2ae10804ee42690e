// One end of a connection over shared memory: a stream of bytes in each direction, and a bell for
// the end that sleeps.
//
// While both ends are awake nothing passes through the kernel. An end that wants to sleep says so
// in the shared memory first; the other then rings: a byte through a socket between the two, which
// also tells when the other process is gone.
#pragma once

#include "target_impl/transport/bypass/byte_ring.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::transport::bypass {

enum class Side : std::uint8_t { Server, Client };

// For one thread.
class Channel {
 public:
  // `bell`: a connected UNIX stream socket to the other end.
  Channel(Segment segment, Side side, FileDescriptor bell);

  // Copies as much as there is space for and lets the other end have it; returns how much.
  [[nodiscard]] std::size_t send(std::span<const std::span<const std::byte>> pieces);
  // Copies what has come, the first space first; returns how much.
  [[nodiscard]] std::size_t receive(std::span<const std::span<std::byte>> spaces);
  [[nodiscard]] bool has_bytes() noexcept { return reader_.available() != 0; }
  [[nodiscard]] bool has_space() noexcept { return writer_.space(1) != 0; }
  // The other end has written what no honest one does; nothing is sent or received any more.
  [[nodiscard]] bool is_broken() const noexcept {
    return reader_.is_broken() || writer_.is_broken();
  }

  // What it occupies.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return segment_.bytes(); }

  // To be watched while asleep: readable when rung, or when the other end is gone.
  [[nodiscard]] int bell() const noexcept { return bell_.get(); }
  // Announces that this end sleeps until what it waits for (kForBytes, kForSpace) is there. False:
  // something is there, or the channel is broken, so it must not sleep. 0: it waits for nothing.
  [[nodiscard]] bool may_sleep(std::uint32_t waits_for) noexcept;
  void awake() noexcept;
  // Takes what the bell has rung. False: the other end is gone; what it had sent is still there.
  [[nodiscard]] bool silence_bell() noexcept;

 private:
  void ring_if_it_sleeps_for(std::uint32_t what) noexcept;

  Segment segment_;
  FileDescriptor bell_;
  RingWriter writer_;
  RingReader reader_;
  std::atomic<std::uint32_t>& own_sleep_;
  std::atomic<std::uint32_t>& other_sleep_;
};

}  // namespace lockstep::transport::bypass
