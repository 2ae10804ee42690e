// What a program with ordinary socket calls sees, over TCP and over shared memory: the same.
#include "target_impl/transport/bypass/sockets/consent.hpp"
#include "target_impl/transport/bypass/sockets/link_table.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"
#include "target_impl/transport/bypass/sockets/test/echo_process.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <thread>

namespace lockstep::transport::bypass::test {
namespace {

using transport::test::pattern;

constexpr int kLimitMs = 20'000;

class Sockets : public testing::TestWithParam<Way> {
 protected:
  static int connect_to(std::uint16_t port, int flags = 0) {
    const BypassConsent consent(GetParam() == Way::Memory);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{kLimitMs / 1000, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int result = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    EXPECT_TRUE(result == 0 || errno == EINPROGRESS) << std::strerror(errno);
    if (result != 0) {
      pollfd watched{socket, POLLOUT, 0};
      EXPECT_EQ(::poll(&watched, 1, kLimitMs), 1);
    }
    return socket;
  }
  // After the first byte.
  static void expect_way(int socket) {
    const LinkUse link = link_of(socket);
    EXPECT_EQ(link && link->way() == Way::Memory, GetParam() == Way::Memory);
  }
  static void send_all(int socket, std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0) << std::strerror(errno);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  static std::string receive(int socket, std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
      const ssize_t got = ::recv(socket, text.data() + have, bytes - have, 0);
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
  }

  EchoProcess server{true};
};

TEST_P(Sockets, CarryAStreamBetweenBlockingThreads) {
  const int socket = connect_to(server.port());
  const std::string text = pattern(4'000'000);
  std::thread sender([&] { send_all(socket, text); });
  EXPECT_TRUE(receive(socket, text.size()) == text);
  sender.join();
  expect_way(socket);
  ::close(socket);
}

// Sends all of `text` and receives it, with whatever `wait` waits with; `piece`: of one receive.
template <class Wait>
std::string exchange(int socket, const std::string& text, std::size_t piece, Wait wait) {
  std::string got;
  std::size_t sent = 0;
  while (got.size() < text.size()) {
    const unsigned ready = wait(sent < text.size());
    if (ready == 0) break;  // nothing in all that time
    if ((ready & POLLOUT) != 0 && sent < text.size()) {
      const ssize_t now = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (now < 0 && errno != EAGAIN) break;
      sent += now > 0 ? static_cast<std::size_t>(now) : 0;
    }
    if ((ready & POLLIN) != 0) {
      std::string some(piece, '\0');
      const ssize_t now = ::recv(socket, some.data(), some.size(), 0);
      if (now == 0 || (now < 0 && errno != EAGAIN)) break;
      got.append(some.data(), now > 0 ? static_cast<std::size_t>(now) : 0);
    }
  }
  return got;
}

unsigned wait_with_poll(int socket, bool to_send) {
  pollfd watched{socket, static_cast<short>(POLLIN | (to_send ? POLLOUT : 0)), 0};
  return ::poll(&watched, 1, kLimitMs) == 1 ? static_cast<unsigned>(watched.revents) : 0;
}

TEST_P(Sockets, CarryAStreamForAThreadThatPolls) {
  const int socket = connect_to(server.port(), SOCK_NONBLOCK);
  const std::string text = pattern(3'000'000);
  EXPECT_TRUE(exchange(socket, text, 20'000,
                       [&](bool to_send) { return wait_with_poll(socket, to_send); }) == text);
  expect_way(socket);
  ::close(socket);
}

// One that was quiet for long, and then waits in a way that cannot be seen, as io_uring's.
TEST_P(Sockets, AreReadableForAThreadThatNoLongerPolls) {
  const int socket = connect_to(server.port(), SOCK_NONBLOCK);
  const std::string text = pattern(100);
  for (int i = 0; i < 400; ++i) {
    send_all(socket, text);
    ASSERT_NE(wait_with_poll(socket, false), 0U);
    ASSERT_EQ(receive(socket, text.size()), text);
  }
  for (int i = 0; i < 50; ++i) {
    send_all(socket, text);
    pollfd watched{socket, POLLIN, 0};
    std::string got;
    while (got.size() < text.size()) {
      ASSERT_EQ(::syscall(SYS_poll, &watched, 1, kLimitMs), 1) << "round " << i;
      got += receive(socket, text.size() - got.size());
    }
    ASSERT_EQ(got, text);
  }
  expect_way(socket);
  ::close(socket);
}

class EpollWait {
 public:
  explicit EpollWait(int socket) : socket_(socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    EXPECT_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event), 0);
  }
  unsigned operator()(bool to_send) {
    if (to_send != sends_) {
      sends_ = to_send;
      epoll_event event{};
      event.events = EPOLLIN | (to_send ? EPOLLOUT : 0U);
      EXPECT_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, socket_, &event), 0);
    }
    epoll_event found{};
    return ::epoll_wait(epoll_.get(), &found, 1, kLimitMs) == 1 ? found.events : 0;
  }

 private:
  FileDescriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  int socket_;
  bool sends_ = false;
};

