// A TCP connection that feeds a StreamHandler: as many bytes as fit per receive, everything that is
// ready per send. When the peer does not read, its requests are no longer read either.
#pragma once

#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/stream_handler.hpp"

#include <cstdint>

namespace lockstep::transport {

class TcpConnection final : public EventHandler {
 public:
  // Takes a connected, non-blocking socket. The handler must outlive the connection.
  TcpConnection(EventLoop& loop, FileDescriptor socket, StreamHandler& handler);
  ~TcpConnection() override;
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // False: the system refused; the connection is of no use.
  [[nodiscard]] bool start();
  // The handler has new output or another state.
  void attend();
  // Sends what can be sent at once and closes without waiting.
  void close_now();

  void on_events(std::uint32_t events) override;

 private:
  enum class Phase : std::uint8_t { Open, Lingering, Closed };

  void work(bool readable);
  [[nodiscard]] bool process_and_send();
  [[nodiscard]] bool send_ready();
  enum class Read : std::uint8_t { All, Some, Nothing, End };
  [[nodiscard]] Read receive();
  void linger();
  void discard_input();
  void close();
  void update_interest();

  EventLoop& loop_;
  FileDescriptor socket_;
  StreamHandler& handler_;
  StreamHandler::State state_ = StreamHandler::State::NeedsInput;
  Phase phase_ = Phase::Open;
  std::uint32_t interest_ = 0;
  EventLoop::TimerId linger_timer_ = 0;
};

}  // namespace lockstep::transport
