// Goal: a client believes exactly the server that it should, a server lets in exactly the clients
// that it should, and either says what was wrong. Method: two streams joined in memory, with
// certificates made for the test.
#include "target_impl/transport/tls/tls.hpp"

#include "target_impl/transport/tls/test/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

namespace lockstep::tls {
namespace {

using test::Authority;
using test::Validity;
using testing::HasSubstr;

constexpr const char* kHost = "127.0.0.1";
constexpr const char* kForHost = "IP:127.0.0.1";

struct Ends {
  std::optional<Failure> client;
  std::optional<Failure> server;
};

class TlsStream : public testing::Test {
 protected:
  ServerOptions serving(const std::string& names = kForHost, Authority signer = Authority::Known,
                        Validity validity = Validity::Now) {
    return {certificates_.make(names, signer, validity), ""};
  }
  ClientOptions believing(Authority authority = Authority::Known) {
    ClientOptions options;
    options.ca_file = certificates_.authority_file(authority);
    return options;
  }

  void join(const ClientOptions& client, const ServerOptions& server,
            const std::string& host = kHost) {
    auto client_context = Context::for_client(client);
    auto server_context = Context::for_server(server);
    ASSERT_TRUE(client_context) << client_context.error().message;
    ASSERT_TRUE(server_context) << server_context.error().message;
    client_.emplace(Stream::to_server(*client_context.value(), host));
    server_.emplace(Stream::to_client(*server_context.value()));
    // The streams do not need the contexts any more.
  }

  // Carries bytes both ways until nobody has any.
  Ends pump() {
    Ends ends;
    for (;;) {
      const std::string there = client_->take_outgoing();
      const std::string back = server_->take_outgoing();
      if (there.empty() && back.empty()) return ends;
      if (!ends.server) ends.server = server_->receive(there);
      if (!ends.client) ends.client = client_->receive(back);
    }
  }

