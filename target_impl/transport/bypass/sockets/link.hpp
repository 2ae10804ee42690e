// One TCP connection of this process that may go over to shared memory, or has: what its sockets'
// calls do then.
//
// The TCP connection stays: it is what the program holds, duplicates, watches and closes, and what
// tells when the other end is gone. The target rings through it, so it becomes readable for
// whatever the program waits with: poll(), epoll, io_uring. Such a ring is taken before the program
// can read it.
//
// A connection is shared by all processes that inherited it (fork); so is what is known of it.
#pragma once

#include "target_impl/transport/bypass/channel_end.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pthread.h>
#include <span>
#include <sys/types.h>

namespace lockstep::transport::bypass {

enum class Way : std::uint8_t { Undecided, Tcp, Memory };

// In memory that the processes which share the connection have in common.
struct SharedLink {
  pthread_mutex_t mutex{};
  std::atomic<Way> way{Way::Undecided};
  // The rest only under the mutex.
  std::optional<ChannelEnd> end;
  bool nonblocking = false;
  bool ended = false;  // the target has closed
  bool reset = false;  // it has been torn down, or the memory misused
  bool sent_after_end = false;
  bool announced = false;      // for bytes, and nothing had come before
  bool rung = false;           // a ring is in the TCP connection, or will be
  bool never_quiet = false;    // watched by something else than poll()
  bool polled = false;         // since the last look that found nothing
  std::uint32_t polls = 0;     // without a wait by other means between them
  std::uint32_t dry = 0;       // looks that found nothing, without one between that did
  std::uint32_t sleepers = 0;  // threads in the system's poll()
  std::uint32_t processes = 1;
};

// What poll() says of a connection.
struct Readiness {
  bool bytes = false;
  bool space = false;
  bool ended = false;
  bool reset = false;
};

// All calls from any thread. `socket`: a descriptor of the connection.
class Link {
 public:
  Link() = default;  // of no connection
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // False: no memory for it.
  [[nodiscard]] bool begin() noexcept;
  // This process has closed all of its descriptors of the connection.
  void end() noexcept;

  [[nodiscard]] Way way() const noexcept { return shared_->way.load(std::memory_order_acquire); }
  // The program is about to send or receive for the first time: the way is chosen. Undecided
  // afterwards: not connected yet.
  [[nodiscard]] Way choose(int socket) noexcept;
  // It has sent through TCP, or may do so from another process.
  void stay_on_tcp() noexcept;

  // Way::Memory only, as recv() and sendmsg() on a socket that does not block.
  [[nodiscard]] ssize_t receive(int socket, std::span<const std::span<std::byte>> spaces,
                                bool keeps) noexcept;
  [[nodiscard]] ssize_t send(std::span<const std::span<const std::byte>> pieces) noexcept;
  // What is sent meanwhile reaches the target together.
  void hold_back() noexcept;
  void let_go() noexcept;
  [[nodiscard]] bool is_nonblocking() noexcept;
  void set_nonblocking(bool on) noexcept;
  [[nodiscard]] std::size_t available() noexcept;

  // For poll(), in this order: what there is now, once or again and again; announcing that the
  // thread goes to sleep (false: there is something by now); and, after it has slept, whether the
  // TCP connection had something.
  [[nodiscard]] Readiness look(bool first_look) noexcept;
  [[nodiscard]] bool may_sleep(std::uint32_t waits_for) noexcept;
  // Of the target, as it says (ChannelEnd).
  [[nodiscard]] Whereabouts other_end() noexcept;
  void woke(int socket, bool tcp_is_ready, bool has_slept) noexcept;
  // The program watches the connection by other means from now on. Whatever its way.
  void watched_otherwise() noexcept;

  // Before a last close: rings that nobody will hear would make it a reset.
  void take_rings(int socket) noexcept;
  // fork(): another process will share the connection.
  void shared_with_another() noexcept;

 private:
  class Lock;
  [[nodiscard]] bool is_quiet() const noexcept;
  void note_rings() noexcept;
  void announce_bytes() noexcept;
  void announce_anew() noexcept;
  void announce_for_others() noexcept;
  [[nodiscard]] bool settle(int socket) noexcept;
  void silence(int socket) noexcept;
  [[nodiscard]] bool is_torn() const noexcept;

  SharedLink* shared_ = nullptr;
  std::optional<Segment> segment_;
  FileDescriptor bell_;
};

}  // namespace lockstep::transport::bypass
