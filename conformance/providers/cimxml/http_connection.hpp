// One TCP connection to an HTTP server, with a deadline on everything. Internal.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/http.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace lockstep::conformance {

using Deadline = std::chrono::steady_clock::time_point;

// Not thread-safe.
class HttpConnection {
 public:
  // Unreachable, refusing or silent hosts: Origin::Transport, naming the host.
  [[nodiscard]] static Result<std::unique_ptr<HttpConnection>> connect(
      const std::string& host, std::uint16_t port, Deadline deadline,
      const wire::HttpLimits& limits);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Sends a request and reads its response. What went wrong on the way is Origin::Transport; a
  // response that is no HTTP is Origin::Provider. Not to be used again after an error.
  [[nodiscard]] Result<wire::HttpMessage> exchange(const std::string& request, Deadline deadline);
  // Nothing has come since the last response, not even the end of the connection.
  [[nodiscard]] bool usable_again() const;

 private:
  HttpConnection(int socket, std::string peer, const wire::HttpLimits& limits)
      : socket_(socket), peer_(std::move(peer)), reader_(wire::HttpKind::Response, limits) {}
  [[nodiscard]] Status wait(short events, Deadline deadline, const char* doing) const;
  [[nodiscard]] Status send(std::string_view bytes, Deadline deadline) const;

  int socket_;
  std::string peer_;
  wire::HttpReader reader_;
};

}  // namespace lockstep::conformance
