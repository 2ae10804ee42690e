// Listener and connection over real sockets on loopback.
#include "target_impl/transport/test/client_socket.hpp"
#include "target_impl/transport/test/echo.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace lockstep::transport::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class TcpTest : public EchoTest {};

TEST_F(TcpTest, CarriesBytesOneAtATime) {
  ClientSocket client(listener_->port());
  ASSERT_TRUE(client.connected());
  const std::string text = pattern(100);
  for (const char c : text) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_EQ(client.receive(100), text);
  EXPECT_EQ(endpoint_, "127.0.0.1:" + std::to_string(listener_->port()));
}

TEST_F(TcpTest, StopsReadingFromAPeerThatDoesNotRead) {
  ClientSocket client(listener_->port(), 4096);
  const std::string text = pattern(20'000'000);
  std::thread sender([&] { EXPECT_TRUE(client.send(text)); });
  // The peer takes nothing until the echo has held back once.
  while (on_loop([this] { return !echo_ || echo_->wants_input(); })) {
    std::this_thread::yield();
  }
  EXPECT_EQ(client.receive(text.size()), text);
  sender.join();
  EXPECT_LE(echo_->largest(), 20'000U + 5007);
}

TEST_F(TcpTest, SendsTheLastWordBeforeItCloses) {
  ClientSocket client(listener_->port());
  const std::string text = pattern(15'000) + "!";
  // What follows the last word is not read, and must not destroy it.
  ASSERT_TRUE(client.send(text + pattern(100'000)));
  EXPECT_THAT(client.receive(200'000), StartsWith(text));
  EXPECT_TRUE(client.ends_in_order());
}

TEST_F(TcpTest, ClosesWhenThePeerDoes) {
  ClientSocket client(listener_->port());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(1), "x");
  client.close();
  while (!on_loop([this] { return echo_->is_closed(); })) {
    std::this_thread::yield();
  }
}

TEST_F(TcpTest, ClosesAtOnceWhenTold) {
  ClientSocket client(listener_->port());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(1), "x");
  EXPECT_TRUE(on_loop([this] {
    echo_->stream().close_now();
    return echo_->is_closed();
  }));
  EXPECT_TRUE(client.at_end());
}

TEST_F(TcpTest, CanBeDestroyedWhileConnected) {
  ClientSocket client(listener_->port());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(1), "x");
  EXPECT_TRUE(on_loop([this] {
    echo_.reset();
    return true;
  }));
  EXPECT_TRUE(client.at_end());
}

TEST_F(TcpTest, NamesThePortThatIsInUse) {
  const auto second =
      TcpListener::open(*loop_, "127.0.0.1", listener_->port(), [](FileDescriptor) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().origin, Origin::Config);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(listener_->port())));
  EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

TEST_F(TcpTest, NamesTheAddressThatIsBad) {
  for (const char* address : {"192.0.2.1", "no such host", "300.1.1.1"}) {
    const auto bad = TcpListener::open(*loop_, address, 0, [](FileDescriptor) {});
    ASSERT_FALSE(bad.has_value()) << address;
    EXPECT_EQ(bad.error().origin, Origin::Config);
    EXPECT_THAT(bad.error().message, HasSubstr(address));
  }
}

}  // namespace
}  // namespace lockstep::transport::test
