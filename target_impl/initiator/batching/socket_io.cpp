#include "target_impl/initiator/batching/socket_io.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace lockstep::initiator::batching {
namespace {

// Of one sendmsg: 128 small writes with their headers.
constexpr std::size_t kPiecesAtOnce = 256;

}  // namespace

Addresses look_up(const std::string& portal) {
  const std::size_t colon = portal.rfind(':');
  std::string host = portal.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (colon == std::string::npos || host.empty() ||
      ::getaddrinfo(host.c_str(), portal.c_str() + colon + 1, &wanted, &found) != 0) {
    return nullptr;
  }
  return Addresses(found);
}

ssize_t send_some(int socket, PduStream& stream) noexcept {
  std::array<std::span<const std::byte>, kPiecesAtOnce> pieces;
  std::array<iovec, kPiecesAtOnce> vectors;
  const std::size_t count = stream.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  ssize_t sent = 0;
  do {
    transport::own_system_calls.add();
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent > 0) stream.sent(static_cast<std::size_t>(sent));
  return sent;
}

ssize_t receive_some(int socket, PduStream& stream) {
  std::array<iovec, 2> vectors{};
  int count = 0;
  for (const auto& space : stream.spaces()) {
    if (!space.empty()) vectors[static_cast<std::size_t>(count++)] = {space.data(), space.size()};
  }
  ssize_t got = 0;
  do {
    transport::own_system_calls.add();
    got = ::readv(socket, vectors.data(), count);
  } while (got < 0 && errno == EINTR);
  if (got > 0) stream.received(static_cast<std::size_t>(got));
  return got;
}

}  // namespace lockstep::initiator::batching
