// Goal: a loop that watches a link misses nothing that the target sends, asleep or awake, and has
// the system called while it sleeps only.
#include "target_impl/transport/bypass/sockets/watched_link.hpp"

#include "target_impl/transport/bypass/sockets/test/echo_process.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <linux/tcp.h>
#include <memory>
#include <poll.h>
#include <string>
#include <thread>

namespace lockstep::transport::bypass::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class WatchedLinkTest : public testing::Test {
 protected:
  WatchedLinkTest() : socket_(connect_with_consent(server.port())), loop_(make_loop()) {
    send();
    std::string echo(1, '\0');
    EXPECT_EQ(::recv(socket_.get(), echo.data(), 1, 0), 1);
    watched_ = WatchedLink::of(socket_.get(), [this] { readable(); });
  }
  ~WatchedLinkTest() override {
    if (watched_) watched_->stop(*loop_);
  }
  static std::unique_ptr<EventLoop> make_loop() { return std::move(EventLoop::create().value()); }
  void send() { EXPECT_EQ(::send(socket_.get(), "x", 1, MSG_NOSIGNAL), 1); }

  // Sends one byte after the other, each after the echo of the one before and what `between` does.
  void exchange(int bytes, std::function<void()> between) {
    left_ = bytes;
    between_ = std::move(between);
    ASSERT_TRUE(watched_->start(*loop_));
    loop_->after(std::chrono::seconds(20), [this] { loop_->stop(); });
    send();
    loop_->run();
  }

  // What has come over TCP so far.
  [[nodiscard]] std::uint32_t rings() const {
    tcp_info info{};
    socklen_t bytes = sizeof info;
    EXPECT_EQ(::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &bytes), 0);
    return info.tcpi_data_segs_in;
  }

  EchoProcess server{true};
  FileDescriptor socket_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<WatchedLink> watched_;
  int left_ = 0;
  bool ended_ = false;

 private:
  void readable() {
    char byte = 0;
    const ssize_t got = ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      ended_ = true;
      return loop_->stop();
    }
    if (--left_ == 0) return loop_->stop();
    between_();
    send();
  }

  std::function<void()> between_;
};

TEST_F(WatchedLinkTest, IsHeardByALoopThatSleeps) {
  ASSERT_TRUE(watched_);
  exchange(1000, [] {});
  EXPECT_EQ(left_, 0);
}

TEST_F(WatchedLinkTest, IsNotRungForWhileTheLoopLooks) {
  ASSERT_TRUE(watched_);
  loop_->spin_at_most(std::chrono::seconds(10));
  constexpr int kExchanges = 50;
  std::uint32_t rings_before = rings();
  std::uint32_t fewest = UINT32_MAX;
  // A loop that shares its processor with others sleeps, so it is tried again and again.
  exchange(1200 * kExchanges, [&] {
    if (left_ % kExchanges != 0) return;
    fewest = std::min(fewest, rings() - rings_before);
    rings_before = rings();
    if (fewest < kExchanges / 10) loop_->stop();
  });
  EXPECT_LT(fewest, kExchanges / 10) << "in " << kExchanges << " exchanges";
}

// The rings of an announcement and the end of the sleep cross each other in every way.
TEST_F(WatchedLinkTest, IsHeardByALoopThatNowSleepsAndNowLooks) {
  ASSERT_TRUE(watched_);
  loop_->spin_at_most(microseconds(20));
  exchange(3000, [&] {
    if (left_ % 7 == 0) std::this_thread::sleep_for(microseconds(left_ % 50));
  });
  EXPECT_EQ(left_, 0);
}

TEST_F(WatchedLinkTest, IsHeardBesideAThreadThatPolls) {
  ASSERT_TRUE(watched_);
  std::atomic<bool> stopping{false};
  std::thread other([&] {
    while (!stopping) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      static_cast<void>(::poll(&waiting, 1, 2));
    }
  });
  exchange(2000, [] {});
  stopping = true;
  other.join();
  EXPECT_EQ(left_, 0);
}

TEST_F(WatchedLinkTest, TellsThatTheServerWasKilled) {
  ASSERT_TRUE(watched_);
  loop_->after(milliseconds(20), [&] { server.kill_now(); });
  exchange(1'000'000'000, [] {});
  EXPECT_TRUE(ended_);
}

TEST_F(WatchedLinkTest, IsNotForConnectionsThatStayOnTcp) {
  EchoProcess without{false};
  const FileDescriptor socket(connect_with_consent(without.port()));
  EXPECT_EQ(::send(socket.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(WatchedLink::of(socket.get(), [] {}), nullptr);
}

}  // namespace
}  // namespace lockstep::transport::bypass::test
