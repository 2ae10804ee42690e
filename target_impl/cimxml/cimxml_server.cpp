// Sockets and threads: one thread accepts, one serves each connection, because a method may last
// as long as a copy.
#include "target_impl/cimxml/cimxml_server.hpp"

#include "target_impl/cimxml/connection.hpp"
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

using transport::FileDescriptor;

constexpr std::chrono::seconds kLongestIdle{120};
constexpr std::chrono::seconds kLongestMessage{30};

Error cannot_listen(const ServerOptions& options, const std::string& why) {
  return config_error("CIM-XML server: expected to listen on " + options.address + ":" +
                      std::to_string(options.port) + ", found " + why +
                      "; choose another address or port");
}

Result<FileDescriptor> listen_on(const ServerOptions& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) {
    return cannot_listen(options, "an address that is not IPv4");
  }
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
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
  // `tls` nullptr: without.
  ServerThreads(Provider& provider, ServerOptions options, std::unique_ptr<tls::Context> tls,
                FileDescriptor listener)
      : options_(std::move(options)),
        tls_(std::move(tls)),
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
    for (Served& served : served_) served.thread.join();
  }
  ServerThreads(const ServerThreads&) = delete;
  ServerThreads& operator=(const ServerThreads&) = delete;

  std::uint16_t port() const noexcept override { return port_; }

 private:
  struct Served {
    std::thread thread;
    std::atomic<bool> ended{false};
  };

  void accept_all() {
    for (;;) {
      pollfd polled[2] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (::poll(polled, 2, -1) < 0 && errno != EINTR) return;
      if (polled[1].revents != 0) return;
      served_.remove_if([](Served& served) {
        if (!served.ended) return false;
        served.thread.join();
        return true;
      });
      FileDescriptor socket(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) continue;
      if (served_.size() >= options_.most_connections) {
        // Whoever speaks TLS understands it as little as a closed connection.
        static_cast<void>(Connection(std::move(socket), stop_.get(), nullptr)
                              .send(failure_text(503, "Service Unavailable")));
        continue;
      }
      const int yes = 1;
      static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
      Served& served = served_.emplace_back();
      served.thread = std::thread([this, &served, held = std::move(socket)]() mutable {
        serve(Connection(std::move(held), stop_.get(), tls_.get()));
        served.ended = true;
      });
    }
  }

  static std::string failure_text(unsigned status, const char* reason) {
    return wire::write_response(http_failure(status, reason));
  }

  void serve(Connection connection) {
    switch (connection.greet(std::chrono::steady_clock::now() + options_.longest_handshake)) {
      case Connection::Greeting::Over:
        return;
      case Connection::Greeting::Bare:
        static_cast<void>(connection.send(failure_text(400, "This Port Speaks TLS")));
        break;
      case Connection::Greeting::Welcome:
        answer_all(connection);
        break;
    }
    connection.finish();
  }

  void answer_all(Connection& connection) {
    wire::HttpReader reader(wire::HttpKind::Request, {.body_bytes = options_.most_request_bytes});
    auto deadline = std::chrono::steady_clock::now() + kLongestIdle;
    std::string more;
    for (;;) {
      if (const auto wrong = reader.feed(more)) {
        static_cast<void>(connection.send(failure_text(400, "Bad Request")));
        return;
      }
      if (reader.complete()) {
        const wire::HttpMessage request = reader.take();
        wire::HttpMessage response = service_.answer(request);
        const bool stays = request.keeps_alive();
        if (!stays) response.headers.emplace_back("Connection", "close");
        if (!connection.send(wire::write_response(response)) || !stays) return;
        deadline = std::chrono::steady_clock::now() + kLongestIdle;
        more.clear();
        continue;
      }
      if (reader.take_continue_request() && !connection.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        return;
      }
      const bool fresh = reader.idle();
      auto received = connection.receive(deadline);
      if (!received) return;
      // A message that has begun has less time to end than a connection has to stay idle.
      if (fresh && !received->empty()) {
        deadline = std::chrono::steady_clock::now() + kLongestMessage;
      }
      more = std::move(*received);
    }
  }

  const ServerOptions options_;
  const std::unique_ptr<tls::Context> tls_;
  HttpService service_;
  FileDescriptor listener_;
  FileDescriptor stop_;
  std::uint16_t port_ = 0;
  std::list<Served> served_;  // touched by the acceptor, and after its end
  std::thread acceptor_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Provider& provider, const ServerOptions& options) {
  std::unique_ptr<tls::Context> tls;
  if (options.tls) {
    LOCKSTEP_TRY(tls, tls::Context::for_server(*options.tls));
  }
  LOCKSTEP_TRY(auto listener, listen_on(options));
  return std::unique_ptr<Server>(
      std::make_unique<ServerThreads>(provider, options, std::move(tls), std::move(listener)));
}

}  // namespace lockstep::cimxml
