#include "conformance/providers/cimxml/http_connection.hpp"

#include <algorithm>
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
                                                                const wire::HttpLimits& limits,
                                                                const tls::Context* tls) {
  LOCKSTEP_TRY(auto connection, connect_tcp(host, port, deadline, limits));
  if (tls != nullptr) {
    LOCKSTEP_TRY(connection->shake_hands(host, *tls, deadline));
  }
  return connection;
}

Result<std::unique_ptr<HttpConnection>> HttpConnection::connect_tcp(
    const std::string& host, std::uint16_t port, Deadline deadline,
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

Status HttpConnection::shake_hands(const std::string& host, const tls::Context& tls,
                                   Deadline deadline) {
  tls_.emplace(tls::Stream::to_server(tls, host));
  for (;;) {
    LOCKSTEP_TRY(send(tls_->take_outgoing(), deadline));
    if (tls_->established()) return ok();
    LOCKSTEP_TRY(const std::string bytes, receive(deadline));
    if (bytes.empty()) {
      return transport_error("CIM-XML server " + peer_ +
                             ": expected a TLS handshake, found that it closed the connection; "
                             "write cimxml:// for a server without TLS");
    }
    if (const auto failure = tls_->receive(bytes)) return tls_error(*failure);
  }
}

Error HttpConnection::tls_error(const tls::Failure& failure) {
  // As far as the socket takes it at once: the peer's log is better for it, this call is over.
  static_cast<void>(send(tls_->take_outgoing(), std::chrono::steady_clock::now()));
  const std::string server = "CIM-XML server " + peer_;
  switch (failure.kind) {
    case tls::Failure::Kind::NotTls:
      return transport_error(server + ": expected TLS, found " + failure.found +
                             "; write cimxml:// for a server without TLS");
    case tls::Failure::Kind::Untrusted:
      return transport_error(server +
                             ": expected a certificate for this host that can be "
                             "verified, found: " +
                             failure.found +
                             "; name the file of the authority with --tls-ca, or the host as its "
                             "certificate does");
    case tls::Failure::Kind::Refused:
      return config_error(server + ": expected to be let in, found its " + failure.found +
                          "; if it asks for client certificates, give one that it knows with "
                          "--tls-certificate and --tls-key");
    case tls::Failure::Kind::Broken:
      break;
  }
  return transport_error(server + ": expected TLS as the standard has it, found " + failure.found);
}

Status HttpConnection::send_request(const std::string& request, Deadline deadline) {
  if (!tls_) return send(request, deadline);
  if (!tls_->write(request)) {
    return transport_error("CIM-XML server " + peer_ +
                           ": expected to take a request, found that its TLS stream is over");
  }
  const auto sent = send(tls_->take_outgoing(), deadline);
  if (sent) return sent;
  // A server that refuses a client's certificate says so and closes while the request is under way.
  const auto said = receive(std::chrono::steady_clock::now());
  if (!said || said.value().empty()) return sent;
  const auto failure = tls_->receive(said.value());
  return failure ? Status(tls_error(*failure)) : sent;
}

Result<std::string> HttpConnection::receive(Deadline deadline) const {
  std::string bytes(64 * std::size_t{1024}, '\0');
  for (;;) {
    LOCKSTEP_TRY(wait(POLLIN, deadline, "answer"));
    const auto received = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received < 0) {
      return transport_error("CIM-XML server " + peer_ + ": expected an answer, found " +
                             system_text());
    }
    bytes.resize(static_cast<std::size_t>(received));
    return bytes;
  }
}

Status HttpConnection::read_plain(std::string_view bytes, bool closed) {
  auto wrong = bytes.empty() ? std::nullopt : reader_.feed(bytes);
  const bool cut = closed && !wrong && !reader_.complete();
  if (cut) wrong = reader_.end_of_stream();
  if (!wrong) return ok();
  // A record of TLS (RFC 8446, 5.1): the alert with which a server turns a bare request away.
  const bool spoke_tls =
      !tls_ && bytes.size() > 1 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 0x03;
  const std::string message = "CIM-XML server " + peer_ + ": expected an HTTP response, found " +
                              (spoke_tls ? "TLS; write https:// instead of cimxml://" : *wrong);
  return cut ? Status(transport_error(message)) : Status(provider_error(message));
}

Result<wire::HttpMessage> HttpConnection::exchange(const std::string& request, Deadline deadline) {
  LOCKSTEP_TRY(send_request(request, deadline));
  for (;;) {
    LOCKSTEP_TRY(std::string bytes, receive(deadline));
    // A peer that sends without end must not keep a call beyond its deadline.
    if (std::chrono::steady_clock::now() >= deadline) {
      return transport_error("CIM-XML server " + peer_ +
                             ": expected the whole answer before the deadline, found that it is "
                             "still being sent");
    }
    bool closed = bytes.empty();
    if (tls_ && closed) {
      return transport_error("CIM-XML server " + peer_ +
                             ": expected the whole answer, found that the connection ends without "
                             "the end of its TLS stream; somebody may have cut it");
    }
    if (tls_) {
      const auto failure = tls_->receive(bytes);
      bytes = tls_->take_plain();
      closed = tls_->ended();
      if (failure) return tls_error(*failure);
    }
    LOCKSTEP_TRY(read_plain(bytes, closed));
    if (reader_.complete()) return reader_.take();
  }
}

bool HttpConnection::usable_again() const {
  pollfd polled{socket_, POLLIN, 0};
  return reader_.idle() && ::poll(&polled, 1, 0) == 0;
}

std::string HttpConnection::tls_version() const { return tls_ ? tls_->version() : std::string(); }

}  // namespace lockstep::conformance
