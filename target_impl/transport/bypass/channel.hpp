// One end of a connection over shared memory: a stream of bytes in each direction, and a bell for
// the end that sleeps.
//
// While both ends are awake nothing passes through the kernel. An end that wants to sleep says so
// in the shared memory first; the other then rings: a byte through a socket between the two, which
// also tells when the other process is gone.
#pragma once

#include "target_impl/transport/bypass/channel_end.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace lockstep::transport::bypass {

// For one thread.
class Channel {
 public:
  // `bell`: a connected UNIX socket to the other end. `wake`, of a server's end: how the client
  // wants to be woken.
  Channel(Segment segment, Side side, FileDescriptor bell, Wake wake = Wake::ByBell)
      : segment_(std::move(segment)),
        bell_(std::move(bell)),
        wake_(wake),
        end_(segment_, side, bell_.get()) {}

  // As in ChannelEnd.
  [[nodiscard]] std::size_t send(std::span<const std::span<const std::byte>> pieces) {
    return end_.send(pieces);
  }
  [[nodiscard]] std::size_t receive(std::span<const std::span<std::byte>> spaces,
                                    First first = First::UsedSoon) {
    return end_.receive(spaces, first);
  }
  [[nodiscard]] std::span<const std::byte> lend(std::size_t most) noexcept {
    return end_.lend(most);
  }
  void give_back() noexcept { end_.give_back(); }
  [[nodiscard]] bool has_bytes() noexcept { return end_.has_bytes(); }
  [[nodiscard]] bool has_space() noexcept { return end_.has_space(); }
  [[nodiscard]] bool is_broken() const noexcept { return end_.is_broken(); }
  [[nodiscard]] bool may_sleep(std::uint32_t waits_for) noexcept {
    return end_.may_sleep(waits_for);
  }
  void awake() noexcept { end_.awake(); }
  [[nodiscard]] Whereabouts other_end() noexcept { return end_.other_end(); }

  // Of a server's end: whether the client announces itself to whoever watches the TCP connection,
  // and as in ChannelEnd.
  [[nodiscard]] bool wakes_by_tcp() const noexcept { return wake_ == Wake::ByTcp; }
  [[nodiscard]] std::optional<std::uint64_t> other_lags_at() const noexcept {
    return end_.other_lags_at();
  }
  void ring_unasked() noexcept { end_.ring_unasked(); }

  // What it occupies.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return segment_.bytes(); }

  // A server's end: the TCP connection that it belongs to, which must outlive it. The client is
  // rung for through it if it has asked for that.
  void belongs_to(int tcp_socket) noexcept {
    if (wake_ == Wake::ByTcp) {
      end_.ring_through(tcp_socket);
    }
  }

  // To be watched while asleep: readable when rung, or when the other end is gone.
  [[nodiscard]] int bell() const noexcept { return bell_.get(); }
  // Takes a ring, and rings for a client that asks for it; if there are more, the bell stays
  // readable. False: the other end is gone; what it had sent is still there.
  [[nodiscard]] bool silence_bell() noexcept;

 private:
  Segment segment_;
  FileDescriptor bell_;
  Wake wake_;
  ChannelEnd end_;
};

}  // namespace lockstep::transport::bypass
