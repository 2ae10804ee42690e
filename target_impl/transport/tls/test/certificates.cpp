#include "target_impl/transport/tls/test/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace lockstep::tls::test {
namespace {

constexpr long kHour_s = 3600;

// A failure in here ends the test: it has nothing to test with.
void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("no certificates for this test: ") + what);
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension != nullptr, value.c_str());
  must(X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

std::unique_ptr<std::FILE, int (*)(std::FILE*)> open_file(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  must(file != nullptr, path.c_str());
  return file;
}

void write_key(const std::string& path, EVP_PKEY* key, const EVP_CIPHER* cipher) {
  unsigned char passphrase[] = "secret";
  must(PEM_write_PrivateKey(
           open_file(path).get(), key, cipher, cipher == nullptr ? nullptr : passphrase,
           cipher == nullptr ? 0 : static_cast<int>(sizeof passphrase) - 1, nullptr, nullptr) == 1,
       "key");
}

}  // namespace

void Certificates::Free::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }
void Certificates::Free::operator()(x509_st* certificate) const noexcept { X509_free(certificate); }

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lockstep-tls-XXXXXX").string();
  must(::mkdtemp(pattern.data()) != nullptr, "folder");
  folder_ = pattern;
  known_ = sign("lockstep test authority", "", nullptr, Validity::Now);
  other_ = sign("another test authority", "", nullptr, Validity::Now);
  static_cast<void>(write("known", known_));
  static_cast<void>(write("other", other_));
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Certificates::authority_file(Authority authority) const {
  return folder_ + (authority == Authority::Known ? "/known.pem" : "/other.pem");
}

Certificates::Pair Certificates::sign(const std::string& common_name,
                                      const std::string& alternative_names, const Pair* issuer,
                                      Validity validity) {
  Pair made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  must(made.key && made.certificate, "memory");
  X509* certificate = made.certificate.get();
  X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * kHour_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate),
                  validity == Validity::Expired ? -kHour_s : kHour_s);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  extend(certificate, signer, NID_basic_constraints,
         issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alternative_names.empty()) {
    extend(certificate, signer, NID_subject_alt_name, alternative_names);
  }
  must(X509_sign(certificate, issuer == nullptr ? made.key.get() : issuer->key.get(),
                 EVP_sha256()) > 0,
       "signature");
  return made;
}

OwnCertificate Certificates::write(const std::string& name, const Pair& pair) const {
  const OwnCertificate files{folder_ + "/" + name + ".pem", folder_ + "/" + name + ".key"};
  must(PEM_write_X509(open_file(files.certificate_file).get(), pair.certificate.get()) == 1, "PEM");
  write_key(files.key_file, pair.key.get(), nullptr);
  return files;
}

OwnCertificate Certificates::make(const std::string& alternative_names, Authority authority,
                                  Validity validity) {
  const Pair& issuer = authority == Authority::Known ? known_ : other_;
  const Pair pair = sign("lockstep test", alternative_names, &issuer, validity);
  return write("made-" + std::to_string(serial_), pair);
}

std::string Certificates::encrypted_key_file(const OwnCertificate& own) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> plain(std::fopen(own.key_file.c_str(), "r"),
                                                        std::fclose);
  must(plain != nullptr, own.key_file.c_str());
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_PrivateKey(plain.get(), nullptr, nullptr, nullptr));
  must(key != nullptr, "key");
  const std::string path = own.key_file + ".encrypted";
  write_key(path, key.get(), EVP_aes_256_cbc());
  return path;
}

std::string Certificates::file(const std::string& name, const std::string& content) const {
  const std::string path = folder_ + "/" + name;
  std::ofstream(path) << content;
  return path;
}

}  // namespace lockstep::tls::test