  test::Certificates certificates_;
  std::optional<Stream> client_;
  std::optional<Stream> server_;
};

TEST_F(TlsStream, CarriesTextBothWaysAndEnds) {
  join(believing(), serving());
  const Ends ends = pump();
  ASSERT_FALSE(ends.client) << ends.client->found;
  ASSERT_FALSE(ends.server) << ends.server->found;
  EXPECT_TRUE(client_->established());
  EXPECT_TRUE(server_->established());
  EXPECT_EQ(client_->version(), "TLSv1.3");
  const std::string much(200'000, 'x');
  ASSERT_TRUE(client_->write(much));
  ASSERT_TRUE(server_->write("short"));
  static_cast<void>(pump());
  EXPECT_EQ(server_->take_plain(), much);
  EXPECT_EQ(client_->take_plain(), "short");
  EXPECT_FALSE(server_->ended());
  client_->end();
  static_cast<void>(pump());
  EXPECT_TRUE(server_->ended());
}

TEST_F(TlsStream, ServesAHostByName) {
  join(believing(), serving("DNS:array.example"), "array.example");
  EXPECT_FALSE(pump().client);
  EXPECT_TRUE(client_->established());
}

struct Distrust {
  const char* name;
  const char* names;
  Authority signer;
  Validity validity;
  const char* found;
};

class TlsUntrusted : public TlsStream, public testing::WithParamInterface<Distrust> {};

TEST_P(TlsUntrusted, IsNotBelievedAndToldSo) {
  const Distrust& wrong = GetParam();
  join(believing(), serving(wrong.names, wrong.signer, wrong.validity));
  const Ends ends = pump();
  ASSERT_TRUE(ends.client);
  EXPECT_EQ(ends.client->kind, Failure::Kind::Untrusted);
  EXPECT_THAT(ends.client->found, HasSubstr(wrong.found));
  EXPECT_FALSE(client_->established());
  ASSERT_TRUE(ends.server);
  EXPECT_EQ(ends.server->kind, Failure::Kind::Refused) << ends.server->found;
}

TEST_P(TlsUntrusted, IsBelievedWithoutVerification) {
  const Distrust& wrong = GetParam();
  ClientOptions careless = believing();
  careless.verify = false;
  join(careless, serving(wrong.names, wrong.signer, wrong.validity));
  EXPECT_FALSE(pump().client);
  EXPECT_TRUE(client_->established());
}

INSTANTIATE_TEST_SUITE_P(Certificates, TlsUntrusted,
                         testing::Values(Distrust{"UnknownAuthority", kForHost, Authority::Other,
                                                  Validity::Now,
                                                  "unable to get local issuer certificate"},
                                         Distrust{"OtherAddress", "IP:127.0.0.2", Authority::Known,
                                                  Validity::Now, "IP address mismatch"},
                                         Distrust{"OnlyAName", "DNS:localhost", Authority::Known,
                                                  Validity::Now, "IP address mismatch"},
                                         Distrust{"Expired", kForHost, Authority::Known,
                                                  Validity::Expired, "certificate has expired"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_F(TlsStream, AnotherNameIsNotBelieved) {
  join(believing(), serving("DNS:array.example"), "other.example");
  const Ends ends = pump();
  ASSERT_TRUE(ends.client);
  EXPECT_EQ(ends.client->found, "hostname mismatch");
}

TEST_F(TlsStream, ClientsAreAskedForCertificates) {
  ServerOptions asking = serving();
  asking.client_ca_file = certificates_.authority_file(Authority::Known);
  ClientOptions known = believing();
  known.own = certificates_.make("DNS:client");
  join(known, asking);
  Ends ends = pump();
  EXPECT_FALSE(ends.client);
  EXPECT_FALSE(ends.server);

  join(believing(), asking);  // none
  ends = pump();
  ASSERT_TRUE(ends.server);
  EXPECT_THAT(ends.server->found, HasSubstr("did not return a certificate"));
  ASSERT_TRUE(ends.client);
  EXPECT_EQ(ends.client->kind, Failure::Kind::Refused) << ends.client->found;

  ClientOptions stranger = believing();
  stranger.own = certificates_.make("DNS:client", Authority::Other);
  join(stranger, asking);
  ends = pump();
  ASSERT_TRUE(ends.server);
  EXPECT_EQ(ends.server->kind, Failure::Kind::Untrusted);
  ASSERT_TRUE(ends.client);
  EXPECT_EQ(ends.client->kind, Failure::Kind::Refused) << ends.client->found;
}

TEST_F(TlsStream, PlainBytesAreNoTls) {
  join(believing(), serving());
  const auto server = server_->receive("POST /cimom HTTP/1.1\r\n");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->kind, Failure::Kind::NotTls);
  const auto client = client_->receive("HTTP/1.1 400 Bad Request\r\n");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->kind, Failure::Kind::NotTls);
}

TEST_F(TlsStream, ChangedBytesAreNoticed) {
  join(believing(), serving());
  static_cast<void>(pump());
  ASSERT_TRUE(client_->write("text"));
  std::string record = client_->take_outgoing();
  record.back() = static_cast<char>(record.back() ^ 1);
  const auto failure = server_->receive(record);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::Broken);
  EXPECT_TRUE(server_->take_plain().empty());
}

TEST_F(TlsStream, OldVersionsAreNotSpoken) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> old(SSL_CTX_new(TLS_client_method()),
                                                              SSL_CTX_free);
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(old.get()), SSL_free);
  BIO* outgoing = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), outgoing);
  ASSERT_NE(SSL_connect(client.get()), 1);
  std::string hello(BIO_ctrl_pending(outgoing), '\0');
  ASSERT_GT(BIO_read(outgoing, hello.data(), static_cast<int>(hello.size())), 0);
  join(believing(), serving());
  const auto failure = server_->receive(hello);
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->found, HasSubstr("protocol"));
}

TEST_F(TlsStream, FilesThatCannotBeUsedAreNamed) {
  const OwnCertificate good = certificates_.make(kForHost);
  const OwnCertificate other = certificates_.make(kForHost);
  const std::string no_pem = certificates_.file("notes.txt", "no certificate\n");
  struct Wrong {
    OwnCertificate own;
    std::string named;
  };
  for (const Wrong& wrong :
       {Wrong{{"/nowhere.pem", good.key_file}, "/nowhere.pem"},
        Wrong{{no_pem, good.key_file}, no_pem}, Wrong{{good.certificate_file, no_pem}, no_pem},
        Wrong{{good.certificate_file, other.key_file}, other.key_file},
        Wrong{{good.certificate_file, certificates_.encrypted_key_file(good)}, ".encrypted"},
        Wrong{{good.certificate_file, ""}, "expected a certificate and its key"},
        Wrong{{"", ""}, "expected a certificate and its key"}}) {
    const auto context = Context::for_server({wrong.own, ""});
    ASSERT_FALSE(context) << wrong.named;
    EXPECT_EQ(context.error().origin, Origin::Config);
    EXPECT_THAT(context.error().message, HasSubstr(wrong.named));
  }
  for (const std::string& file : {std::string("/nowhere.pem"), no_pem}) {
    ClientOptions client;
    client.ca_file = file;
    const auto context = Context::for_client(client);
    ASSERT_FALSE(context);
    EXPECT_THAT(context.error().message, HasSubstr(file));
    EXPECT_FALSE(Context::for_server({good, file}));
  }
}

}  // namespace
}  // namespace lockstep::tls
