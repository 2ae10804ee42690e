// CIM operations over HTTP: one call out, one reply in. Knows nothing of replication.
#pragma once

#include "conformance/providers/cimxml/credentials.hpp"
#include "conformance/providers/cimxml/http_connection.hpp"
#include "conformance/providers/evidence.hpp"
#include "model/wire/message.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct CimClientOptions {
  std::string host;
  std::uint16_t port = 5988;
  const tls::Context* tls = nullptr;  // borrowed; nullptr: without TLS
  CimXmlCredentials credentials;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds read_timeout{30'000};    // intrinsic operations
  std::chrono::milliseconds method_timeout{60'000};  // a method may wait for a copy
  std::size_t most_answer_bytes = 64 * 1024 * 1024;
};

// Thread-safe: every call under way has a connection of its own, and each is used again.
class CimClient {
 public:
  explicit CimClient(CimClientOptions options);

  // A reply with an ERROR is a reply. No connection, no answer in time: Origin::Transport. An
  // answer that breaks the protocol: Origin::Provider, saying what was expected and what was found.
  // Credentials that are refused: Origin::Config. `too_large`: set to whether the answer was longer
  // than most_answer_bytes, which is an error.
  [[nodiscard]] Result<wire::Reply> call(wire::Call call, bool* too_large = nullptr);

  [[nodiscard]] Evidence& evidence() noexcept { return evidence_; }
  [[nodiscard]] const Evidence& evidence() const noexcept { return evidence_; }
  [[nodiscard]] std::string server() const;  // "host:port"

 private:
  [[nodiscard]] Result<wire::HttpMessage> exchange(const std::string& request, bool may_repeat,
                                                   Deadline deadline, bool* too_large);
  [[nodiscard]] std::string request_text(const wire::Call& call, std::string body) const;
  [[nodiscard]] Result<wire::Reply> read(const wire::Call& call,
                                         const wire::HttpMessage& response) const;
  [[nodiscard]] Error http_error(const wire::HttpMessage& response) const;
  [[nodiscard]] Error breach(const wire::Call& call, const std::string& found) const;
  [[nodiscard]] std::unique_ptr<HttpConnection> take_idle();
  void keep(std::unique_ptr<HttpConnection> connection);

  const CimClientOptions options_;
  Evidence evidence_;
  std::atomic<std::uint64_t> last_id_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

}  // namespace lockstep::conformance
