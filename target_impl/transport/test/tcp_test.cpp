// Listener and connection over real sockets on loopback.
#include "target_impl/transport/tcp_connection.hpp"
#include "target_impl/transport/tcp_listener.hpp"
#include "target_impl/transport/test/client_socket.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <future>
#include <memory>
#include <thread>

namespace lockstep::transport::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Sends back what it gets; holds at most `limit` bytes; finishes after the byte '!'.
class Echo final : public StreamHandler {
 public:
  Echo(EventLoop& loop, FileDescriptor socket, std::size_t limit)
      : limit_(limit), stream_(loop, std::move(socket), *this) {}

  Spaces spaces() override { return {std::span(first_), std::span(second_)}; }
  void received(std::size_t bytes) override {
    const std::size_t in_first = std::min(bytes, first_.size());
    pending_.append(reinterpret_cast<const char*>(first_.data()), in_first);
    pending_.append(reinterpret_cast<const char*>(second_.data()), bytes - in_first);
    largest_ = std::max(largest_.load(), pending_.size());
  }
  bool wants_input() const override { return !finished_ && pending_.size() < limit_; }
  State process() override {
    finished_ = finished_ || pending_.find('!') != std::string::npos;
    return finished_ ? State::Finished : State::NeedsInput;
  }
  std::size_t unsent() const override { return pending_.size(); }
  std::size_t gather(std::span<std::span<const std::byte>> pieces) override {
    const auto all = std::as_bytes(std::span(pending_));
    const std::size_t half = all.size() / 2;
    pieces[0] = all.first(half);
    pieces[1] = all.subspan(half);
    return 2;
  }
  void sent(std::size_t bytes) override { pending_.erase(0, bytes); }
  void closed() override { closed_ = true; }

  TcpConnection& stream() { return stream_; }
  std::size_t largest() const { return largest_; }
  bool is_closed() const { return closed_; }

 private:
  std::array<std::byte, 7> first_{};
  std::array<std::byte, 5000> second_{};
  std::string pending_;
  const std::size_t limit_;
  bool finished_ = false;
  std::atomic<std::size_t> largest_ = 0;
  std::atomic<bool> closed_ = false;
  TcpConnection stream_;
};

class TcpTest : public ::testing::Test {
 protected:
  TcpTest() {
    auto loop = EventLoop::create();
    EXPECT_TRUE(loop.has_value());
    loop_ = std::move(loop.value());
    auto listener = TcpListener::open(*loop_, "127.0.0.1", 0, [this](FileDescriptor socket) {
      endpoint_ = local_endpoint(socket.get());
      echo_ = std::make_unique<Echo>(*loop_, std::move(socket), 20'000);
      EXPECT_TRUE(echo_->stream().start());
    });
    EXPECT_TRUE(listener.has_value());
    listener_ = std::move(listener.value());
    thread_ = std::thread([this] { loop_->run(); });
  }
  ~TcpTest() override { stop(); }
  void stop() {
    if (!thread_.joinable()) {
      return;
    }
    loop_->stop();
    thread_.join();
  }
  // Runs on the loop's thread and waits.
  template <class Function>
  auto on_loop(Function function) {
    std::promise<decltype(function())> promise;
    loop_->post([&] { promise.set_value(function()); });
    return promise.get_future().get();
  }

  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<TcpListener> listener_;
  std::unique_ptr<Echo> echo_;
  std::string endpoint_;
  std::thread thread_;
};

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>('0' + i * 7 % 70);
  }
  return text;
}

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
