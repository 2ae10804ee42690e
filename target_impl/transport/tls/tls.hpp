// TLS (RFC 8446, RFC 5246) without sockets: bytes of the peer in, plain bytes out, and the other
// way round. OpenSSL, wrapped; its types stay inside. Versions before 1.2, renegotiation and
// resumption are not offered. Deadlines are those of the owner's socket.
#pragma once

#include "model/vocab/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;
struct bio_st;

namespace lockstep::tls {

// PEM files: a certificate with what leads from it to its authority, and its key, not encrypted.
struct OwnCertificate {
  std::string certificate_file;  // both empty: none
  std::string key_file;
  friend bool operator==(const OwnCertificate&, const OwnCertificate&) = default;
};

struct ClientOptions {
  std::string ca_file;  // PEM: the authorities that are believed; empty: the system's
  OwnCertificate own;
  // False: whoever answers is believed to be the server.
  bool verify = true;
  friend bool operator==(const ClientOptions&, const ClientOptions&) = default;
};

struct ServerOptions {
  OwnCertificate own;
  std::string client_ca_file;  // PEM: who vouches for clients; empty: nobody is asked
};

// What all connections of one side have in common. Thread-safe.
class Context {
 public:
  // A file that is not there, is no PEM, is encrypted, or a key that is not the certificate's:
  // Origin::Config, naming the file.
  [[nodiscard]] static Result<std::unique_ptr<Context>> for_client(const ClientOptions& options);
  [[nodiscard]] static Result<std::unique_ptr<Context>> for_server(const ServerOptions& options);

 private:
  friend class Stream;
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  Context(std::unique_ptr<ssl_ctx_st, Free> context, bool verify)
      : context_(std::move(context)), verify_(verify) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
  bool verify_;
};

// Why a stream is over.
struct Failure {
  enum class Kind : std::uint8_t {
    NotTls,     // the peer speaks something else
    Untrusted,  // the peer's certificate is not believed
    Refused,    // the peer said with an alert that it will not go on
    Broken,     // anything else
  };
  Kind kind = Kind::Broken;
  std::string found;  // "certificate has expired"
};

// One connection. Not thread-safe. After a failure, and whenever anything was put in, take what is
// outgoing and send it: it may be the alert that tells the peer why.
class Stream {
 public:
  // `host`: name or IP address that the server's certificate must be for.
  [[nodiscard]] static Stream to_server(const Context& context, const std::string& host);
  [[nodiscard]] static Stream to_client(const Context& context);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;

  // Bytes from the peer, as they come. Nothing: go on.
  [[nodiscard]] std::optional<Failure> receive(std::string_view bytes);
  // The handshake is through. A server may refuse a client's certificate after that (TLS 1.3).
  [[nodiscard]] bool established() const noexcept { return established_; }
  // The peer said that nothing follows. An end of the connection without that may be an attack.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  // Takes out the plain bytes that have come.
  [[nodiscard]] std::string take_plain();
  // Once established. False: the stream is over.
  [[nodiscard]] bool write(std::string_view plain);
  // Tells the peer that nothing follows.
  void end();
  // Takes out the bytes that are to be sent to the peer.
  [[nodiscard]] std::string take_outgoing();
  [[nodiscard]] std::string version() const;  // "TLSv1.3"

 private:
  struct Free {
    void operator()(ssl_st* stream) const noexcept;
  };
  Stream(const Context& context, bool verify);
  [[nodiscard]] std::optional<Failure> advance();
  [[nodiscard]] std::optional<Failure> failure_of(int result);

  std::unique_ptr<ssl_st, Free> stream_;
  bio_st* incoming_ = nullptr;  // owned by stream_, as the next is
  bio_st* outgoing_ = nullptr;
  std::string plain_;
  bool verify_ = false;
  bool heard_ = false;
  bool established_ = false;
  bool ended_ = false;
};

}  // namespace lockstep::tls
