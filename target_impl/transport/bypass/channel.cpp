#include "target_impl/transport/bypass/channel.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace lockstep::transport::bypass {

Channel::Channel(Segment segment, Side side, FileDescriptor bell)
    : segment_(std::move(segment)),
      bell_(std::move(bell)),
      writer_(side == Side::Server ? RingWriter(segment_.state().to_client, segment_.to_client())
                                   : RingWriter(segment_.state().to_server, segment_.to_server())),
      reader_(side == Side::Server ? RingReader(segment_.state().to_server, segment_.to_server())
                                   : RingReader(segment_.state().to_client, segment_.to_client())),
      own_sleep_(side == Side::Server ? segment_.state().server_sleeps
                                      : segment_.state().client_sleeps),
      other_sleep_(side == Side::Server ? segment_.state().client_sleeps
                                        : segment_.state().server_sleeps) {}

std::size_t Channel::send(std::span<const std::span<const std::byte>> pieces) {
  std::size_t total = 0;
  for (const auto& piece : pieces) {
    const std::size_t put = writer_.put(piece);
    total += put;
    if (put < piece.size()) {
      break;
    }
  }
  if (total != 0) {
    writer_.publish();
    ring_if_it_sleeps_for(kForBytes);
  }
  return total;
}

std::size_t Channel::receive(std::span<const std::span<std::byte>> spaces) {
  std::size_t total = 0;
  for (const auto& space : spaces) {
    const std::size_t taken = reader_.take(space);
    total += taken;
    if (taken < space.size()) {
      break;
    }
  }
  if (total != 0) {
    reader_.release();
    ring_if_it_sleeps_for(kForSpace);
  }
  return total;
}

// No wake-up gets lost, because all of this is in one order that both ends agree on: either this
// end sees the other's announcement now, or the announcement came later and the other, looking once
// more after it, sees what has just been done here.
void Channel::ring_if_it_sleeps_for(std::uint32_t what) noexcept {
  if ((other_sleep_.load() & what) == 0) {
    return;
  }
  other_sleep_.store(0);
  const std::byte ring{1};
  // Full: it has been rung often enough. Gone: its socket tells.
  [[maybe_unused]] const auto sent =
      ::send(bell_.get(), &ring, sizeof ring, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool Channel::may_sleep(std::uint32_t waits_for) noexcept {
  own_sleep_.store(waits_for);
  const bool ready = ((waits_for & kForBytes) != 0 && has_bytes()) ||
                     ((waits_for & kForSpace) != 0 && has_space()) ||
                     (waits_for != 0 && is_broken());
  if (ready) {
    awake();
  }
  return !ready;
}

void Channel::awake() noexcept { own_sleep_.store(0); }

bool Channel::silence_bell() noexcept {
  std::array<std::byte, 64> rings;
  while (true) {
    const ssize_t got = ::recv(bell_.get(), rings.data(), rings.size(), MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) {
      continue;
    }
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
}

}  // namespace lockstep::transport::bypass
