#include "target_impl/transport/tls/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <utility>

namespace lockstep::tls {
namespace {

// The oldest error of this thread, which says most; the others are dropped.
std::string reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "no reason given" : text;
}

Error cannot_use(const std::string& file, const std::string& expected) {
  return config_error(file + ": expected " + expected + ", found " + reason() +
                      "; name another file");
}

// A key that is encrypted would otherwise be asked for on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Status use_own(ssl_ctx_st* context, const OwnCertificate& own) {
  if (own.certificate_file.empty() && own.key_file.empty()) return ok();
  if (own.certificate_file.empty() || own.key_file.empty()) {
    return config_error(own.certificate_file + own.key_file +
                        ": expected a certificate and its key, found one of them; name both");
  }
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, own.certificate_file.c_str()) != 1) {
    return cannot_use(own.certificate_file, "a certificate in PEM");
  }
  if (SSL_CTX_use_PrivateKey_file(context, own.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return cannot_use(own.key_file,
                      "the key of " + own.certificate_file + " in PEM, not encrypted");
  }
  return ok();
}

ssl_ctx_st* new_context(const SSL_METHOD* method) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(method);
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  return context;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace

void Context::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

Result<std::unique_ptr<Context>> Context::for_client(const ClientOptions& options) {
  std::unique_ptr<ssl_ctx_st, Free> context(new_context(TLS_client_method()));
  if (!context) return internal_error("TLS: expected a context, found " + reason());
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1) {
      return config_error("the system's certificate authorities: expected to be readable, found " +
                          reason() + "; install ca-certificates or name a file");
    }
  } else if (SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str()) != 1) {
    return cannot_use(options.ca_file, "certificates of authorities in PEM");
  }
  LOCKSTEP_TRY(use_own(context.get(), options.own));
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return std::unique_ptr<Context>(new Context(std::move(context), options.verify));
}

Result<std::unique_ptr<Context>> Context::for_server(const ServerOptions& options) {
  std::unique_ptr<ssl_ctx_st, Free> context(new_context(TLS_server_method()));
  if (!context) return internal_error("TLS: expected a context, found " + reason());
  if (options.own.certificate_file.empty() && options.own.key_file.empty()) {
    return config_error("TLS server: expected a certificate and its key, found none; name both");
  }
  LOCKSTEP_TRY(use_own(context.get(), options.own));
  const bool asks = !options.client_ca_file.empty();
  if (asks) {
    const char* file = options.client_ca_file.c_str();
    if (SSL_CTX_load_verify_file(context.get(), file) != 1) {
      return cannot_use(options.client_ca_file, "certificates of authorities in PEM");
    }
    SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(file));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return std::unique_ptr<Context>(new Context(std::move(context), asks));
}

void Stream::Free::operator()(ssl_st* stream) const noexcept { SSL_free(stream); }

Stream::Stream(const Context& context, bool verify)
    : stream_(SSL_new(context.context_.get())),
      incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())),
      verify_(verify) {
  BIO_set_mem_eof_return(incoming_, -1);  // empty is not over: more may come
  SSL_set_bio(stream_.get(), incoming_, outgoing_);
}

Stream::~Stream() = default;
Stream::Stream(Stream&& other) noexcept = default;

Stream Stream::to_server(const Context& context, const std::string& host) {
  Stream stream(context, context.verify_);
  SSL* raw = stream.stream_.get();
  SSL_set_connect_state(raw);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), host.c_str());
  } else {
    SSL_set_hostflags(raw, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(raw, host.c_str());
    SSL_set_tlsext_host_name(raw, host.c_str());
  }
  // Makes the first message; nothing can be wrong yet.
  static_cast<void>(stream.advance());
  return stream;
}

Stream Stream::to_client(const Context& context) {
  Stream stream(context, context.verify_);
  SSL_set_accept_state(stream.stream_.get());
  return stream;
}

std::optional<Failure> Stream::receive(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  if (!heard_) {
    // A record of a handshake or an alert, or no TLS at all.
    const auto first = static_cast<unsigned char>(bytes.front());
    if (first != SSL3_RT_HANDSHAKE && first != SSL3_RT_ALERT) {
      return Failure{Failure::Kind::NotTls, "bytes that are no TLS"};
    }
    heard_ = true;
  }
  std::size_t written = 0;
  if (BIO_write_ex(incoming_, bytes.data(), bytes.size(), &written) != 1) {
    return Failure{Failure::Kind::Broken, "no memory for what came"};
  }
  return advance();
}

std::optional<Failure> Stream::advance() {
  ERR_clear_error();
  if (!established_) {
    const int result = SSL_do_handshake(stream_.get());
    if (result != 1) return failure_of(result);
    established_ = true;
  }
  std::array<char, 16 * 1024> bytes{};
  for (;;) {
    std::size_t read = 0;
    const int result = SSL_read_ex(stream_.get(), bytes.data(), bytes.size(), &read);
    if (result != 1) return failure_of(result);
    plain_.append(bytes.data(), read);
  }
}

std::optional<Failure> Stream::failure_of(int result) {
  switch (SSL_get_error(stream_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      return std::nullopt;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(stream_.get());
  if (!established_ && verify_ && verified != X509_V_OK) {
    ERR_clear_error();
    return Failure{Failure::Kind::Untrusted, X509_verify_cert_error_string(verified)};
  }
  // OpenSSL numbers an alert of the peer by its description, above this.
  const bool alert = ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SSL &&
                     ERR_GET_REASON(ERR_peek_error()) > SSL_AD_REASON_OFFSET;
  return Failure{alert ? Failure::Kind::Refused : Failure::Kind::Broken, reason()};
}

std::string Stream::take_plain() { return std::exchange(plain_, {}); }

bool Stream::write(std::string_view plain) {
  if (plain.empty()) return true;
  ERR_clear_error();
  std::size_t written = 0;
  // Into memory: all of it, or the stream is over.
  return SSL_write_ex(stream_.get(), plain.data(), plain.size(), &written) == 1;
}

void Stream::end() {
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(stream_.get()));
}

std::string Stream::take_outgoing() {
  std::string bytes(BIO_ctrl_pending(outgoing_), '\0');
  std::size_t read = 0;
  if (!bytes.empty()) static_cast<void>(BIO_read_ex(outgoing_, bytes.data(), bytes.size(), &read));
  bytes.resize(read);
  return bytes;
}

std::string Stream::version() const { return SSL_get_version(stream_.get()); }

}  // namespace lockstep::tls
