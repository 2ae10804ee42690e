// An echo server (transport/test/echo.hpp) in a process of its own.
#pragma once

#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"
#include "target_impl/transport/test/echo.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lockstep::transport::bypass::test {

// A socket that may go over to shared memory.
inline int connect_with_consent(std::uint16_t port) {
  const BypassConsent consent(true);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

class EchoProcess {
 public:
  // Begin before this process has other threads: what the child inherits must be usable.
  explicit EchoProcess(bool offers_bypass) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve(ends[1], offers_bypass);
      std::_Exit(0);
    }
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &port_, sizeof port_), static_cast<ssize_t>(sizeof port_));
    ::close(ends[0]);
  }
  ~EchoProcess() { kill_now(); }
  EchoProcess(const EchoProcess&) = delete;
  EchoProcess& operator=(const EchoProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  void kill_now() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    pid_ = -1;
  }

 private:
  static void serve(int report, bool offers_bypass) {
    auto loop = EventLoop::create();
    if (!loop) return;
    loop.value()->spin_at_most(std::chrono::microseconds(20));
    std::vector<std::unique_ptr<transport::test::Echo>> echoes;
    auto listener = TcpListener::open(*loop.value(), "127.0.0.1", 0, [&](FileDescriptor socket) {
      echoes.push_back(
          std::make_unique<transport::test::Echo>(*loop.value(), std::move(socket), 200'000));
      if (!echoes.back()->stream().start()) std::_Exit(1);
    });
    if (!listener) return;
    Result<std::unique_ptr<Rendezvous>> rendezvous = usage_error("not offered");
    if (offers_bypass) {
      rendezvous = Rendezvous::open(*loop.value(), listener.value()->port(),
                                    [&](const Endpoints& ends, Channel channel) {
                                      listener.value()->accept_waiting();
                                      for (auto& echo : echoes) {
                                        if (!echo->is_closed() && echo->stream().ends() == ends) {
                                          return echo->stream().offer(std::move(channel));
                                        }
                                      }
                                      return false;
                                    });
      if (!rendezvous) return;
    }
    const std::uint16_t port = listener.value()->port();
    if (::write(report, &port, sizeof port) != static_cast<ssize_t>(sizeof port)) return;
    ::close(report);
    loop.value()->run();
  }

  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace lockstep::transport::bypass::test
