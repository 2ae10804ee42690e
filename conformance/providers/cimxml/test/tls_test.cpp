// Goal: over https the client talks to the server that it was told of and to nobody else, the
// server lets in whom it should, neither waits for ever, and nothing of a verdict changes. Method:
// our own server and the scripted one on loopback, with certificates made for the test.
#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/cimxml/examine.hpp"
#include "conformance/providers/cimxml/test/scripted_server.hpp"
#include "conformance/suite/runner.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/reference.hpp"
#include "target_impl/transport/tls/test/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <map>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;
using tls::test::Authority;
using tls::test::Certificates;
using tls::test::Validity;

constexpr const char* kForHost = "IP:127.0.0.1";

// The reference behind a server that speaks TLS.
class Https : public testing::Test {
 protected:
  void serve(const std::string& names = kForHost, Authority signer = Authority::Known,
             Validity validity = Validity::Now, bool asks_clients = false) {
    tls::ServerOptions tls;
    tls.own = certificates_.make(names, signer, validity);
    if (asks_clients) tls.client_ca_file = certificates_.authority_file(Authority::Known);
    serve(tls);
  }
  void serve(std::optional<tls::ServerOptions> tls) {
    server_.reset();
    if (!reference_) {
      auto made = make_reference({});
      ASSERT_TRUE(made) << made.error().message;
      reference_ = std::move(made).value();
    }
    cimxml::ServerOptions options;
    const ReferenceWellKnown& known = reference_well_known();
    options.access_point = known.local_access_point.path;
    options.setting_goal = known.target_setting_goal.path;
    options.replica_peer = known.local_peer.path;
    options.tls = std::move(tls);
    options.longest_handshake = std::chrono::milliseconds(300);
    auto server = cimxml::Server::start(*reference_, options);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(server).value();
  }

  CimXmlOptions asking(Authority believed = Authority::Known) {
    CimXmlOptions options;
    options.url.host = "127.0.0.1";
    options.url.port = server_->port();
    options.url.name_space = cimxml::kTargetNamespace;
    options.url.tls.emplace();
    options.url.tls->ca_file = certificates_.authority_file(believed);
    options.connect_timeout = std::chrono::milliseconds(3000);
    return options;
  }

  static void expect_error(const CimXmlOptions& options, Origin origin, const std::string& text) {
    const auto client = make_cimxml(options);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().origin, origin) << client.error().message;
    EXPECT_THAT(client.error().message, HasSubstr(text));
  }

  Certificates certificates_;
  std::unique_ptr<ReferenceProvider> reference_;
  std::unique_ptr<cimxml::Server> server_;
};

TEST_F(Https, AServerThatCanBeVerifiedIsAsked) {
  serve();
  auto client = make_cimxml(asking());
  ASSERT_TRUE(client) << client.error().message;
  const auto inventory = client.value()->inventory();
  ASSERT_TRUE(inventory) << inventory.error().message;
  EXPECT_FALSE(inventory.value().pools.empty());
  EXPECT_THAT(client.value()->how_reached().at("tls"),
              HasSubstr("verified against " + certificates_.authority_file(Authority::Known)));
  const auto steps = examine_cimxml(asking().url, {});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_THAT(steps.front().found, HasSubstr("TLSv1.3"));
}

TEST_F(Https, AnUnknownAuthorityIsNotBelieved) {
  serve();
  expect_error(asking(Authority::Other), Origin::Transport, "--tls-ca");
  CimXmlOptions system = asking();
  system.url.tls->ca_file.clear();  // the system does not know the test's authority either
  expect_error(system, Origin::Transport, "unable to get local issuer certificate");
}

TEST_F(Https, AnotherHostsCertificateIsNotBelieved) {
  serve("DNS:array.example");
  expect_error(asking(), Origin::Transport, "IP address mismatch");
}

TEST_F(Https, AnExpiredCertificateIsNotBelieved) {
  serve(kForHost, Authority::Known, Validity::Expired);
  expect_error(asking(), Origin::Transport, "certificate has expired");
}

TEST_F(Https, WithoutVerificationAnyoneIsBelievedAndTheReportSaysSo) {
  serve("DNS:array.example", Authority::Other, Validity::Expired);
  CimXmlOptions careless = asking();
  careless.url.tls->verify = false;
  auto client = make_cimxml(careless);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_THAT(client.value()->how_reached().at("tls"), HasSubstr("NOT VERIFIED"));
}

