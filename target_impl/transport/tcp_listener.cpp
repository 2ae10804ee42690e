#include "target_impl/transport/tcp_listener.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::transport {
namespace {

constexpr int kBacklog = 256;
constexpr int kAcceptsPerTurn = 8;
// How long to wait for free descriptors before accepting again.
constexpr std::chrono::milliseconds kRest{100};

struct BoundAddress {
  std::string address;
  std::uint16_t port = 0;
  bool is_v6 = false;
};

BoundAddress bound_address_of(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* generic = reinterpret_cast<sockaddr*>(&storage);
  BoundAddress endpoint;
  if (::getsockname(socket, generic, &length) != 0) {
    return endpoint;
  }
  std::array<char, NI_MAXHOST> host{};
  if (::getnameinfo(generic, length, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return endpoint;
  }
  endpoint.address = host.data();
  endpoint.is_v6 = storage.ss_family == AF_INET6;
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
  endpoint.port = ntohs(endpoint.is_v6 ? v6->sin6_port : v4->sin_port);
  return endpoint;
}

Error listen_error(const std::string& address, std::uint16_t port, const std::string& found,
                   const std::string& advice) {
  return config_error("portal " + address + ":" + std::to_string(port) +
                      ": expected to listen there, found: " + found + "; " + advice);
}

}  // namespace

std::string local_endpoint(int socket) {
  const BoundAddress endpoint = bound_address_of(socket);
  if (endpoint.address.empty()) {
    return {};
  }
  const std::string host = endpoint.is_v6 ? "[" + endpoint.address + "]" : endpoint.address;
  return host + ":" + std::to_string(endpoint.port);
}

Result<std::unique_ptr<TcpListener>> TcpListener::open(EventLoop& loop, const std::string& address,
                                                       std::uint16_t port, Accepted accepted) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return listen_error(address, port, ::gai_strerror(error), "name an address of this host");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  FileDescriptor socket(
      ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, found->ai_protocol));
  const int on = 1;
  // Lets a restarted target have its port while old connections linger; two listeners still clash.
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    const int code = errno;
    const char* advice = code == EADDRINUSE
                             ? "stop what uses the port or choose another (0: any free one)"
                             : "name an address of this host and a port that may be used";
    return listen_error(address, port, std::strerror(code), advice);
  }
  std::unique_ptr<TcpListener> listener(
      new TcpListener(loop, std::move(socket), std::move(accepted)));
  if (!loop.watch(listener->socket_.get(), EPOLLIN, *listener)) {
    return transport_error("portal " + address + ": the event loop refused the listening socket");
  }
  return listener;
}

TcpListener::TcpListener(EventLoop& loop, FileDescriptor socket, Accepted accepted)
    : loop_(loop), socket_(std::move(socket)), accepted_(std::move(accepted)) {
  const BoundAddress endpoint = bound_address_of(socket_.get());
  address_ = endpoint.address;
  port_ = endpoint.port;
}

TcpListener::~TcpListener() {
  loop_.cancel(resting_);
  loop_.forget(socket_.get());
}

void TcpListener::accept_waiting() {
  // The rest of a crowd is reported again, after those who are inside have had their turn.
  for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
    FileDescriptor accepted(
        ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (accepted) {
      accepted_(std::move(accepted));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) {
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog and would be reported again at once.
      loop_.change(socket_.get(), 0);
      resting_ = loop_.after(kRest, [this] { loop_.change(socket_.get(), EPOLLIN); });
    }
    return;
  }
}

}  // namespace lockstep::transport
