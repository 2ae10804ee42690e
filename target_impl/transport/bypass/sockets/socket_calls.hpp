// recv(), send() and poll() for descriptors among which there are links. Results and errno as of
// the C library's.
#pragma once

#include "target_impl/transport/bypass/sockets/link_table.hpp"

#include <optional>
#include <poll.h>
#include <signal.h>
#include <span>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

namespace lockstep::transport::bypass {

// Nothing: not a link, or its bytes go through TCP, so the call is the system's.
[[nodiscard]] std::optional<ssize_t> receive_from_link(int socket, std::span<const iovec> spaces,
                                                       int flags) noexcept;
[[nodiscard]] std::optional<ssize_t> send_to_link(int socket, std::span<const iovec> pieces,
                                                  int flags) noexcept;

// After a send that was the system's, with its result: bytes in the TCP connection settle the way.
void sent_by_system(int socket, ssize_t result) noexcept;

// `limit`: null waits for ever.
[[nodiscard]] int poll_with_links(pollfd* watched, nfds_t count, const timespec* limit,
                                  const sigset_t* mask) noexcept;

// What is sent while it exists reaches the target together, as with TCP_CORK. Does nothing to
// sockets whose bytes go through TCP.
class HoldBack {
 public:
  explicit HoldBack(int socket) noexcept;
  ~HoldBack();
  HoldBack(const HoldBack&) = delete;
  HoldBack& operator=(const HoldBack&) = delete;
  [[nodiscard]] bool is_through_memory() const noexcept { return static_cast<bool>(link_); }

 private:
  LinkUse link_;
};

// The calling thread looks by itself before it waits.
void look_no_more_in_poll() noexcept;
// What poll() with no time to wait would report, from memory alone: that the other process is gone
// shows only in poll() itself. Nothing: not a link, or its bytes go through TCP.
[[nodiscard]] std::optional<short> look_at_link(int descriptor, short events) noexcept;

}  // namespace lockstep::transport::bypass
