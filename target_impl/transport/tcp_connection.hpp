// A TCP connection that feeds a StreamHandler: as many bytes as fit per receive, everything that is
// ready per send. When the peer does not read, its requests are no longer read either.
//
// A peer on this host may get a way through shared memory beside it (bypass/rendezvous.hpp). The
// peer's first byte chooses; if it comes that way, TCP is left to tell when the peer is gone.
#pragma once

#include "target_impl/transport/bypass/path.hpp"
#include "target_impl/transport/endpoints.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/stream_handler.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace lockstep::transport {

class TcpConnection final : public EventHandler, private bypass::PathUser {
 public:
  // Takes a connected, non-blocking socket. The handler must outlive the connection.
  TcpConnection(EventLoop& loop, FileDescriptor socket, StreamHandler& handler);
  ~TcpConnection() override;
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // False: the system refused; the connection is of no use.
  [[nodiscard]] bool start();
  // Nothing: not an IP socket.
  [[nodiscard]] const std::optional<Endpoints>& ends() const noexcept { return ends_; }
  // Offers the peer this way too. False: too late, or not possible.
  [[nodiscard]] bool offer(bypass::Channel channel);
  [[nodiscard]] bool uses_bypass() const noexcept { return path_ != nullptr && chosen_; }

  // The handler has new output or another state.
  void attend();
  // Sends what can be sent at once and closes without waiting.
  void close_now();

  void on_events(std::uint32_t events) override;

 private:
  enum class Phase : std::uint8_t { Open, Lingering, Closed };

  void path_ready() override;
  void path_gone() override;
  void tcp_says_something();
  void drop_path();

  void work(bool readable);
  [[nodiscard]] bool process_and_send();
  [[nodiscard]] bool send_ready();
  [[nodiscard]] ssize_t send_pieces(std::span<const std::span<const std::byte>> pieces);
  enum class Read : std::uint8_t { All, Some, Nothing, End };
  [[nodiscard]] Read receive();
  [[nodiscard]] Read receive_through_path();
  [[nodiscard]] Read lend_of_path(std::size_t most);
  void take_back();
  void linger();
  void discard_input();
  void close();
  void update_interest();

  EventLoop& loop_;
  FileDescriptor socket_;
  StreamHandler& handler_;
  const std::optional<Endpoints> ends_;
  std::unique_ptr<bypass::Path> path_;
  bool has_lent_ = false;  // bytes in the path to the handler
  bool chosen_ = false;    // the first byte has come, by the path if there is one
  StreamHandler::State state_ = StreamHandler::State::NeedsInput;
  Phase phase_ = Phase::Open;
  std::uint32_t interest_ = 0;
  EventLoop::TimerId linger_timer_ = 0;
};

}  // namespace lockstep::transport
