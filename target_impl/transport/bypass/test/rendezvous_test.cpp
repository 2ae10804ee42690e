// A server and its clients that may choose between shared memory and TCP.
#include "target_impl/transport/bypass/rendezvous.hpp"

#include "target_impl/transport/bypass/client_wait.hpp"
#include "target_impl/transport/bypass/rendezvous_message.hpp"
#include "target_impl/transport/test/client_socket.hpp"
#include "target_impl/transport/test/echo.hpp"

#include <gmock/gmock.h>

#include <string>

namespace lockstep::transport::bypass::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using transport::test::ClientSocket;
using transport::test::EchoTest;
using transport::test::pattern;

constexpr milliseconds kPatience{10'000};

class RendezvousTest : public EchoTest {
 protected:
  RendezvousTest() {
    on_loop([this] {
      auto opened = Rendezvous::open(*loop_, listener_->port(),
                                     [this](const Endpoints& ends, Channel channel) {
                                       listener_->accept_waiting();
                                       return echo_ && echo_->stream().ends() == ends &&
                                              echo_->stream().offer(std::move(channel));
                                     });
      EXPECT_TRUE(opened);
      rendezvous_ = std::move(opened.value());
      return 0;
    });
  }
  ~RendezvousTest() override { stop(); }

  // What comes of sending `text` through the channel, until all of it is back.
  std::string exchange(Channel& channel, const ClientSocket& tcp, const std::string& text) {
    ClientWait wait(std::chrono::microseconds(50));
    std::string got;
    std::size_t sent = 0;
    while (got.size() < text.size()) {
      const std::array pieces{std::as_bytes(std::span(text)).subspan(sent)};
      sent += channel.send(pieces);
      std::string some(10'000, '\0');
      const std::array spaces{std::as_writable_bytes(std::span(some))};
      some.resize(channel.receive(spaces));
      got += some;
      if (some.empty() &&
          wait.wait(channel, tcp.descriptor(), kForBytes | (sent < text.size() ? kForSpace : 0),
                    kPatience) != ClientWait::Outcome::Ready) {
        break;
      }
    }
    return got;
  }
  bool closed_in_time() {
    for (int i = 0; i < 1000 && !on_loop([this] { return echo_->is_closed(); }); ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    return on_loop([this] { return echo_->is_closed(); });
  }
  bool uses_bypass() {
    return on_loop([this] { return echo_->stream().uses_bypass(); });
  }

  std::unique_ptr<Rendezvous> rendezvous_;
};

TEST_F(RendezvousTest, CarriesAStreamLargerThanTheRings) {
  ClientSocket tcp(listener_->port());
  const auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel) << channel.error().message;
  const std::string text = pattern(5'000'000);
  EXPECT_EQ(exchange(*channel.value(), tcp, text), text);
  EXPECT_TRUE(uses_bypass());
}

TEST_F(RendezvousTest, EndsInOrderWithTheServersLastWord) {
  ClientSocket tcp(listener_->port());
  const auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel);
  const std::string text = pattern(1000) + "!";
  EXPECT_EQ(exchange(*channel.value(), tcp, text), text);
  EXPECT_TRUE(tcp.ends_in_order());
}

TEST_F(RendezvousTest, RefusesAConnectionThatHasChosenTcp) {
  ClientSocket tcp(listener_->port());
  ASSERT_TRUE(tcp.send("x"));
  ASSERT_EQ(tcp.receive(1), "x");
  const auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_FALSE(channel);
  EXPECT_THAT(channel.error().message, HasSubstr("refusal"));
  ASSERT_TRUE(tcp.send("y"));
  EXPECT_EQ(tcp.receive(1), "y");
}

TEST_F(RendezvousTest, LeavesTheChoiceToTheFirstByte) {
  for (const bool keeps_channel : {true, false}) {
    ClientSocket tcp(listener_->port());
    auto channel = ask_for_channel(tcp.descriptor(), kPatience);
    ASSERT_TRUE(channel) << channel.error().message;
    if (!keeps_channel) {
      channel.value().reset();
    }
    ASSERT_TRUE(tcp.send("over tcp"));
    EXPECT_EQ(tcp.receive(8), "over tcp");
    EXPECT_FALSE(uses_bypass());
    tcp.close();
    EXPECT_TRUE(closed_in_time());
  }
}

TEST_F(RendezvousTest, EndsWithTheClient) {
  ClientSocket tcp(listener_->port());
  auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel);
  EXPECT_EQ(exchange(*channel.value(), tcp, "abc"), "abc");
  tcp.close();
  EXPECT_TRUE(closed_in_time());
}

TEST_F(RendezvousTest, EndsWithTheClientsEndOfTheChannel) {
  ClientSocket tcp(listener_->port());
  auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel);
  EXPECT_EQ(exchange(*channel.value(), tcp, "abc"), "abc");
  channel.value().reset();
  EXPECT_TRUE(tcp.at_end());
}

TEST_F(RendezvousTest, EndsWhenTheClientGoesBackToTcp) {
  ClientSocket tcp(listener_->port());
  auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel);
  EXPECT_EQ(exchange(*channel.value(), tcp, "abc"), "abc");
  ASSERT_TRUE(tcp.send("x"));
  EXPECT_TRUE(tcp.at_end());
}

TEST_F(RendezvousTest, TellsTheClientThatTheServerIsGone) {
  ClientSocket tcp(listener_->port());
  auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  ASSERT_TRUE(channel);
  EXPECT_EQ(exchange(*channel.value(), tcp, "abc"), "abc");
  on_loop([this] {
    echo_.reset();
    return 0;
  });
  ClientWait wait(std::chrono::microseconds(50));
  EXPECT_EQ(wait.wait(*channel.value(), tcp.descriptor(), kForBytes, kPatience),
            ClientWait::Outcome::Gone);
}

TEST_F(RendezvousTest, SurvivesVisitorsThatMakeNoSense) {
  ClientSocket tcp(listener_->port());
  const auto name = rendezvous_name(listener_->port());
  const Hello good = write_hello({*endpoints_of(tcp.descriptor())});
  const std::string hello(reinterpret_cast<const char*>(good.data()), good.size());
  std::string other_version = hello;
  other_version[7] = 1;
  std::string other_connection = hello;
  other_connection[24] ^= 1;  // a port
  std::string other_bell = hello;
  other_bell.back() = 2;
  for (const std::string& said : {std::string("x"), hello.substr(1), hello + "x", other_version,
                                  other_connection, other_bell}) {
    FileDescriptor visitor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const timeval limit{10, 0};
    ::setsockopt(visitor.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ASSERT_EQ(::connect(visitor.get(), name.get(), name.bytes), 0);
    ASSERT_EQ(::send(visitor.get(), said.data(), said.size(), 0), std::ssize(said));
    char answer = 0;
    EXPECT_EQ(::recv(visitor.get(), &answer, 1, 0), 0) << "shown out";
  }
  const auto channel = ask_for_channel(tcp.descriptor(), kPatience);
  EXPECT_TRUE(channel) << "and others are still let in";
}

TEST(AskForChannel, SaysWhyThereIsNone) {
  const auto nowhere = ask_for_channel(-1, kPatience);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("TCP is used"));
}

}  // namespace
}  // namespace lockstep::transport::bypass::test
