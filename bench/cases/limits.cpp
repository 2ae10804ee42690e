// What the machine allows a transport at most, measured with nothing above it: bytes between two
// threads over TCP on loopback and through the rings of the bypass, to and fro and in one
// direction. The line for copies, memcpy, is among the copies.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"
#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace lockstep::bench {
namespace {

using transport::FileDescriptor;
using transport::bypass::Channel;
using transport::bypass::Segment;
using transport::bypass::Side;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequestBytes = 48;  // a command's header; an answer has one, too
constexpr std::chrono::microseconds kSpin{50};
constexpr std::size_t kRingBytes = 1 << 20;
constexpr int kSocketBufferBytes = 1 << 20;

// Moves whole messages, waiting as long as it takes; false: the other end is gone.
class Line {
 public:
  virtual ~Line() = default;
  virtual bool send(std::span<const std::byte> message) = 0;
  virtual bool receive(std::span<std::byte> message) = 0;
  // The other end's calls then fail.
  virtual void close() = 0;
};

struct TwoEnds {
  std::unique_ptr<Line> near;
  std::unique_ptr<Line> far;
};

class TcpLine final : public Line {
 public:
  explicit TcpLine(FileDescriptor socket) : socket_(std::move(socket)) {
    // As the target sets up its connections within one host.
    constexpr std::string_view kAlgorithm = "reno";
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_CONGESTION, kAlgorithm.data(), kAlgorithm.size());
    for (const auto& [level, name, value] :
         {std::array<int, 3>{IPPROTO_TCP, TCP_NODELAY, 1},
          std::array<int, 3>{SOL_SOCKET, SO_SNDBUF, kSocketBufferBytes},
          std::array<int, 3>{SOL_SOCKET, SO_RCVBUF, kSocketBufferBytes}}) {
      ::setsockopt(socket_.get(), level, name, &value, sizeof value);
    }
  }
  bool send(std::span<const std::byte> message) override {
    while (!message.empty()) {
      const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
      if (sent <= 0 && errno != EINTR) return false;
      if (sent > 0) message = message.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool receive(std::span<std::byte> message) override {
    while (!message.empty()) {
      const ssize_t got = receive_some(message);
      if (got <= 0) return false;
      message = message.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }
  void close() override { ::shutdown(socket_.get(), SHUT_RDWR); }

 private:
  // Looks for a while before it sleeps, as the target does.
  ssize_t receive_some(std::span<std::byte> message) {
    const auto until = Clock::now() + kSpin;
    do {
      const ssize_t got = ::recv(socket_.get(), message.data(), message.size(), MSG_DONTWAIT);
      if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return got;
    } while (Clock::now() < until);
    return ::recv(socket_.get(), message.data(), message.size(), 0);
  }
  FileDescriptor socket_;
};

Result<TwoEnds> tcp_ends() {
  FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  FileDescriptor near(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const at = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), at, length) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), at, &length) != 0 || ::connect(near.get(), at, length) != 0) {
    return transport_error("limit: expected a TCP connection on loopback, found none");
  }
  FileDescriptor far(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return TwoEnds{std::make_unique<TcpLine>(std::move(near)),
                 std::make_unique<TcpLine>(std::move(far))};
}

// Never sleeps: what the rings can do, not the bells.
class RingLine final : public Line {
 public:
  RingLine(std::unique_ptr<Channel> channel, std::shared_ptr<std::atomic<bool>> closed)
      : channel_(std::move(channel)), closed_(std::move(closed)) {}
  bool send(std::span<const std::byte> message) override {
    return move([&] {
      const std::array pieces{message};
      const std::size_t sent = channel_->send(pieces);
      message = message.subspan(sent);
      return std::pair{sent != 0, message.empty()};
    });
  }
  bool receive(std::span<std::byte> message) override {
    return move([&] {
      const std::array spaces{message};
      const std::size_t got = channel_->receive(spaces);
      message = message.subspan(got);
      return std::pair{got != 0, message.empty()};
    });
  }
  void close() override { *closed_ = true; }

 private:
  template <class Step>
  bool move(Step step) {
    constexpr unsigned kLooks = 1000;  // before the other end may need this processor
    for (unsigned in_vain = 0;; ++in_vain) {
      const auto [some, all] = step();
      if (all) return true;
      if (some) in_vain = 0;
      if (in_vain < kLooks) continue;
      if (*closed_) return false;
      std::this_thread::yield();
    }
  }
  std::unique_ptr<Channel> channel_;
  std::shared_ptr<std::atomic<bool>> closed_;
};

