// What the machine allows a transport at most, measured with nothing above it: bytes between two
// threads over TCP on loopback and through the rings of the bypass, to and fro and in one
// direction. What is fastest depends on the machine and the size: two processors that never sleep
// spare the wake-ups, one that goes from end to end finds the bytes in its cache. The line is
// measured in the way that a short trial shows to be the best. The line for copies, memcpy, is
// among the copies.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/load/processes.hpp"
#include "bench/measure.hpp"
#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
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

// How a receiver waits for bytes.
enum class Waiting : std::uint8_t { Looking, Asleep };

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
  TcpLine(FileDescriptor socket, Waiting waiting) : socket_(std::move(socket)), waiting_(waiting) {
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
  ssize_t receive_some(std::span<std::byte> message) {
    if (waiting_ == Waiting::Asleep)
      return ::recv(socket_.get(), message.data(), message.size(), 0);
    const auto until = Clock::now() + kSpin;
    do {
      const ssize_t got = ::recv(socket_.get(), message.data(), message.size(), MSG_DONTWAIT);
      if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return got;
    } while (Clock::now() < until);
    return ::recv(socket_.get(), message.data(), message.size(), 0);
  }
  FileDescriptor socket_;
  const Waiting waiting_;
};

Result<TwoEnds> tcp_ends(Waiting waiting) {
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
  return TwoEnds{std::make_unique<TcpLine>(std::move(near), waiting),
                 std::make_unique<TcpLine>(std::move(far), waiting)};
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

Result<TwoEnds> ring_ends(Waiting /*never asleep*/) {
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

struct Way {
  Result<TwoEnds> (*make_ends)(Waiting);
  Waiting waiting;
  bool on_one_processor;
};

// Something that is done over and over between two ends; the far one has a thread of its own.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // False: the other end is gone.
  virtual bool once() = 0;
  // Whether the last bytes came as they were sent.
  [[nodiscard]] virtual bool is_right() const = 0;
};

// A header there, a header and `bytes` back: a read of that size.
class PingPong final : public Exchange {
 public:
  PingPong(const Way& way, TwoEnds ends, std::size_t bytes)
      : request_(message_of(kRequestBytes)),
        answer_(message_of(kRequestBytes + bytes)),
        got_(answer_.size()),
        ends_(std::move(ends)) {
    if (way.on_one_processor) processor_.emplace();
    other_.emplace(ends_, [this] {
      std::vector<std::byte> asked(kRequestBytes);
      while (ends_.far->receive(asked) && ends_.far->send(answer_)) {
      }
    });
  }
  bool once() override { return ends_.near->send(request_) && ends_.near->receive(got_); }
  [[nodiscard]] bool is_right() const override { return got_ == answer_; }

 private:
  const std::vector<std::byte> request_;
  const std::vector<std::byte> answer_;
  std::vector<std::byte> got_;
  TwoEnds ends_;
  std::optional<load::OnLastProcessor> processor_;
  std::optional<FarEnd> other_;
};

// So many bytes at a time, one after the other, in one direction.
class Stream final : public Exchange {
 public:
  Stream(const Way& way, TwoEnds ends, std::size_t bytes)
      : message_(message_of(bytes)), got_(bytes), ends_(std::move(ends)) {
    if (way.on_one_processor) processor_.emplace();
    other_.emplace(ends_, [this] {
      while (ends_.far->send(message_)) {
      }
    });
  }
  bool once() override { return ends_.near->receive(got_); }
  [[nodiscard]] bool is_right() const override { return got_ == message_; }

 private:
  const std::vector<std::byte> message_;
  std::vector<std::byte> got_;
  TwoEnds ends_;
  std::optional<load::OnLastProcessor> processor_;
  std::optional<FarEnd> other_;
};

template <class Kind>
Result<std::unique_ptr<Exchange>> begin(const Way& way, std::size_t bytes) {
  LOCKSTEP_TRY(auto ends, way.make_ends(way.waiting));
  return std::unique_ptr<Exchange>(std::make_unique<Kind>(way, std::move(ends), bytes));
}

// Of the fastest of a few short turns: what disturbs them only adds.
double seconds_of_once(Exchange& exchange) {
  constexpr int kTurns = 5;
  constexpr std::chrono::milliseconds kTurn{3};
  double least = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < kTurns; ++turn) {
    int done = 0;
    const auto begun = Clock::now();
    do {
      if (!exchange.once()) return std::numeric_limits<double>::infinity();
      ++done;
    } while (Clock::now() < begun + kTurn);
    least = std::min(least, std::chrono::duration<double>(Clock::now() - begun).count() / done);
  }
  return least;
}

