// Goal: what the client sends is strictly what DSP0200 asks for, connections are used with care,
// and no secret leaves through evidence or messages. Method: a scripted server that keeps what it
// was sent.
#include "conformance/providers/cimxml/client.hpp"

#include "conformance/providers/cimxml/test/scripted_server.hpp"
#include "conformance/providers/cimxml/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kZero = "<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>0</VALUE></RETURNVALUE>";

Script zero(const std::string& request) { return say(good_http(envelope(request, kZero))); }

CimClientOptions options_for(const ScriptedServer& server) {
  CimClientOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.credentials = {"operator", "s3cret!"};
  options.read_timeout = std::chrono::milliseconds(1500);
  options.method_timeout = std::chrono::milliseconds(1500);
  return options;
}

wire::Call method_call() {
  wire::Call call;
  call.name = "CreateReplica";
  call.target.name_space = "root/x";
  call.target.class_name = "X_Volume";
  call.target.keys = {wire::string_key("DeviceID", "a b")};
  call.parameters = {{"username", wire::text_value("operator")},
                     {"password", wire::text_value("s3cret!")}};
  return call;
}

wire::Call read_call() {
  wire::Call call;
  call.intrinsic = true;
  call.name = "EnumerateInstances";
  call.target.name_space = "root/x";
  return call;
}

TEST(Request, HasTheHeadersOfDsp0200) {
  ScriptedServer server(zero);
  CimClient client(options_for(server));
  ASSERT_TRUE(client.call(method_call()));
  const std::string request = server.requests().front();
  EXPECT_THAT(request, testing::StartsWith("POST /cimom HTTP/1.1\r\n"));
  for (const char* header :
       {"\r\nHost: 127.0.0.1:", "\r\nContent-Type: application/xml; charset=\"utf-8\"\r\n",
        "\r\nCIMOperation: MethodCall\r\n", "\r\nCIMMethod: CreateReplica\r\n",
        "\r\nCIMObject: root/x%3AX_Volume.DeviceID%3D%22a%20b%22\r\n",
        "\r\nCIMProtocolVersion: 1.0\r\n",
        "\r\nAuthorization: Basic b3BlcmF0b3I6czNjcmV0IQ==\r\n"}) {
    EXPECT_THAT(request, HasSubstr(header));
  }
  static_cast<void>(client.call(read_call()));
  EXPECT_THAT(server.requests().back(), HasSubstr("\r\nCIMObject: root/x\r\n"));
}

TEST(Request, WithoutCredentialsHasNoAuthorization) {
  ScriptedServer server(zero);
  auto options = options_for(server);
  options.credentials = {};
  CimClient client(options);
  ASSERT_TRUE(client.call(method_call()));
  EXPECT_THAT(server.requests().front(), Not(HasSubstr("Authorization")));
}

TEST(Evidence, HoldsEveryExchangeWithoutItsSecrets) {
  ScriptedServer server([](const std::string& request) {
    // A server that gives the password away in its answer.
    return say(
        good_http(envelope(request, "<ERROR CODE=\"1\" DESCRIPTION=\"s3cret! is wrong\"/>")));
  });
  CimClient client(options_for(server));
  ASSERT_TRUE(client.call(method_call()));
  const std::string kept = client.evidence().recent();
  EXPECT_THAT(kept, HasSubstr("CreateReplica"));
  EXPECT_THAT(kept, HasSubstr("is wrong"));
  EXPECT_THAT(kept, Not(HasSubstr("s3cret!")));
  EXPECT_THAT(kept, Not(HasSubstr("b3BlcmF0b3I6czNjcmV0IQ")));
}

TEST(Evidence, MessagesAboutBrokenAnswersHoldNoSecretEither) {
  ScriptedServer server([](const std::string& request) {
    return say(good_http(
        envelope(request,
                 "<RETURNVALUE><VALUE>0</VALUE></RETURNVALUE><PARAMVALUE NAME=\"s3cret!\"/>"
                 "<PARAMVALUE NAME=\"s3cret!\"/>")));
  });
  CimClient client(options_for(server));
  const auto reply = client.call(method_call());
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, Not(HasSubstr("s3cret!")));
}

TEST(Connections, AreUsedAgain) {
  ScriptedServer server(zero);
  CimClient client(options_for(server));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.call(method_call()));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Connections, ClosedWhileIdleCostTheCallerNothing) {
  ScriptedServer server([](const std::string& request) {
    Script script = say(good_http(envelope(request, "<IRETURNVALUE/>")));
    script.then_close = true;  // without having said so
    return script;
  });
  CimClient client(options_for(server));
  for (int i = 0; i < 20; ++i) {
    const auto reply = client.call(read_call());
    EXPECT_TRUE(reply) << reply.error().message;
  }
}

