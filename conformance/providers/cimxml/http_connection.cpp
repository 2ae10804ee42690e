#include "conformance/providers/cimxml/http_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lockstep::conformance {
namespace {

std::string system_text() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Result<std::unique_ptr<HttpConnection>> HttpConnection::connect(const std::string& host,
                                                                std::uint16_t port,
                                                                Deadline deadline,
                                                                const wire::HttpLimits& limits) {
  const std::string peer = host + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) {
    return transport_error("CIM-XML server " + peer + ": expected a host that resolves, found " +
                           ::gai_strerror(failed) + "; check the name");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  std::string why = "no address";
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int socket = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) {
      why = system_text();
      continue;
    }
    // Owned from here on, so that every way out closes it.
    std::unique_ptr<HttpConnection> connection(new HttpConnection(socket, peer, limits));
    if (::connect(socket, one->ai_addr, one->ai_addrlen) != 0 && errno != EINPROGRESS) {
      why = system_text();
      continue;
    }
    if (const auto ready = connection->wait(POLLOUT, deadline, "connect"); !ready) {
      why = ready.error().message;
      continue;
    }
    int error = 0;
    socklen_t length = sizeof error;
    static_cast<void>(::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length));
    if (error != 0) {
      errno = error;
      why = system_text();
      continue;
    }
    const int yes = 1;
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
    return connection;
  }
  return transport_error("CIM-XML server " + peer + ": expected a connection, found " + why +
                         "; check that the server runs and listens there");
}

HttpConnection::~HttpConnection() { ::close(socket_); }

Status HttpConnection::wait(short events, Deadline deadline, const char* doing) const {
  for (;;) {
    pollfd polled{socket_, events, 0};
    const int ready = ::poll(&polled, 1, milliseconds_until(deadline));
    if (ready > 0) return ok();
    if (ready < 0 && errno == EINTR) continue;
    return transport_error("CIM-XML server " + peer_ + ": expected to " + doing +
                           " before the deadline, found no progress; it may hang");
  }
}

Status HttpConnection::send(std::string_view bytes, Deadline deadline) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EAGAIN || errno == EINTR) {
      LOCKSTEP_TRY(wait(POLLOUT, deadline, "take a request"));
      continue;
    }
    return transport_error("CIM-XML server " + peer_ + ": expected to take a request, found " +
                           system_text());
  }
  return ok();
}

Result<wire::HttpMessage> HttpConnection::exchange(const std::string& request, Deadline deadline) {
  LOCKSTEP_TRY(send(request, deadline));
  std::array<char, 64 * 1024> bytes{};
  for (;;) {
    LOCKSTEP_TRY(wait(POLLIN, deadline, "answer"));
    // A peer that sends without end must not keep a call beyond its deadline.
    if (std::chrono::steady_clock::now() >= deadline) {
      return transport_error("CIM-XML server " + peer_ +
                             ": expected the whole answer before the deadline, found that it is "
                             "still being sent");
    }
    const auto received = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received < 0) {
      return transport_error("CIM-XML server " + peer_ + ": expected an answer, found " +
                             system_text());
    }
    const auto wrong =
        received == 0
            ? reader_.end_of_stream()
            : reader_.feed(std::string_view(bytes.data(), static_cast<std::size_t>(received)));
    if (wrong) {
      const std::string message =
          "CIM-XML server " + peer_ + ": expected an HTTP response, found " + *wrong;
      return received == 0 ? transport_error(message) : provider_error(message);
    }
    if (reader_.complete()) return reader_.take();
  }
}

bool HttpConnection::usable_again() const {
  pollfd polled{socket_, POLLIN, 0};
  return reader_.idle() && ::poll(&polled, 1, 0) == 0;
}

}  // namespace lockstep::conformance