TEST_F(Https, AClientCertificateThatIsDemandedIsGiven) {
  serve(kForHost, Authority::Known, Validity::Now, true);
  CimXmlOptions with = asking();
  with.url.tls->own = certificates_.make("DNS:client");
  const auto client = make_cimxml(with);
  EXPECT_TRUE(client) << client.error().message;
  expect_error(asking(), Origin::Config, "--tls-certificate");  // none
  with.url.tls->own = certificates_.make("DNS:client", Authority::Other);
  expect_error(with, Origin::Config, "--tls-certificate");
}

TEST_F(Https, FilesThatCannotBeUsedAreNamedBeforeAnythingIsSent) {
  serve();
  CimXmlOptions options = asking();
  options.url.tls->ca_file = "/nowhere.pem";
  expect_error(options, Origin::Config, "/nowhere.pem");
  options = asking();
  options.url.tls->own.certificate_file = "/alone.pem";
  expect_error(options, Origin::Config, "/alone.pem");
}

TEST_F(Https, ABareClientIsToldThatThePortSpeaksTls) {
  serve();
  CimXmlOptions bare = asking();
  bare.url.tls.reset();
  expect_error(bare, Origin::Provider, "This Port Speaks TLS");
  // Others turn it away with an alert.
  ScriptedServer other([](const std::string&) { return say("\x15\x03\x03\x00\x02\x02\x46"); });
  bare.url.port = other.port();
  expect_error(bare, Origin::Provider, "write https://");
}

TEST_F(Https, ATlsClientOfABareServerIsToldSo) {
  serve(std::nullopt);
  expect_error(asking(), Origin::Transport, "write cimxml://");
}

TEST_F(Https, AHandshakeThatStallsEndsInTime) {
  // The client's: a server that takes connections and says nothing.
  serve();
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(silent, raw, length), 0);
  ASSERT_EQ(::listen(silent, 4), 0);
  ASSERT_EQ(::getsockname(silent, raw, &length), 0);
  CimXmlOptions options = asking();
  options.url.port = ntohs(address.sin_port);
  options.connect_timeout = std::chrono::milliseconds(200);
  expect_error(options, Origin::Transport, "before the deadline");
  ::close(silent);
  // The server's: a client that connects and says nothing is let go, and nobody waits for it.
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_port = htons(server_->port());
  ASSERT_EQ(::connect(socket, raw, length), 0);
  EXPECT_TRUE(make_cimxml(asking()));
  pollfd polled{socket, POLLIN, 0};
  EXPECT_EQ(::poll(&polled, 1, 20'000), 1);
  char byte = 0;
  EXPECT_EQ(::recv(socket, &byte, 1, 0), 0);
  ::close(socket);
}

// An answer without a length ends with the connection; over TLS only its own end can be believed.
TEST_F(Https, ACutConnectionIsNoEndOfAnAnswer) {
  serve();
  auto context = tls::Context::for_server({certificates_.make(kForHost), ""});
  ASSERT_TRUE(context);
  bool cut = false;
  ScriptedServer server(
      [&cut](const std::string& request) {
        Script script = say("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" +
                            envelope(request, "<IRETURNVALUE></IRETURNVALUE>"));
        (cut ? script.then_cut : script.then_close) = true;
        return script;
      },
      context.value().get());
  CimXmlOptions options = asking();
  options.url.port = server.port();
  expect_error(options, Origin::Provider, "expected a ComputerSystem");  // it was read as a whole
  cut = true;
  expect_error(options, Origin::Transport, "without the end of its TLS stream");
}

TEST_F(Https, VerdictsAreTheSame) {
  const auto judged = [&](bool over_tls) {
    CimXmlOptions options = asking();
    if (!over_tls) options.url.tls.reset();
    std::map<std::string, report::Verdict> verdicts;
    auto client = make_cimxml(options);
    EXPECT_TRUE(client) << client.error().message;
    if (!client) return verdicts;
    RunOptions run;
    run.provider_spec = "https";
    run.select = {"GEN-01", "CER-21", "CLR-17", "CGE-14", "MRS-14", "ATT"};
    const auto records = run_cases(*client.value(), run);
    EXPECT_TRUE(records);
    if (!records) return verdicts;
    for (const auto& record : records.value()) verdicts[record.id] = record.verdict;
    return verdicts;
  };
  serve(std::nullopt);
  const auto bare = judged(false);
  EXPECT_GT(bare.size(), 10U);
  serve();
  EXPECT_EQ(judged(true), bare);
}

}  // namespace
}  // namespace lockstep::conformance
