// Certificates for tests, made anew for each: two authorities that do not know each other, and what
// they sign.
#pragma once

#include "target_impl/transport/tls/tls.hpp"

#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace lockstep::tls::test {

enum class Authority : std::uint8_t { Known, Other };
enum class Validity : std::uint8_t { Now, Expired };

// A folder with PEM files, removed with the object.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string authority_file(Authority authority) const;
  // For a host by `alternative_names`, such as "IP:127.0.0.1" or "DNS:array.example".
  [[nodiscard]] OwnCertificate make(const std::string& alternative_names,
                                    Authority authority = Authority::Known,
                                    Validity validity = Validity::Now);
  // The key of `own` again, encrypted.
  [[nodiscard]] std::string encrypted_key_file(const OwnCertificate& own);
  // A file with that content.
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
    void operator()(x509_st* certificate) const noexcept;
  };
  struct Pair {
    std::unique_ptr<evp_pkey_st, Free> key;
    std::unique_ptr<x509_st, Free> certificate;
  };
  // `issuer` nullptr: an authority, signed by itself.
  [[nodiscard]] Pair sign(const std::string& common_name, const std::string& alternative_names,
                          const Pair* issuer, Validity validity);
  [[nodiscard]] OwnCertificate write(const std::string& name, const Pair& pair) const;

  std::string folder_;
  long serial_ = 0;
  Pair known_;
  Pair other_;
};

}  // namespace lockstep::tls::test
