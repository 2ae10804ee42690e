// One accepted connection, bare or over TLS, with a bound on every wait. Internal.
#pragma once

#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/tls/tls.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::cimxml {

using Deadline = std::chrono::steady_clock::time_point;

// Not thread-safe. Every wait ends early when `stop` becomes readable.
class Connection {
 public:
  // Borrows `stop`, and `tls` while it is made; `tls` nullptr: bare.
  Connection(transport::FileDescriptor socket, int stop, const tls::Context* tls);

  enum class Greeting : std::uint8_t {
    Welcome,
    Bare,  // the peer speaks no TLS where it should; what is sent from now on is bare, too
    Over,
  };
  // The handshake, where there is one.
  [[nodiscard]] Greeting greet(Deadline deadline);
  // What has come, not empty unless it was nothing but TLS's own; nothing: the peer has ended or
  // broken the connection, or the time is up.
  [[nodiscard]] std::optional<std::string> receive(Deadline deadline);
  // False: as above.
  [[nodiscard]] bool send(std::string_view bytes);
  // Says goodbye and waits shortly for the peer to close, so that what was sent last is read and
  // not thrown away with the peer's own bytes that nobody read.
  void finish();

 private:
  [[nodiscard]] bool wait_for(short events, Deadline deadline) const;
  [[nodiscard]] bool send_raw(std::string_view bytes) const;
  [[nodiscard]] std::optional<std::string> receive_raw(Deadline deadline) const;

  transport::FileDescriptor socket_;
  int stop_;
  std::optional<tls::Stream> tls_;
};

}  // namespace lockstep::cimxml
