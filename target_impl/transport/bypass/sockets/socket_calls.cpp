#include "target_impl/transport/bypass/sockets/socket_calls.hpp"

#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <sys/socket.h>
#include <sys/time.h>

namespace lockstep::transport::bypass {
namespace {

// More are taken or sent by the next call; a stream allows that.
constexpr std::size_t kPieces = 64;

template <class Byte>
struct Pieces {
  std::array<std::span<Byte>, kPieces> spans;
  std::size_t count = 0;
  std::size_t bytes = 0;
  bool all = true;

  Pieces(std::span<const iovec> vectors, std::size_t skipped) noexcept {
    for (const iovec& vector : vectors) {
      const std::size_t left_out = std::min(skipped, vector.iov_len);
      skipped -= left_out;
      if (vector.iov_len == left_out) {
        continue;
      }
      if (count == kPieces) {
        all = false;
        return;
      }
      spans[count] = {static_cast<Byte*>(vector.iov_base) + left_out, vector.iov_len - left_out};
      bytes += spans[count++].size();
    }
  }
  [[nodiscard]] std::span<const std::span<Byte>> get() const noexcept {
    return std::span(spans).first(count);
  }
};

// As SO_RCVTIMEO or SO_SNDTIMEO says. False, with errno: it did not become ready.
bool wait_for(int socket, short what, int limit_option) noexcept {
  timeval limit{};
  socklen_t bytes = sizeof limit;
  ::getsockopt(socket, SOL_SOCKET, limit_option, &limit, &bytes);
  const timespec longest{limit.tv_sec, limit.tv_usec * 1000};
  const bool unlimited = limit.tv_sec == 0 && limit.tv_usec == 0;
  pollfd watched{socket, what, 0};
  const int count = poll_with_links(&watched, 1, unlimited ? nullptr : &longest, nullptr);
  if (count == 0) {
    errno = EAGAIN;
  }
  return count > 0;
}

// Whoever receives before anything was sent chooses, too: what is read from TCP might be a ring.
bool goes_through_memory(const LinkUse& link, int socket) noexcept {
  return link &&
         (link->way() == Way::Undecided ? link->choose(socket) : link->way()) == Way::Memory;
}

}  // namespace

std::optional<ssize_t> receive_from_link(int socket, std::span<const iovec> spaces,
                                         int flags) noexcept {
  const LinkUse link = link_of(socket);
  if ((flags & MSG_ERRQUEUE) != 0 || !goes_through_memory(link, socket)) {
    return std::nullopt;
  }
  if ((flags & MSG_OOB) != 0) {
    errno = EINVAL;
    return -1;
  }
  ssize_t total = 0;
  while (true) {
    const Pieces<std::byte> wanted(spaces, static_cast<std::size_t>(total));
    if (wanted.count == 0) {
      return total;
    }
    const ssize_t got = link->receive(socket, wanted.get(), (flags & MSG_PEEK) != 0);
    if (got > 0) {
      total += got;
    }
    const bool goes_on = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0 && got > 0;
    if (got >= 0 && !goes_on) {
      return total;
    }
    if (got < 0 && (errno != EAGAIN || (flags & MSG_DONTWAIT) != 0 || link->is_nonblocking() ||
                    !wait_for(socket, POLLIN, SO_RCVTIMEO))) {
      return total > 0 ? total : got;
    }
  }
}

std::optional<ssize_t> send_to_link(int socket, std::span<const iovec> pieces, int flags) noexcept {
  const LinkUse link = link_of(socket);
  if (!goes_through_memory(link, socket)) {
    return std::nullopt;
  }
  if ((flags & MSG_OOB) != 0) {
    errno = EINVAL;
    return -1;
  }
  ssize_t total = 0;
  while (true) {
    const Pieces<const std::byte> left(pieces, static_cast<std::size_t>(total));
    if (left.count == 0) {
      return total;
    }
    const ssize_t sent = link->send(left.get());
    if (sent > 0) {
      total += sent;
      continue;
    }
    if (errno == EPIPE && total == 0 && (flags & MSG_NOSIGNAL) == 0) {
      std::raise(SIGPIPE);
      errno = EPIPE;
    }
    if (errno != EAGAIN || (flags & MSG_DONTWAIT) != 0 || link->is_nonblocking() ||
        !wait_for(socket, POLLOUT, SO_SNDTIMEO)) {
      return total > 0 ? total : -1;
    }
  }
}

void sent_by_system(int socket, ssize_t result) noexcept {
  const LinkUse link = link_of(socket);
  if (!link) {
    return;
  }
  if (result >= 0) {
    link->stay_on_tcp();
  }
  if (link->way() == Way::Tcp) {
    forget_link(socket);
  }
}

HoldBack::HoldBack(int socket) noexcept : link_(link_of(socket)) {
  if (link_ && link_->way() == Way::Memory) {
    link_->hold_back();
  } else {
    link_ = LinkUse();
  }
}

HoldBack::~HoldBack() {
  if (link_) {
    link_->let_go();
  }
}

}  // namespace lockstep::transport::bypass
