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

// Answers each byte with so many KiB, no more than enough of them at once.
class Answers final : public StreamHandler {
 public:
  Answers(EventLoop& loop, FileDescriptor socket) : stream_(loop, std::move(socket), *this) {}

  Spaces spaces() override { return {std::span(input_), {}}; }
  void received(std::size_t bytes) override {
    for (const std::byte each : std::span(input_).first(bytes)) {
      owed_ += std::to_integer<std::size_t>(each) * 1024;
    }
  }
  bool wants_input() const override { return true; }
  State process(std::size_t enough) override {
    const std::size_t more = std::min(owed_, enough);
    if (more > 0) enough_.push_back(enough);
    owed_ -= more;
    output_.resize(output_.size() + more);
    return owed_ > 0 ? State::Paused : State::NeedsInput;
  }
  std::size_t unsent() const override { return output_.size(); }
  std::size_t gather(std::span<std::span<const std::byte>> pieces) override {
    pieces[0] = output_;
    return 1;
  }
  void sent(std::size_t bytes) override { output_.resize(output_.size() - bytes); }
  void closed() override {}

  TcpConnection& stream() { return stream_; }
  // How much was enough, each time that there was something to answer.
  std::vector<std::size_t> take_enough() { return std::exchange(enough_, {}); }

 private:
  std::array<std::byte, 1> input_{};
  std::vector<std::byte> output_;
  std::size_t owed_ = 0;
  std::vector<std::size_t> enough_;
  TcpConnection stream_;
};

TEST(TcpBatches, AreSentInHalves) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop.has_value());
  std::unique_ptr<Answers> answers;
  auto listener = TcpListener::open(*loop.value(), "127.0.0.1", 0, [&](FileDescriptor socket) {
    answers = std::make_unique<Answers>(*loop.value(), std::move(socket));
    EXPECT_TRUE(answers->stream().start());
  });
  ASSERT_TRUE(listener.has_value());
  std::thread thread([&] { loop.value()->run(); });
  ClientSocket client(listener.value()->port());
  const auto enough_for = [&](std::size_t kib) {
    EXPECT_TRUE(client.send(std::string(1, static_cast<char>(kib))));
    EXPECT_EQ(client.receive(kib * 1024).size(), kib * 1024);
    std::promise<std::vector<std::size_t>> seen;
    loop.value()->post([&] { seen.set_value(answers->take_enough()); });
    return seen.get_future().get();
  };
  constexpr std::size_t kLeast = 32 * 1024;
  EXPECT_EQ(enough_for(120), std::vector<std::size_t>(4, kLeast));
  EXPECT_EQ(enough_for(120), std::vector<std::size_t>(2, 60 * 1024));
  EXPECT_EQ(enough_for(4), std::vector<std::size_t>(1, 60 * 1024));
  EXPECT_EQ(enough_for(40), std::vector<std::size_t>(2, kLeast));
  loop.value()->post([&] {
    answers.reset();
    loop.value()->stop();
  });
  thread.join();
}

}  // namespace
}  // namespace lockstep::transport::test
