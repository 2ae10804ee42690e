#include "target_impl/transport/tcp_connection.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace lockstep::transport {
namespace {

constexpr int kSocketBufferBytes = 1 << 20;
// A peer that died without a word is noticed after about a minute.
constexpr int kKeepAliveIdleSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;
constexpr int kUserTimeoutMilliseconds = 60'000;
// How long the peer may take to close after we have sent our last word.
constexpr std::chrono::milliseconds kLinger{500};
// Other connections get their turn after this many receives.
constexpr int kReceivesPerTurn = 8;
constexpr std::size_t kPiecesPerSend = 256;
// Through shared memory sending costs next to nothing, so the peer gets its answers while others
// are still being worked on. Fewer at a time keep both fighting for the same cache lines.
constexpr std::size_t kEnoughForPath = 32 * 1024;

void set_option(int socket, int level, int name, int value) {
  // Each is an improvement, none a condition.
  ::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

TcpConnection::TcpConnection(EventLoop& loop, FileDescriptor socket, StreamHandler& handler)
    : loop_(loop),
      socket_(std::move(socket)),
      handler_(handler),
      ends_(endpoints_of(socket_.get())) {
  const int s = socket_.get();
  if (ends_ && are_local(*ends_)) {
    // Between two processes of one host nothing is to be paced and nothing gets lost: the simplest
    // algorithm costs a third less processor time there than one that measures the path.
    constexpr std::string_view kAlgorithm = "reno";
    ::setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, kAlgorithm.data(), kAlgorithm.size());
  }
  set_option(s, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(s, SOL_SOCKET, SO_SNDBUF, kSocketBufferBytes);
  set_option(s, SOL_SOCKET, SO_RCVBUF, kSocketBufferBytes);
  set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(s, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set_option(s, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set_option(s, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
  set_option(s, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMilliseconds);
}

TcpConnection::~TcpConnection() {
  if (linger_timer_ != 0) {
    loop_.cancel(linger_timer_);
  }
  if (phase_ != Phase::Closed && interest_ != 0) {
    loop_.forget(socket_.get());
  }
}

bool TcpConnection::start() {
  interest_ = EPOLLIN;
  if (loop_.watch(socket_.get(), interest_, *this)) {
    return true;
  }
  interest_ = 0;
  return false;
}

void TcpConnection::attend() {
  if (phase_ == Phase::Open) {
    work(false);
  }
}

void TcpConnection::close_now() {
  if (phase_ == Phase::Open) {
    (void)send_ready();
    // Unread input would turn the close into a reset, which may overtake what was just sent.
    ::shutdown(socket_.get(), SHUT_WR);
    discard_input();
  }
  close();
}

void TcpConnection::on_events(std::uint32_t events) {
  if (phase_ == Phase::Lingering) {
    discard_input();
    return;
  }
  const bool broken = (events & EPOLLERR) != 0;
  if (broken && path_ != nullptr && phase_ == Phase::Open) {
    // A peer that closed with a ring unheard resets the connection; its last word is in the path.
    work(true);
  }
  if (broken || ((events & EPOLLHUP) != 0 && !handler_.wants_input())) {
    close();
    return;
  }
  if (path_ != nullptr) {
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
      tcp_says_something();
    }
    return;
  }
  work((events & (EPOLLIN | EPOLLHUP)) != 0);
}

bool TcpConnection::offer(bypass::Channel channel) {
  if (phase_ != Phase::Open || chosen_ || path_ != nullptr) {
    return false;
  }
  channel.belongs_to(socket_.get());
  bypass::PathUser& user = *this;
  path_ = std::make_unique<bypass::Path>(loop_, std::move(channel), user);
  if (!path_->start()) {
    path_.reset();
  }
  return path_ != nullptr;
}

void TcpConnection::path_ready() {
  if (phase_ == Phase::Open) {
    work(true);
  } else {
    path_->wait_for(0);
  }
}

void TcpConnection::path_gone() {
  if (!chosen_ && !path_->channel().has_bytes()) {
    drop_path();
    return;
  }
  if (phase_ == Phase::Open) {
    work(true);
  }
  close();
}

// While there is a way beside it: the end, or a peer that has chosen TCP.
void TcpConnection::tcp_says_something() {
  if (!chosen_ && !path_->channel().has_bytes()) {
    drop_path();
    work(true);
    return;
  }
  // The peer may have sent its last word through the path before.
  work(true);
  close();
}

void TcpConnection::drop_path() {
  path_->stop();
  // Perhaps it is calling.
  loop_.defer([path = std::shared_ptr<bypass::Path>(std::move(path_))] {});
}

void TcpConnection::work(bool readable) {
  for (int turn = 0; turn <= kReceivesPerTurn; ++turn) {
    if (!process_and_send()) {
      close();
      return;
    }
    take_back();
    if (state_ == StreamHandler::State::Finished) {
      if (handler_.unsent() == 0) {
        linger();
        return;
      }
      break;
    }
    if (!readable || turn == kReceivesPerTurn || state_ == StreamHandler::State::Paused ||
        !handler_.wants_input()) {
      break;
    }
    const Read read = receive();
    if (read == Read::End) {
      close();
      return;
    }
    if (read == Read::Nothing) {
      break;
    }
    readable = read == Read::Some;
  }
  update_interest();
}

// False: the connection is broken.
bool TcpConnection::process_and_send() {
  while (true) {
    state_ = handler_.process(path_ != nullptr ? kEnoughForPath : SIZE_MAX);
    if (handler_.unsent() > 0 && !send_ready()) {
      return false;
    }
    if (state_ != StreamHandler::State::Paused || !handler_.wants_input()) {
      return true;
    }
    // Paused only to send a batch: go on, even if the socket did not take all of it.
  }
}

bool TcpConnection::send_ready() {
  std::array<std::span<const std::byte>, kPiecesPerSend> pieces;
  while (handler_.unsent() > 0) {
    const std::size_t count = handler_.gather(pieces);
    std::size_t total = 0;
    for (const auto& piece : std::span(pieces).first(count)) {
      total += piece.size();
    }
    const ssize_t result = send_pieces(std::span(pieces).first(count));
    if (result < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    handler_.sent(static_cast<std::size_t>(result));
    if (static_cast<std::size_t>(result) < total) {
      return true;
    }
  }
  return true;
}

// As sendmsg().
ssize_t TcpConnection::send_pieces(std::span<const std::span<const std::byte>> pieces) {
  if (path_ != nullptr) {
    return static_cast<ssize_t>(path_->send(pieces));
  }
  std::array<iovec, kPiecesPerSend> vectors;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    vectors[i].iov_base = const_cast<std::byte*>(pieces[i].data());
    vectors[i].iov_len = pieces[i].size();
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = pieces.size();
  own_system_calls.add();
  return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Once the handler has done with them.
void TcpConnection::take_back() {
  if (has_lent_ && !handler_.has_borrowed()) {
    has_lent_ = false;
    path_->channel().give_back();
  }
}

TcpConnection::Read TcpConnection::lend_of_path(std::size_t most) {
  const auto bytes = path_->channel().lend(most);
  if (path_->channel().is_broken()) {
    return Read::End;
  }
  if (bytes.empty()) {
    return Read::Nothing;
  }
  chosen_ = true;
  has_lent_ = true;
  handler_.borrow(bytes);
  return Read::Some;
}

TcpConnection::Read TcpConnection::receive_through_path() {
  if (has_lent_) {
    return Read::Nothing;
  }
  if (const std::size_t most = handler_.borrows(); most != 0) {
    return lend_of_path(most);
  }
  const StreamHandler::Spaces spaces = handler_.spaces();
  const std::size_t room = spaces[0].size() + spaces[1].size();
  const std::size_t got = path_->channel().receive(
      spaces, handler_.keeps_first_space() ? bypass::First::Kept : bypass::First::UsedSoon);
  if (path_->channel().is_broken()) {
    return Read::End;
  }
  if (got == 0) {
    return Read::Nothing;
  }
  chosen_ = true;
  handler_.received(got);
  return got == room ? Read::Some : Read::All;
}

TcpConnection::Read TcpConnection::receive() {
  if (path_ != nullptr) {
    return receive_through_path();
  }
  const StreamHandler::Spaces spaces = handler_.spaces();
  std::array<iovec, 2> vectors{};
  int count = 0;
  std::size_t room = 0;
  for (const auto& space : spaces) {
    if (space.empty()) {
      continue;
    }
    vectors[static_cast<std::size_t>(count)] = {space.data(), space.size()};
    room += space.size();
    ++count;
  }
  if (room == 0) {
    return Read::Nothing;
  }
  while (true) {
    own_system_calls.add();
    const ssize_t result = ::readv(socket_.get(), vectors.data(), count);
    if (result > 0) {
      chosen_ = true;
      handler_.received(static_cast<std::size_t>(result));
      // A full buffer means that there may be more; anything less means that there was not.
      return static_cast<std::size_t>(result) == room ? Read::Some : Read::All;
    }
    if (result == 0) {
      return Read::End;
    }
    if (errno == EINTR) {
      continue;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK ? Read::Nothing : Read::End;
  }
}

void TcpConnection::linger() {
  phase_ = Phase::Lingering;
  ::shutdown(socket_.get(), SHUT_WR);
  interest_ = EPOLLIN;
  loop_.change(socket_.get(), interest_);
  linger_timer_ = loop_.after(kLinger, [this] {
    linger_timer_ = 0;
    close();
  });
}

void TcpConnection::discard_input() {
  std::array<std::byte, 4096> rubbish;
  for (int i = 0; i < 64; ++i) {
    const ssize_t result = ::recv(socket_.get(), rubbish.data(), rubbish.size(), MSG_DONTWAIT);
    if (result > 0 || (result < 0 && errno == EINTR)) {
      continue;
    }
    if (result == 0 || errno != EAGAIN) {
      close();
    }
    return;
  }
}

void TcpConnection::close() {
  if (phase_ == Phase::Closed) {
    return;
  }
  phase_ = Phase::Closed;
  if (path_ != nullptr) {
    path_->stop();
  }
  if (interest_ != 0) {
    loop_.forget(socket_.get());
  }
  socket_.reset();
  handler_.closed();
}

void TcpConnection::update_interest() {
  std::uint32_t wanted = 0;
  const bool finished = state_ == StreamHandler::State::Finished;
  if (!finished && handler_.wants_input()) {
    wanted |= EPOLLIN;
  }
  if (handler_.unsent() > 0) {
    wanted |= EPOLLOUT;
  }
  if (path_ != nullptr) {
    path_->wait_for(((wanted & EPOLLIN) != 0 ? bypass::kForBytes : 0) |
                    ((wanted & EPOLLOUT) != 0 ? bypass::kForSpace : 0));
    wanted = EPOLLIN;
  }
  if (wanted == interest_) {
    return;
  }
  interest_ = wanted;
  loop_.change(socket_.get(), wanted);
}

}  // namespace lockstep::transport
