#include "target_impl/peer/test/fault_proxy.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <random>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lockstep::peer::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeldBytesMax = 64U << 20;

struct Chunk {
  Clock::time_point due;
  std::vector<char> bytes;
};

// One direction.
struct Way {
  std::deque<Chunk> chunks;
  std::size_t held = 0;
};

struct Connection {
  int initiator = -1;
  int target = -1;
  Way to_target;
  Way to_initiator;
  bool target_done = false;  // it has closed; what it said before still goes through
  bool late = false;         // the initiator's side was cut; what is held waits for deliver_late()
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void close_hard(int& socket) {
  if (socket < 0) return;
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket, -1));
}

void no_delay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

struct FaultProxy::Inside {
  enum class Mode { Passing, Stalled, Cut };

  std::uint16_t upstream = 0;
  int listener = -1;
  int wake = -1;
  std::uint16_t port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> passed{0};
  std::mutex mutex;
  Mode mode = Mode::Passing;
  std::chrono::milliseconds longest_delay{0};
  std::uint64_t cut_at = UINT64_MAX;
  std::list<Connection> connections;
  std::minstd_rand random{7};
  std::thread thread;

  void poke() const { static_cast<void>(::eventfd_write(wake, 1)); }

  void run() {
    while (!stopping) {
      std::vector<pollfd> waiting{{listener, POLLIN, 0}, {wake, POLLIN, 0}};
      int patience_ms = 1000;
      {
        const std::lock_guard lock(mutex);
        for (Connection& connection : connections) watch(connection, waiting, patience_ms);
      }
      ::poll(waiting.data(), waiting.size(), patience_ms);
      if (waiting[1].revents != 0) {
        eventfd_t count = 0;
        static_cast<void>(::eventfd_read(wake, &count));
      }
      const std::lock_guard lock(mutex);
      if (waiting[0].revents != 0) take_one();
      for (auto one = connections.begin(); one != connections.end();) {
        one = pass(*one) ? std::next(one) : connections.erase(one);
      }
    }
    const std::lock_guard lock(mutex);
    for (Connection& connection : connections) end(connection);
    connections.clear();
  }

  [[nodiscard]] bool may_send(const Connection& connection) const {
    return mode == Mode::Passing && !connection.late;
  }

  void watch(const Connection& connection, std::vector<pollfd>& waiting, int& patience_ms) const {
    const auto one = [&](int from, int to, const Way& way) {
      if (from >= 0 && way.held < kHeldBytesMax) waiting.push_back({from, POLLIN, 0});
      if (way.chunks.empty() || to < 0 || !may_send(connection)) return;
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(way.chunks.front().due - Clock::now());
      if (left.count() <= 0) {
        waiting.push_back({to, POLLOUT, 0});
      } else {
        patience_ms = std::min(patience_ms, static_cast<int>(left.count()));
      }
    };
    one(connection.initiator, connection.target, connection.to_target);
    one(connection.target_done ? -1 : connection.target, connection.initiator,
        connection.to_initiator);
  }

