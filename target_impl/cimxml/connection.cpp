#include "target_impl/cimxml/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::cimxml {
namespace {

constexpr std::chrono::seconds kLongestSend{30};
constexpr std::chrono::seconds kLongestGoodbye{1};

Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

Connection::Connection(transport::FileDescriptor socket, int stop, const tls::Context* tls)
    : socket_(std::move(socket)), stop_(stop) {
  if (tls != nullptr) tls_.emplace(tls::Stream::to_client(*tls));
}

bool Connection::wait_for(short events, Deadline deadline) const {
  pollfd polled[2] = {{socket_.get(), events, 0}, {stop_, POLLIN, 0}};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  const int ready = ::poll(polled, 2, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  return ready > 0 && polled[1].revents == 0;
}

bool Connection::send_raw(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!wait_for(POLLOUT, in(kLongestSend))) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> Connection::receive_raw(Deadline deadline) const {
  std::array<char, 16 * 1024> bytes{};
  for (;;) {
    if (!wait_for(POLLIN, deadline)) return std::nullopt;
    const auto received = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (received > 0) return std::string(bytes.data(), static_cast<std::size_t>(received));
    if (received == 0 || (errno != EAGAIN && errno != EINTR)) return std::nullopt;
  }
}

Connection::Greeting Connection::greet(Deadline deadline) {
  while (tls_ && !tls_->established()) {
    const auto bytes = receive_raw(deadline);
    if (!bytes) return Greeting::Over;
    const auto failure = tls_->receive(*bytes);
    if (failure && failure->kind == tls::Failure::Kind::NotTls) {
      tls_.reset();
      return Greeting::Bare;
    }
    if (!send_raw(tls_->take_outgoing())) return Greeting::Over;
    if (failure) {
      finish();
      return Greeting::Over;
    }
  }
  return Greeting::Welcome;
}

std::optional<std::string> Connection::receive(Deadline deadline) {
  if (tls_) {
    // What came together with the end of the handshake.
    if (std::string plain = tls_->take_plain(); !plain.empty()) return plain;
    if (tls_->ended()) return std::nullopt;
  }
  auto bytes = receive_raw(deadline);
  if (!bytes || !tls_) return bytes;
  if (tls_->receive(*bytes)) {
    static_cast<void>(send_raw(tls_->take_outgoing()));  // the alert that says why
    return std::nullopt;
  }
  return tls_->take_plain();
}

bool Connection::send(std::string_view bytes) {
  if (!tls_) return send_raw(bytes);
  return tls_->write(bytes) && send_raw(tls_->take_outgoing());
}

void Connection::finish() {
  if (tls_ && tls_->established()) {
    tls_->end();
    static_cast<void>(send_raw(tls_->take_outgoing()));
  }
  static_cast<void>(::shutdown(socket_.get(), SHUT_WR));
  const Deadline deadline = in(kLongestGoodbye);
  while (receive_raw(deadline)) {
  }
}

}  // namespace lockstep::cimxml
