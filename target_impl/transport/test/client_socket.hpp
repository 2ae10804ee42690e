// A blocking client for tests, with a time limit on every call.
#pragma once

#include "target_impl/transport/bypass/client_wait.hpp"
#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>

namespace lockstep::transport::test {

class ClientSocket {
 public:
  explicit ClientSocket(std::uint16_t port, int receive_buffer_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof receive_buffer_bytes);
    }
    timeval limit{10, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

  // Goes over to shared memory, before anything is sent; why not, or empty.
  std::string use_bypass() {
    auto channel = bypass::ask_for_channel(socket_.get(), kLimit);
    if (!channel) {
      return channel.error().message;
    }
    channel_ = std::move(channel.value());
    return {};
  }
  [[nodiscard]] bypass::Channel* channel() noexcept { return channel_.get(); }
  void leave_channel() noexcept { channel_.reset(); }

  // False: not all could be sent.
  bool send(std::string_view bytes) {
    while (channel_ != nullptr && !bytes.empty()) {
      const std::array pieces{std::as_bytes(std::span(bytes))};
      bytes.remove_prefix(channel_->send(pieces));
      if (!bytes.empty() && !wait_for(bypass::kForSpace)) {
        return false;
      }
    }
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // What could be had of `bytes` before the end of the stream.
  std::string receive(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t have = 0;
    while (channel_ != nullptr && have < bytes && wait_for(bypass::kForBytes)) {
      const std::array spaces{std::as_writable_bytes(std::span(text)).subspan(have)};
      have += channel_->receive(spaces);
    }
    while (channel_ == nullptr && have < bytes) {
      const ssize_t got = ::recv(socket_.get(), text.data() + have, bytes - have, 0);
      was_reset_ = was_reset_ || (got < 0 && errno == ECONNRESET);
      if (got <= 0) {
        break;
      }
      have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
  }
  // The peer has closed: nothing more comes, neither bytes nor an error other than a reset.
  bool at_end() {
    char byte = 0;
    const ssize_t got = ::recv(socket_.get(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }
  // As at_end(), by an orderly end of the stream and no reset.
  bool ends_in_order() {
    char byte = 0;
    return !was_reset_ && ::recv(socket_.get(), &byte, 1, 0) == 0;
  }
  void close() { socket_.reset(); }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  static constexpr std::chrono::milliseconds kLimit{10'000};
  bool wait_for(std::uint32_t what) {
    return wait_.wait(*channel_, socket_.get(), what, kLimit) == bypass::ClientWait::Outcome::Ready;
  }

  FileDescriptor socket_;
  std::unique_ptr<bypass::Channel> channel_;
  bypass::ClientWait wait_{std::chrono::microseconds(50)};
  bool connected_ = false;
  bool was_reset_ = false;
};

}  // namespace lockstep::transport::test
