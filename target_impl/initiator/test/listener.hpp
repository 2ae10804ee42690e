// A TCP listener on an ephemeral port of 127.0.0.1, for portals that misbehave.
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace lockstep::initiator {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ != -1) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_.get(), generic, length) != 0 || ::listen(socket_.get(), 8) != 0 ||
        ::getsockname(socket_.get(), generic, &length) != 0) {
      socket_.close();
    }
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::string portal() const { return "127.0.0.1:" + std::to_string(port_); }
  // The next connection; waits for it.
  [[nodiscard]] Descriptor accept() {
    Descriptor connection(::accept(socket_.get(), nullptr, nullptr));
    const int on = 1;  // answers leave at once
    static_cast<void>(::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
    return connection;
  }
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  // Further connections are refused.
  void close() { socket_.close(); }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace lockstep::initiator
