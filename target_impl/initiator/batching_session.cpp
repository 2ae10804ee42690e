// Connecting, and bytes in and out.
#include "target_impl/initiator/batching_session.hpp"

#include "target_impl/initiator/batching/socket_io.hpp"
#include "target_impl/initiator/names.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr std::chrono::milliseconds kLogoutWait{200};
constexpr std::size_t kCredentialBytesMax = 255;

bool would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

BatchingSession::BatchingSession(std::string portal, std::string target_name,
                                 const SessionOptions& options)
    : BasicSession(std::move(portal), std::move(target_name), options) {}

Result<std::unique_ptr<BatchingSession>> BatchingSession::begin(const std::string& portal,
                                                                const std::string& target_name,
                                                                const SessionOptions& options) {
  LOCKSTEP_TRY(auto address, parse_portal(portal));
  LOCKSTEP_TRY(check_target_name(target_name));
  const auto& account = options.credentials;
  if (account && (account->user.empty() || account->user.size() > kCredentialBytesMax ||
                  account->password.size() > kCredentialBytesMax)) {
    return config_error("credentials for " + target_name +
                        ": expected a user name and a password of at most 255 bytes each");
  }
  std::unique_ptr<BatchingSession> session(
      new BatchingSession(std::move(address), target_name, options));
  session->connect();
  return session;
}

BatchingSession::~BatchingSession() {
  if (may_log_out()) log_out();
  end();
}

void BatchingSession::connect() {
  const batching::Addresses address = batching::look_up(portal_);
  if (!address) {
    return lose(transport_error(subject() + ": cannot connect: the host is not known"));
  }
  const transport::bypass::BypassConsent consent(options_.bypass);
  socket_ = transport::FileDescriptor(
      ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int one = 1;
  static_cast<void>(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  if (::connect(socket_.get(), address->ai_addr, address->ai_addrlen) != 0 &&
      errno != EINPROGRESS) {
    lose(transport_error(subject() + ": cannot connect: " + std::strerror(errno)));
  }
}

void BatchingSession::connection_is_made() {
  int error = 0;
  socklen_t bytes = sizeof error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &bytes) != 0) error = errno;
  if (error != 0) {
    return lose(transport_error(subject() + ": cannot connect: " + std::strerror(error)));
  }
  state_ = State::LoggingIn;
  batching::LoginRequest request;
  request.initiator_name = options_.initiator_name;
  request.target_name = target_name_;
  request.isid = options_.isid ? *options_.isid : make_isid();
  if (options_.credentials) {
    request.account = batching::Account{options_.credentials->user, options_.credentials->password};
  }
  login_ = std::make_unique<batching::Login>(stream_, std::move(request));
  login_->begin();
}

short BatchingSession::events() const noexcept {
  if (!socket_) return 0;
  if (state_ == State::Connecting) return POLLOUT;
  return static_cast<short>(POLLIN | (stream_.has_output() ? POLLOUT : 0));
}

void BatchingSession::serve(short revents) {
  if (state_ == State::Connecting) connection_is_made();
  if (!lost_ && (revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
    while (receive() && !lost_) {
    }
  }
  if (!lost_) send_what_waits();
  if (!lost_) send_output();
}

Status BatchingSession::flush_submissions() {
  if (!stream_.has_output() || state_ != State::Open || inside_loop_) return ok();
  return service(POLLOUT);
}

bool BatchingSession::receive() {
  const auto spaces = stream_.spaces();
  const std::size_t room = spaces[0].size() + spaces[1].size();
  const ssize_t got = batching::receive_some(socket_.get(), stream_);
  if (got > 0) {
    take_pdus();
    return static_cast<std::size_t>(got) == room;
  }
  if (got == 0 || !would_block(errno)) {
    lose(
        transport_error(subject() + (state_ == State::Open
                                         ? ": the connection was closed or broke"
                                         : ": the portal closed the connection during the login")));
  }
  return false;
}

void BatchingSession::send_output() {
  while (stream_.has_output()) {
    if (batching::send_some(socket_.get(), stream_) >= 0) continue;
    if (would_block(errno)) break;
    return lose(transport_error(subject() + ": cannot send a command: " + std::strerror(errno)));
  }
  answer_what_has_gone();
}

void BatchingSession::close() noexcept {
  socket_.reset();
  stream_.clear();
  login_.reset();
  waiting_.clear();
  answered_.clear();
}

void BatchingSession::log_out() {
  iscsi::Header request = iscsi::make_header(iscsi::Opcode::LogoutRequest, 0);
  request[0] |= iscsi::kImmediate;
  stream_.put(request, {});
  const auto until = Clock::now() + kLogoutWait;
  inside_loop_ = true;
  for (auto now = Clock::now(); !lost_ && !logged_out_ && now < until; now = Clock::now()) {
    send_output();
    pollfd waiting{descriptor(), events(), 0};
    if (::poll(&waiting, 1, wait_ms(until, now)) > 0 && (waiting.revents & ~POLLOUT) != 0) {
      static_cast<void>(receive());
    }
  }
  inside_loop_ = false;
}

}  // namespace lockstep::initiator