TEST(Connections, AMethodIsNeverSentTwice) {
  std::atomic<int> calls{0};
  ScriptedServer server([&](const std::string& request) {
    Script script = ++calls == 1 ? zero(request) : say("");
    script.then_close = calls > 1;
    return script;
  });
  CimClient client(options_for(server));
  ASSERT_TRUE(client.call(method_call()));
  const auto lost = client.call(method_call());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().origin, Origin::Transport);
  EXPECT_EQ(calls, 2);
}

TEST(Connections, AReadIsSentAgainOnceTheOldConnectionIsLost) {
  std::atomic<int> calls{0};
  ScriptedServer server([&](const std::string& request) {
    if (++calls == 2) {
      Script script = say("");
      script.then_close = true;
      return script;
    }
    return say(good_http(envelope(request, "<IRETURNVALUE/>")));
  });
  CimClient client(options_for(server));
  ASSERT_TRUE(client.call(read_call()));
  const auto again = client.call(read_call());
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_EQ(calls, 3);
}

TEST(Connections, CallsOfSeveralThreadsDoNotWaitForEachOther) {
  ScriptedServer server([](const std::string& request) {
    Script script = zero(request);
    script.pause = std::chrono::milliseconds(50);
    return script;
  });
  CimClient client(options_for(server));
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 3; ++k) good += client.call(method_call()) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 24);
}

TEST(Connections, NobodyListeningIsSaidSo) {
  std::uint16_t port = 0;
  {
    ScriptedServer gone(zero);
    port = gone.port();
  }
  CimClientOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  CimClient client(options);
  const auto reply = client.call(method_call());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().origin, Origin::Transport);
  EXPECT_THAT(reply.error().message, HasSubstr("refused"));
}

TEST(Url, IsReadInItsParts) {
  const auto full = parse_cimxml_url(
      "cimxml://array.example:5990/root/emc?portal=iscsi://a/iqn.x&portal=iscsi://b/iqn.y");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full.value().host, "array.example");
  EXPECT_EQ(full.value().port, 5990);
  EXPECT_EQ(full.value().name_space, "root/emc");
  EXPECT_THAT(full.value().portals, testing::ElementsAre("iscsi://a/iqn.x", "iscsi://b/iqn.y"));
  const auto bare = parse_cimxml_url("cimxml://[::1]");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare.value().host, "::1");
  EXPECT_EQ(bare.value().port, 5988);
  EXPECT_EQ(bare.value().name_space, "");
  EXPECT_FALSE(bare.value().tls);
  EXPECT_EQ(trust_text(bare.value()), "");
}

TEST(Url, OfHttpsSaysWhoIsBelieved) {
  for (const char* scheme : {"https://", "cimxml+https://"}) {
    const auto url = parse_cimxml_url(std::string(scheme) + "array.example/root/emc");
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url.value().port, 5989);
    ASSERT_TRUE(url.value().tls);
    EXPECT_TRUE(url.value().tls->verify);
    EXPECT_THAT(trust_text(url.value()), HasSubstr("the system's authorities"));
  }
  const auto url = parse_cimxml_url(
      "https://h?tls-ca=/a%20b.pem&tls-certificate=/c.pem&tls-key=/c.key&tls-verify=off");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url.value().tls, (tls::ClientOptions{"/a b.pem", {"/c.pem", "/c.key"}, false}));
  for (const char* wrong : {"cimxml://h?tls-ca=/a.pem", "https://h?tls-ca=", "https://h?tls-ca=%4",
                            "https://h?tls-verify=on", "https://h?tls-color=red"}) {
    EXPECT_FALSE(parse_cimxml_url(wrong)) << wrong;
  }
}

TEST(Url, NonsenseIsNamedAndSecretsAreNotRepeated) {
  for (const char* url : {"cimxml://", "cimxml://h:0/x", "cimxml://h:70000/x", "cimxml://h:x/x",
                          "cimxml://[::1/x", "cimxml://h/x?color=red", "http://h/x"}) {
    const auto parsed = parse_cimxml_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().origin, Origin::Usage);
  }
  const auto secret = parse_cimxml_url("cimxml://user:hunter2@h/x");
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(secret.error().message, HasSubstr("LOCKSTEP_CIMXML_USER"));
}

}  // namespace
}  // namespace lockstep::conformance