// Pieces so small that most of what is ready is left, and must go on being reported.
TEST_P(Sockets, AreReportedByEpollForAsLongAsThereIsSomething) {
  const int socket = connect_to(server.port(), SOCK_NONBLOCK);
  EpollWait wait(socket);
  const std::string text = pattern(300'000);
  EXPECT_TRUE(exchange(socket, text, 48, [&](bool to_send) { return wait(to_send); }) == text);
  expect_way(socket);
  ::close(socket);
}

TEST_P(Sockets, AreReportedByEpollAfterAThousandPolls) {
  const int socket = connect_to(server.port(), SOCK_NONBLOCK);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(
        exchange(socket, "ping", 4, [&](bool to_send) { return wait_with_poll(socket, to_send); }),
        "ping");
  }
  // Something is there before anybody watches by the new means.
  send_all(socket, "ping");
  ASSERT_EQ(wait_with_poll(socket, false), static_cast<unsigned>(POLLIN));
  EpollWait wait(socket);
  EXPECT_EQ(wait(false) & EPOLLIN, EPOLLIN);
  EXPECT_EQ(receive(socket, 4), "ping");
  const std::string text = pattern(100'000);
  EXPECT_TRUE(exchange(socket, text, 1000, [&](bool to_send) { return wait(to_send); }) == text);
  ::close(socket);
}

TEST_P(Sockets, TakeEveryKindOfCall) {
  const int socket = connect_to(server.port());
  ASSERT_EQ(::write(socket, "ab", 2), 2);
  std::string c = "c";
  std::string de = "de";
  std::array<iovec, 3> pieces{{{c.data(), 1}, {nullptr, 0}, {de.data(), 2}}};
  ASSERT_EQ(::writev(socket, pieces.data(), 3), 3);
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = 3;
  ASSERT_EQ(::sendmsg(socket, &message, MSG_NOSIGNAL), 3);
  ASSERT_EQ(::sendto(socket, "f", 1, 0, nullptr, 0), 1);
  EXPECT_EQ(::send(socket, nullptr, 0, 0), 0);

  std::string text(9, '\0');
  ASSERT_EQ(::recv(socket, text.data(), 9, MSG_WAITALL | MSG_PEEK) > 0, true);
  ASSERT_EQ(::recv(socket, text.data(), 4, MSG_WAITALL), 4);
  EXPECT_EQ(text.substr(0, 4), "abcd");
  int waiting = 0;
  while (waiting < 5) {
    ASSERT_EQ(::ioctl(socket, FIONREAD, &waiting), 0);
  }
  EXPECT_EQ(waiting, 5);
  ASSERT_EQ(::read(socket, text.data(), 1), 1);
  EXPECT_EQ(text[0], 'e');
  std::array<char, 2> first{};
  std::array<char, 8> second{};
  std::array<iovec, 2> spaces{{{first.data(), 2}, {second.data(), 8}}};
  ASSERT_EQ(::recv(socket, text.data(), 1, MSG_PEEK), 1);
  EXPECT_EQ(text[0], 'c');
  ASSERT_EQ(::readv(socket, spaces.data(), 2), 4);
  EXPECT_EQ(std::string(first.data(), 2) + std::string(second.data(), 2), "cdef");
  EXPECT_EQ(::recv(socket, text.data(), 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  ASSERT_EQ(::fcntl(socket, F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQ(::read(socket, text.data(), 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  int off = 0;
  ASSERT_EQ(::ioctl(socket, FIONBIO, &off), 0);
  const timeval soon{0, 20'000};
  ASSERT_EQ(::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon), 0);
  message.msg_iov = spaces.data();
  message.msg_iovlen = 2;
  EXPECT_EQ(::recvmsg(socket, &message, 0), -1);
  EXPECT_EQ(errno, EAGAIN);
  pollfd watched{socket, POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 0);
  EXPECT_EQ(::poll(&watched, 1, 20), 0);
  expect_way(socket);
  ::close(socket);
}

TEST_P(Sockets, GoOnUnderAnotherNumber) {
  using Duplicate = int (*)(int);
  constexpr std::array<Duplicate, 4> kDuplicates{
      [](int socket) { return ::dup(socket); },
      [](int socket) { return ::fcntl(socket, F_DUPFD_CLOEXEC, 100); },
      [](int socket) { return ::dup2(socket, ::open("/dev/null", O_RDONLY | O_CLOEXEC)); },
      [](int socket) { return ::dup3(socket, ::dup(0), O_CLOEXEC); }};
  int socket = connect_to(server.port());
  for (const Duplicate duplicate : kDuplicates) {
    const int copy = duplicate(socket);
    ASSERT_GE(copy, 0);
    send_all(copy, "a");
    send_all(socket, "b");
    EXPECT_EQ(receive(copy, 2), "ab");
    ::close(socket);
    send_all(copy, "c");
    EXPECT_EQ(receive(copy, 1), "c");
    socket = copy;
  }
  expect_way(socket);
  ::close(socket);
}

TEST_P(Sockets, LeaveTheirNumberToTheNext) {
  const int socket = connect_to(server.port());
  send_all(socket, "a");
  EXPECT_EQ(receive(socket, 1), "a");
  ::close(socket);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  EXPECT_EQ(std::min(ends[0], ends[1]), socket);
  EXPECT_FALSE(link_of(socket));
  EXPECT_EQ(::write(ends[1], "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_P(Sockets, GoOnInBothProcessesAfterAFork) {
  const int socket = connect_to(server.port());
  send_all(socket, "before");
  EXPECT_EQ(receive(socket, 6), "before");
  const pid_t child = ::fork();
  if (child == 0) {
    ::send(socket, "child", 5, MSG_NOSIGNAL);
    std::array<char, 5> got{};
    const bool good = ::recv(socket, got.data(), got.size(), MSG_WAITALL) == 5 &&
                      std::string_view(got.data(), 5) == "child";
    std::_Exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  send_all(socket, "after");
  EXPECT_EQ(receive(socket, 5), "after");
  expect_way(socket);
  ::close(socket);
}

TEST_P(Sockets, SurviveAChildThatIsKilledWhileItUsesThem) {
  const int socket = connect_to(server.port());
  send_all(socket, "x");
  EXPECT_EQ(receive(socket, 1), "x");
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = pattern(1000);
    while (true) {
      [[maybe_unused]] const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  // Until it is under way.
  EXPECT_EQ(receive(socket, 100'000).size(), 100'000U);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  // What it left unread comes, or, if it died in the middle of something, the end. No hang.
  const timeval soon{0, 100'000};
  ASSERT_EQ(::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon), 0);
  while (receive(socket, 10'000).size() == 10'000) {
  }
  EXPECT_TRUE(errno == EAGAIN || errno == ECONNRESET) << std::strerror(errno);
  ::close(socket);
}

TEST_P(Sockets, GiveTheLastWordAndThenTheEnd) {
  const int socket = connect_to(server.port());
  send_all(socket, pattern(50'000) + "!");
  EXPECT_EQ(receive(socket, 100'000), pattern(50'000) + "!");
  char byte = 0;
  EXPECT_EQ(::recv(socket, &byte, 1, 0), 0);
  pollfd watched{socket, POLLIN | POLLRDHUP, 0};
  EXPECT_EQ(::poll(&watched, 1, kLimitMs), 1);
  EXPECT_EQ(watched.revents & (POLLIN | POLLRDHUP), POLLIN | POLLRDHUP);
  ::close(socket);
}

TEST_P(Sockets, EndWhenTheServerIsKilled) {
  const int socket = connect_to(server.port());
  send_all(socket, "x");
  EXPECT_EQ(receive(socket, 1), "x");
  expect_way(socket);
  std::atomic<bool> exchanging{false};
  std::thread killer([&] {
    exchanging.wait(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    server.kill_now();
  });
  // Endless, but for the end of the server.
  const std::string text = pattern(1000);
  while (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0) {
    std::string some(1000, '\0');
    const ssize_t got = ::recv(socket, some.data(), some.size(), 0);
    if (got <= 0) {
      EXPECT_TRUE(got == 0 || errno == ECONNRESET) << std::strerror(errno);
      break;
    }
    exchanging = true;
    exchanging.notify_one();
  }
  EXPECT_TRUE(exchanging);
  exchanging = true;
  exchanging.notify_one();
  killer.join();
  int sends = 0;
  while (sends < 3 && ::send(socket, "x", 1, MSG_NOSIGNAL) >= 0) {
    ++sends;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(sends, 3) << "nobody is there any more";
  EXPECT_TRUE(errno == EPIPE || errno == ECONNRESET) << std::strerror(errno);
  ::close(socket);
}

INSTANTIATE_TEST_SUITE_P(Over, Sockets, testing::Values(Way::Tcp, Way::Memory),
                         [](const auto& way) {
                           return std::string(way.param == Way::Tcp ? "Tcp" : "Memory");
                         });

void expect_tcp(std::uint16_t port) {
  const int socket = connect_with_consent(port);
  ASSERT_EQ(::send(socket, "abc", 3, MSG_NOSIGNAL), 3);
  std::array<char, 3> got{};
  EXPECT_EQ(::recv(socket, got.data(), got.size(), MSG_WAITALL), 3);
  EXPECT_FALSE(link_of(socket)) << "its calls go straight on from now on";
  ::close(socket);
}

TEST(SocketsWithoutBypass, UseTcp) {
  const EchoProcess server(false);
  expect_tcp(server.port());
}

TEST(SocketsSwitchedOff, UseTcp) {
  const EchoProcess server(true);
  set_bypass_mode(BypassMode::Off);
  expect_tcp(server.port());
  set_bypass_mode(BypassMode::On);
}

using SocketsInOneProcess = transport::test::EchoTest;

TEST_F(SocketsInOneProcess, UseTcp) {
  auto rendezvous = on_loop([this] {
    return Rendezvous::open(*loop_, listener_->port(), [](const Endpoints&, const Channel&) {
      ADD_FAILURE() << "nothing is to be offered";
      return false;
    });
  });
  ASSERT_TRUE(rendezvous);
  expect_tcp(listener_->port());
  on_loop([&] {
    rendezvous.value().reset();
    return 0;
  });
}

TEST(InterposedCalls, AreInThisProgram) { EXPECT_TRUE(are_calls_interposed()); }

TEST(BypassMode, IsReadFromText) {
  EXPECT_EQ(parse_bypass_mode("off"), BypassMode::Off);
  EXPECT_EQ(parse_bypass_mode("verbose"), BypassMode::Verbose);
  EXPECT_EQ(parse_bypass_mode("maybe"), std::nullopt);
}

}  // namespace
}  // namespace lockstep::transport::bypass::test
