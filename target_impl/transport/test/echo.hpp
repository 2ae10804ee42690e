// A server on a loop of its own that sends back what it gets.
#pragma once

#include "target_impl/transport/tcp_connection.hpp"
#include "target_impl/transport/tcp_listener.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace lockstep::transport::test {

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
  State process(std::size_t /*enough*/) override {
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

class EchoTest : public ::testing::Test {
 protected:
  EchoTest() {
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
  ~EchoTest() override { stop(); }
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

inline std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>('0' + i * 7 % 70);
  }
  return text;
}

}  // namespace lockstep::transport::test