// In the way that is the fastest for it.
template <class Kind>
Result<std::unique_ptr<Exchange>> begin_best(const std::vector<Way>& ways, std::size_t bytes) {
  const Way* best = &ways.front();
  double least = std::numeric_limits<double>::infinity();
  for (const Way& way : ways) {
    LOCKSTEP_TRY(const auto tried, begin<Kind>(way, bytes));
    const double seconds = seconds_of_once(*tried);
    if (seconds < least) best = &way;
    least = std::min(least, seconds);
  }
  return begin<Kind>(*best, bytes);
}

void ping_pong(benchmark::State& state, const std::vector<Way>& ways, std::size_t bytes) {
  const auto exchange = begin_best<PingPong>(ways, bytes);
  if (!exchange) return state.SkipWithError(exchange.error().message.c_str());
  Latencies latencies;
  bool good = true;
  for (auto _ : state) {
    const auto begin = Clock::now();
    good = good && exchange.value()->once();
    latencies.record(Clock::now() - begin);
  }
  if (!good || !exchange.value()->is_right()) {
    return state.SkipWithError("the answer did not come as it was sent");
  }
  const auto rounds = static_cast<double>(state.iterations());
  set_rates(state, rounds, rounds * static_cast<double>(bytes));
  set_percentiles(state, latencies);
}

// Messages of `bytes`, of which as many leave together as there are requests in flight.
void stream(benchmark::State& state, const std::vector<Way>& ways, std::size_t bytes,
            std::size_t depth) {
  constexpr std::size_t kMostAtOnce = 1 << 20;
  const std::size_t together = std::clamp<std::size_t>(kMostAtOnce / bytes, 1, depth);
  const auto exchange = begin_best<Stream>(ways, bytes * together);
  if (!exchange) return state.SkipWithError(exchange.error().message.c_str());
  bool good = true;
  std::size_t there = 0;
  const double cpu_begin = process_cpu_seconds();
  for (auto _ : state) {
    if (there == 0) {
      good = good && exchange.value()->once();
      there = together;
    }
    --there;
  }
  const double cpu_seconds = process_cpu_seconds() - cpu_begin;
  if (!good || !exchange.value()->is_right()) {
    return state.SkipWithError("the bytes did not come as they were sent");
  }
  const auto messages = static_cast<double>(state.iterations());
  set_effort(state, cpu_seconds, messages * static_cast<double>(bytes));
  state.counters["io_per_second"] = benchmark::Counter(messages, benchmark::Counter::kIsRate);
}

}  // namespace

std::vector<Case> limit_cases() {
  const std::vector<Way> tcp{{tcp_ends, Waiting::Looking, false},
                             {tcp_ends, Waiting::Asleep, true}};
  const std::vector<Way> ring{{ring_ends, Waiting::Looking, false}};
  std::vector<Case> cases;
  for (const auto& [name, ways] : {std::pair{"tcp", tcp}, std::pair{"ring", ring}}) {
    const std::string line = std::string("limit/") + name;
    for (const std::size_t kib : {4U, 64U, 256U}) {
      const std::size_t bytes = kib * 1024;
      cases.push_back(
          needing(Needs::Nothing, Case{line + "_ping_pong/bs:" + size_text(bytes),
                                       [ways = ways, bytes](benchmark::State& state, Environment&) {
                                         ping_pong(state, ways, bytes);
                                       }}));
    }
    for (const auto& [kib, depth] : {std::pair{4U, 4U},
                                     {4U, 16U},
                                     {4U, 64U},
                                     {16U, 16U},
                                     {64U, 16U},
                                     {64U, 64U},
                                     {256U, 16U},
                                     {256U, 64U},
                                     {1024U, 16U}}) {
      const std::size_t bytes = std::size_t{kib} * 1024;
      const std::size_t in_flight = depth;
      cases.push_back(
          needing(Needs::Nothing,
                  Case{line + "_stream/bs:" + size_text(bytes) + "/qd:" + std::to_string(depth),
                       [ways = ways, bytes, in_flight](benchmark::State& state, Environment&) {
                         stream(state, ways, bytes, in_flight);
                       }}));
    }
  }
  return cases;
}

}  // namespace lockstep::bench
