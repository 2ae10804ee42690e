// One connection to an HTTP server, over TLS where it is asked for, with a deadline on everything.
// Internal.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/http.hpp"
#include "target_impl/transport/tls/tls.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::conformance {

using Deadline = std::chrono::steady_clock::time_point;

// Not thread-safe.
class HttpConnection {
 public:
  // Unreachable, refusing or silent hosts: Origin::Transport, naming the host. `tls` nullptr: bare
  // TCP; else the deadline holds for the handshake, too, and a host that does not speak TLS, or
  // whose certificate is not believed, is Origin::Transport.
  [[nodiscard]] static Result<std::unique_ptr<HttpConnection>> connect(
      const std::string& host, std::uint16_t port, Deadline deadline,
      const wire::HttpLimits& limits, const tls::Context* tls);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Sends a request and reads its response. What went wrong on the way is Origin::Transport; a
  // response that is no HTTP is Origin::Provider; a client certificate that is missing or refused
  // is Origin::Config. Not to be used again after an error.
  [[nodiscard]] Result<wire::HttpMessage> exchange(const std::string& request, Deadline deadline);
  // The last error is that the response is longer than the limit.
  [[nodiscard]] bool answer_too_large() const noexcept { return reader_.too_large(); }
  // Nothing has come since the last response, not even the end of the connection.
  [[nodiscard]] bool usable_again() const;
  // "TLSv1.3"; empty: bare TCP.
  [[nodiscard]] std::string tls_version() const;

 private:
  HttpConnection(int socket, std::string peer, const wire::HttpLimits& limits)
      : socket_(socket), peer_(std::move(peer)), reader_(wire::HttpKind::Response, limits) {}
  [[nodiscard]] static Result<std::unique_ptr<HttpConnection>> connect_tcp(
      const std::string& host, std::uint16_t port, Deadline deadline,
      const wire::HttpLimits& limits);
  [[nodiscard]] Status shake_hands(const std::string& host, const tls::Context& tls,
                                   Deadline deadline);
  [[nodiscard]] Status wait(short events, Deadline deadline, const char* doing) const;
  [[nodiscard]] Status send(std::string_view bytes, Deadline deadline) const;
  [[nodiscard]] Status send_request(const std::string& request, Deadline deadline);
  // Bytes as the network has them; empty: the connection has been closed.
  [[nodiscard]] Result<std::string> receive(Deadline deadline) const;
  // What a failure of the TLS stream is for the user; the peer is told with an alert.
  [[nodiscard]] Error tls_error(const tls::Failure& failure);
  // Plain bytes to the reader; `closed`: nothing more will come.
  [[nodiscard]] Status read_plain(std::string_view bytes, bool closed);

  int socket_;
  std::string peer_;
  wire::HttpReader reader_;
  std::optional<tls::Stream> tls_;
};

}  // namespace lockstep::conformance
