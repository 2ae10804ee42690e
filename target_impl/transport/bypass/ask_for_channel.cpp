#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/bypass/rendezvous_message.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string>
#include <utility>

namespace lockstep::transport::bypass {
namespace {

Error no_channel(const std::string& expected, const std::string& found) {
  return transport_error("bypass: expected " + expected + ", found " + found + "; TCP is used");
}

// The descriptor that came with the one message of the server; none: not the answer expected.
FileDescriptor receive_answer(int socket) {
  std::array<std::uint8_t, kAnswerBytes + 1> answer{};
  iovec content{answer.data(), answer.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &content;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  FileDescriptor file;
  const cmsghdr* rights = got > 0 ? CMSG_FIRSTHDR(&header) : nullptr;
  if (rights != nullptr && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
      rights->cmsg_len == CMSG_LEN(sizeof(int))) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    file = FileDescriptor(descriptor);
  }
  const bool greeted = got == static_cast<ssize_t>(kAnswerBytes) &&
                       std::memcmp(answer.data(), kGreeting.data(), kGreeting.size()) == 0;
  return greeted ? std::move(file) : FileDescriptor();
}

}  // namespace

Result<Shared> ask_for_segment(int tcp_socket, std::chrono::milliseconds patience, Wake wake,
                               From from) {
  const auto ends = endpoints_of(tcp_socket);
  if (!ends || !are_local(*ends)) {
    return no_channel("a connection inside this host", "another");
  }
  FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const RendezvousName name = rendezvous_name(ends->there.port);
  if (!socket || ::connect(socket.get(), name.get(), name.bytes) != 0) {
    return no_channel("a target that offers it", std::strerror(errno));
  }
  if (!is_of_same_user(socket.get())) {
    return no_channel("a target of the same user", "one of another user");
  }
  if (from == From::AnotherProcess && peer_of(socket.get()).pid == ::getpid()) {
    return no_channel("a target in another process", "this one");
  }
  const Hello hello = write_hello({*ends, wake});
  pollfd answer{socket.get(), POLLIN, 0};
  if (::send(socket.get(), hello.data(), hello.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
          static_cast<ssize_t>(hello.size()) ||
      ::poll(&answer, 1, static_cast<int>(patience.count())) != 1) {
    return no_channel("an answer", "none in " + std::to_string(patience.count()) + " ms");
  }
  FileDescriptor file = receive_answer(socket.get());
  if (!file) {
    return no_channel("shared memory", "a refusal");
  }
  LOCKSTEP_TRY(auto segment, Segment::map(std::move(file)));
  return Shared{std::move(segment), std::move(socket)};
}

Result<std::unique_ptr<Channel>> ask_for_channel(int tcp_socket,
                                                 std::chrono::milliseconds patience) {
  LOCKSTEP_TRY(Shared shared, ask_for_segment(tcp_socket, patience));
  return std::make_unique<Channel>(std::move(shared.segment), Side::Client, std::move(shared.bell));
}

}  // namespace lockstep::transport::bypass