  void take_one() {
    const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return;
    Connection connection;
    connection.initiator = accepted;
    no_delay(accepted);
    if (mode == Mode::Cut) return close_hard(connection.initiator);
    connection.target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(upstream);
    if (::connect(connection.target, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      close_hard(connection.target);
      return close_hard(connection.initiator);
    }
    no_delay(connection.target);
    connections.push_back(std::move(connection));
  }

  static void end(Connection& connection) {
    close_hard(connection.initiator);
    close_hard(connection.target);
  }

  // False: this end is closed.
  bool read_from(int socket, Way& way) {
    std::array<char, 65536> buffer{};
    while (way.held < kHeldBytesMax) {
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      auto due = Clock::now();
      if (longest_delay.count() > 0) {
        due += std::chrono::milliseconds{random() %
                                         static_cast<std::uint64_t>(longest_delay.count() + 1)};
      }
      if (!way.chunks.empty()) due = std::max(due, way.chunks.back().due);
      way.chunks.push_back({due, {buffer.data(), buffer.data() + got}});
      way.held += static_cast<std::size_t>(got);
    }
    return true;
  }

  bool write_to(int socket, Way& way, bool counts) {
    while (!way.chunks.empty() && way.chunks.front().due <= Clock::now()) {
      std::vector<char>& bytes = way.chunks.front().bytes;
      std::size_t wanted = bytes.size();
      if (counts) wanted = std::min<std::uint64_t>(wanted, cut_at - passed);
      const ssize_t sent = ::send(socket, bytes.data(), wanted, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      if (counts) passed += static_cast<std::uint64_t>(sent);
      way.held -= static_cast<std::size_t>(sent);
      bytes.erase(bytes.begin(), bytes.begin() + sent);
      if (bytes.empty()) way.chunks.pop_front();
      if (counts && passed >= cut_at) {
        mode = Mode::Cut;
        cut_at = UINT64_MAX;
        return false;
      }
    }
    return true;
  }

  // False: the connection is over.
  bool pass(Connection& connection) {
    bool open = mode != Mode::Cut || connection.late;
    if (open && connection.initiator >= 0) {
      open = read_from(connection.initiator, connection.to_target);
    }
    if (open && !connection.target_done) {
      connection.target_done = !read_from(connection.target, connection.to_initiator);
    }
    if (connection.late) connection.to_initiator = {};
    if (open && may_send(connection)) {
      open = (connection.target_done || write_to(connection.target, connection.to_target, true)) &&
             (connection.initiator < 0 ||
              write_to(connection.initiator, connection.to_initiator, false));
    }
    if (open && connection.target_done && connection.to_initiator.chunks.empty()) {
      // Not reset: that would throw away what has not been read yet.
      ::close(std::exchange(connection.initiator, -1));
      open = false;
    }
    if (!open) end(connection);
    return open;
  }
};

FaultProxy::FaultProxy(const std::string& upstream) : inside_(std::make_unique<Inside>()) {
  inside_->upstream =
      static_cast<std::uint16_t>(std::stoi(upstream.substr(upstream.rfind(':') + 1)));
  inside_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(inside_->listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(inside_->listener, 64) != 0 ||
      ::getsockname(inside_->listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  inside_->port = ntohs(address.sin_port);
  inside_->wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  inside_->thread = std::thread([this] { inside_->run(); });
}

FaultProxy::~FaultProxy() {
  inside_->stopping = true;
  inside_->poke();
  inside_->thread.join();
  ::close(inside_->listener);
  ::close(inside_->wake);
}

std::string FaultProxy::portal() const { return "127.0.0.1:" + std::to_string(inside_->port); }

void FaultProxy::cut() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->mode = Inside::Mode::Cut;
    for (Connection& connection : inside_->connections) inside_->end(connection);
    inside_->connections.clear();
  }
  inside_->poke();
}

void FaultProxy::stall() {
  const std::lock_guard lock(inside_->mutex);
  inside_->mode = Inside::Mode::Stalled;
}

void FaultProxy::cut_behind() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->mode = Inside::Mode::Cut;
    for (Connection& connection : inside_->connections) {
      static_cast<void>(inside_->read_from(connection.initiator, connection.to_target));
      close_hard(connection.initiator);
      connection.late = true;
    }
  }
  inside_->poke();
}

void FaultProxy::deliver_late() {
  {
    const std::lock_guard lock(inside_->mutex);
    for (Connection& connection : inside_->connections) connection.late = false;
  }
  inside_->poke();
}

void FaultProxy::heal() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->mode = Inside::Mode::Passing;
  }
  inside_->poke();
}

void FaultProxy::delay(std::chrono::milliseconds longest) {
  const std::lock_guard lock(inside_->mutex);
  inside_->longest_delay = longest;
}

void FaultProxy::cut_after(std::uint64_t bytes) {
  const std::lock_guard lock(inside_->mutex);
  inside_->cut_at = inside_->passed + bytes;
}

std::uint64_t FaultProxy::bytes_to_target() const { return inside_->passed; }

}  // namespace lockstep::peer::test
