// An HTTP server on loopback that answers as it is told, well or badly, over TLS as well.
#pragma once

#include "model/wire/message.hpp"
#include "target_impl/transport/tls/tls.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::conformance {

// What is sent for one request. The pieces go out one after another with a pause between them.
struct Script {
  std::vector<std::string> pieces;
  std::chrono::milliseconds pause{0};
  std::size_t repeat = 1;  // of all pieces
  bool then_close = false;
  bool then_cut = false;   // closes the connection without an end of the TLS stream
  bool then_hang = false;  // keeps the connection open and says nothing more
};

class ScriptedServer {
 public:
  // Called in the server's threads with the whole request as it came.
  using Answer = std::function<Script(const std::string& request)>;
  // Borrows `tls`; nullptr: without.
  explicit ScriptedServer(Answer answer, const tls::Context* tls = nullptr);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::vector<std::string> requests() const;
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

 private:
  void accept_all();
  void serve(int socket);

  Answer answer_;
  const tls::Context* tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// --- building answers
[[nodiscard]] std::string message_id(const std::string& request);
[[nodiscard]] std::string called_method(const std::string& request);
[[nodiscard]] bool is_intrinsic(const std::string& request);
// A 200 with that body and everything else as it should be.
[[nodiscard]] std::string good_http(const std::string& body);
// The envelope around METHODRESPONSE or IMETHODRESPONSE with that content, fitting the request.
[[nodiscard]] std::string envelope(const std::string& request, const std::string& inside);
[[nodiscard]] Script say(std::string bytes);

}  // namespace lockstep::conformance