Result<TwoEnds> ring_ends() {
  LOCKSTEP_TRY(auto segment, Segment::create(kRingBytes));
  LOCKSTEP_TRY(auto other,
               Segment::map(FileDescriptor(::fcntl(segment.descriptor(), F_DUPFD_CLOEXEC, 0))));
  std::array<int, 2> bells{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bells.data()) != 0) {
    return transport_error("limit: expected a pair of sockets, found none");
  }
  const auto closed = std::make_shared<std::atomic<bool>>(false);
  return TwoEnds{
      std::make_unique<RingLine>(
          std::make_unique<Channel>(std::move(segment), Side::Server, FileDescriptor(bells[0])),
          closed),
      std::make_unique<RingLine>(
          std::make_unique<Channel>(std::move(other), Side::Client, FileDescriptor(bells[1])),
          closed)};
}

// Works at the far end until both are closed.
class FarEnd {
 public:
  template <class Work>
  FarEnd(TwoEnds& ends, Work work) : ends_(ends), thread_(std::move(work)) {}
  ~FarEnd() {
    ends_.near->close();
    // Its last send may wait for space that nobody makes any more.
    ends_.far->close();
    thread_.join();
  }

 private:
  TwoEnds& ends_;
  std::thread thread_;
};

std::vector<std::byte> message_of(std::size_t bytes) {
  std::vector<std::byte> message(bytes);
  for (std::size_t at = 0; at < bytes; ++at) message[at] = static_cast<std::byte>(at * 7 + 1);
  return message;
}

using MakeEnds = Result<TwoEnds> (*)();

// A header there, a header and `bytes` back: a read of that size.
void ping_pong(benchmark::State& state, MakeEnds make_ends, std::size_t bytes) {
  auto ends = make_ends();
  if (!ends) return state.SkipWithError(ends.error().message.c_str());
  const auto request = message_of(kRequestBytes);
  const auto answer = message_of(kRequestBytes + bytes);
  std::vector<std::byte> got(answer.size());
  Latencies latencies;
  bool good = true;
  {
    Line& far = *ends.value().far;
    const FarEnd other(ends.value(), [&] {
      std::vector<std::byte> asked(kRequestBytes);
      while (far.receive(asked) && far.send(answer)) {
      }
    });
    Line& near = *ends.value().near;
    for (auto _ : state) {
      const auto begin = Clock::now();
      good = good && near.send(request) && near.receive(got);
      latencies.record(Clock::now() - begin);
    }
  }
  if (!good || got != answer) return state.SkipWithError("the answer did not come as it was sent");
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["bytes_per_second"] =
      benchmark::Counter(rounds * static_cast<double>(bytes), benchmark::Counter::kIsRate);
  state.counters["io_per_second"] = benchmark::Counter(rounds, benchmark::Counter::kIsRate);
  set_percentiles(state, latencies);
}

// Messages of `bytes`, one after the other, in one direction.
void stream(benchmark::State& state, MakeEnds make_ends, std::size_t bytes) {
  auto ends = make_ends();
  if (!ends) return state.SkipWithError(ends.error().message.c_str());
  const auto message = message_of(bytes);
  std::vector<std::byte> got(bytes);
  bool good = true;
  const double cpu_begin = process_cpu_seconds();
  double cpu_end = cpu_begin;
  {
    Line& far = *ends.value().far;
    const FarEnd other(ends.value(), [&] {
      while (far.send(message)) {
      }
    });
    for (auto _ : state) good = good && ends.value().near->receive(got);
    cpu_end = process_cpu_seconds();
  }
  if (!good || got != message)
    return state.SkipWithError("the bytes did not come as they were sent");
  const auto messages = static_cast<double>(state.iterations());
  set_effort(state, cpu_end - cpu_begin, messages * static_cast<double>(bytes));
  state.counters["io_per_second"] = benchmark::Counter(messages, benchmark::Counter::kIsRate);
}

}  // namespace

std::vector<Case> limit_cases() {
  std::vector<Case> cases;
  for (const auto& [name, make_ends] :
       {std::pair{"tcp", &tcp_ends}, std::pair{"ring", &ring_ends}}) {
    for (const std::size_t kib : {4U, 64U, 256U}) {
      const std::size_t bytes = kib * 1024;
      cases.push_back(Case{std::string("limit/") + name + "_ping_pong/bs:" + size_text(bytes),
                           [make_ends = make_ends, bytes](benchmark::State& state, Environment&) {
                             ping_pong(state, make_ends, bytes);
                           }});
    }
    for (const std::size_t kib : {4U, 16U, 64U, 256U, 1024U}) {
      const std::size_t bytes = kib * 1024;
      cases.push_back(Case{std::string("limit/") + name + "_stream/bs:" + size_text(bytes),
                           [make_ends = make_ends, bytes](benchmark::State& state, Environment&) {
                             stream(state, make_ends, bytes);
                           }});
    }
  }
  return cases;
}

}  // namespace lockstep::bench
