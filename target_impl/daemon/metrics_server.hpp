// A very small HTTP server for GET /metrics, on loopback only, on an event loop and a thread of its
// own: a scrape never takes time from the loops that serve initiators. Every request is taken as
// hostile: bounded in bytes and time, one per connection, a few connections at a time.
#pragma once

#include "model/vocab/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace lockstep::target {

struct MetricsServerOptions {
  std::uint16_t port = 0;                 // on 127.0.0.1; 0: any free one
  std::uint32_t most_connections = 16;    // one more is closed at once
  std::uint32_t request_time_ms = 5'000;  // for the whole exchange
};

class MetricsServer {
 public:
  // `make_text` is called on the server's thread, once per scrape.
  using MakeText = std::function<std::string()>;
  [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> start(
      const MetricsServerOptions& options, MakeText make_text);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct Inside;
  explicit MetricsServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// The whole answer to a request, of which `request` is everything up to and with the empty line.
[[nodiscard]] std::string answer_http(std::string_view request,
                                      const MetricsServer::MakeText& make_text);

}  // namespace lockstep::target
