// A listening TCP socket on the event loop.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace lockstep::transport {

class TcpListener final : public EventHandler {
 public:
  // Called with each accepted connection, non-blocking.
  using Accepted = std::function<void(FileDescriptor)>;

  // `address`: a host name or a numeric IPv4 or IPv6 address; port 0: any free one. Listens at
  // once; connections are accepted once the loop runs. Bad address or port in use: Origin::Config.
  [[nodiscard]] static Result<std::unique_ptr<TcpListener>> open(EventLoop& loop,
                                                                 const std::string& address,
                                                                 std::uint16_t port,
                                                                 Accepted accepted);
  // On the loop's thread, or when the loop does not run.
  ~TcpListener() override;
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  // The numeric address that it is bound to.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  // Without waiting for the loop to report them; some may be left.
  void accept_waiting();
  void on_events(std::uint32_t /*events*/) override { accept_waiting(); }

 private:
  TcpListener(EventLoop& loop, FileDescriptor socket, Accepted accepted);

  EventLoop& loop_;
  FileDescriptor socket_;
  Accepted accepted_;
  std::string address_;
  std::uint16_t port_ = 0;
  EventLoop::TimerId resting_ = 0;
};

// "127.0.0.1:3260" or "[::1]:3260" of this end of a connected socket; empty if it cannot be told.
[[nodiscard]] std::string local_endpoint(int socket);

}  // namespace lockstep::transport
