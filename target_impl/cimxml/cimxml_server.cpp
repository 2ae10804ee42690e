// Sockets and threads: one thread accepts, one serves each connection, because a method may last
// as long as a copy.
#include "target_impl/cimxml/cimxml_server.hpp"

#include "target_impl/cimxml/http_service.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace lockstep::cimxml {
namespace {

constexpr std::chrono::seconds kLongestIdle{120};
constexpr std::chrono::seconds kLongestMessage{30};

class Socket {
 public:
  explicit Socket(int number = -1) noexcept : number_(number) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

Error cannot_listen(const ServerOptions& options, const std::string& why) {
  return config_error("CIM-XML server: expected to listen on " + options.address + ":" +
                      std::to_string(options.port) + ", found " + why +
                      "; choose another address or port");
}

Result<Socket> listen_on(const ServerOptions& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) {
    return cannot_listen(options, "an address that is not IPv4");
  }
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  if (socket.get() < 0 || ::bind(socket.get(), raw, sizeof address) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    return cannot_listen(options, std::strerror(errno));
  }
  return socket;
}

class ServerThreads final : public Server {
 public:
  ServerThreads(Provider& provider, ServerOptions options, Socket listener)
      : options_(std::move(options)),
        service_(provider, options_),
        listener_(std::move(listener)),
        stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    sockaddr_in bound{};
    socklen_t length = sizeof bound;
    static_cast<void>(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &length));
    port_ = ntohs(bound.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~ServerThreads() override {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stop_.get(), &one, sizeof one));
    acceptor_.join();
    for (Connection& connection : connections_) connection.thread.join();
  }
  ServerThreads(const ServerThreads&) = delete;
  ServerThreads& operator=(const ServerThreads&) = delete;

  std::uint16_t port() const noexcept override { return port_; }

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> ended{false};
  };

  // Readable within the time; false: time is up, the server stops or poll failed.
  bool wait_for(int socket, short events, std::chrono::milliseconds longest) const {
    pollfd polled[2] = {{socket, events, 0}, {stop_.get(), POLLIN, 0}};
    const int ready = ::poll(polled, 2, static_cast<int>(longest.count()));
    return ready > 0 && polled[1].revents == 0;
  }

  void accept_all() {
    for (;;) {
      pollfd polled[2] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (::poll(polled, 2, -1) < 0 && errno != EINTR) return;
      if (polled[1].revents != 0) return;
      connections_.remove_if([](Connection& connection) {
        if (!connection.ended) return false;
        connection.thread.join();
        return true;
      });
      Socket socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (socket.get() < 0) continue;
      if (connections_.size() >= options_.most_connections) {
        static_cast<void>(
            send_all(socket.get(), wire::write_response(http_failure(503, "Service Unavailable"))));
        continue;
      }
      const int yes = 1;
      static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
      Connection& connection = connections_.emplace_back();
      connection.thread = std::thread([this, &connection, held = std::move(socket)] {
        serve(held.get());
        connection.ended = true;
      });
    }
  }

  bool send_all(int socket, std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN && errno != EINTR) {
        return false;
      } else if (!wait_for(socket, POLLOUT, kLongestMessage)) {
        return false;
      }
    }
    return true;
  }

  void serve(int socket) {
    wire::HttpReader reader(wire::HttpKind::Request, {.body_bytes = options_.most_request_bytes});
    auto deadline = std::chrono::steady_clock::now() + kLongestIdle;
    char bytes[16 * 1024];
    std::string_view more;
    for (;;) {
      if (const auto wrong = reader.feed(more)) {
        static_cast<void>(send_all(socket, wire::write_response(http_failure(400, "Bad Request"))));
        return;
      }
      if (reader.complete()) {
        const wire::HttpMessage request = reader.take();
        wire::HttpMessage response = service_.answer(request);
        const bool stays = request.keeps_alive();
        if (!stays) response.headers.emplace_back("Connection", "close");
        if (!send_all(socket, wire::write_response(response)) || !stays) return;
        deadline = std::chrono::steady_clock::now() + kLongestIdle;
        more = {};
        continue;
      }
      if (reader.take_continue_request() && !send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n")) {
        return;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !wait_for(socket, POLLIN, left)) return;
      const bool fresh = reader.idle();
      const auto received = ::recv(socket, bytes, sizeof bytes, 0);
      if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR)) return;
      more = std::string_view(bytes, received > 0 ? static_cast<std::size_t>(received) : 0);
      // A message that has begun has less time to end than a connection has to stay idle.
      if (fresh && received > 0) deadline = std::chrono::steady_clock::now() + kLongestMessage;
    }
  }

  const ServerOptions options_;
  HttpService service_;
  Socket listener_;
  Socket stop_;
  std::uint16_t port_ = 0;
  std::list<Connection> connections_;  // touched by the acceptor, and after its end
  std::thread acceptor_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Provider& provider, const ServerOptions& options) {
  LOCKSTEP_TRY(auto listener, listen_on(options));
  return std::unique_ptr<Server>(
      std::make_unique<ServerThreads>(provider, options, std::move(listener)));
}

}  // namespace lockstep::cimxml
