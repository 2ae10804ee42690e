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

}  // namespace lockstep::transport::bypass
