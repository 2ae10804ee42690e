#include "bench/load/wire.hpp"

#include "target_impl/initiator/batching/socket_io.hpp"
#include "target_impl/transport/bypass/rendezvous.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace lockstep::bench::load {

using iscsi::Header;
using iscsi::Opcode;

namespace {

constexpr int kSilenceSeconds = 10;
constexpr std::chrono::milliseconds kSilence{kSilenceSeconds * 1000};
constexpr std::chrono::milliseconds kBypassPatience{500};
// Long enough for the target to wake up meanwhile and go on without being rung for.
constexpr std::chrono::microseconds kSpin{1000};
constexpr std::size_t kReceivedAtOnce = 16 * 1024;  // through shared memory

Error broken(const char* what) {
  const bool silence = errno == EAGAIN || errno == EWOULDBLOCK;
  return transport_error(std::string("load: ") + what +
                         (silence ? ": the target was silent for ten seconds"
                                  : std::string(": ") + std::strerror(errno)));
}

// No login answer is large.
struct NoPlace final : iscsi::PayloadPlacer {
  std::byte* place(const Header& /*header*/, std::size_t bytes) override {
    spare.resize(bytes);
    return spare.data();
  }
  std::vector<std::byte> spare;
};

Result<bool> of_load(Result<bool> result) {
  if (result) return result;
  Error error = std::move(result).error();
  error.message = "load: " + error.message;
  return error;
}

}  // namespace

Wire::Wire(transport::FileDescriptor socket) : socket_(std::move(socket)), wait_(kSpin) {}

Result<std::unique_ptr<Wire>> Wire::connect(const Address& address) {
  const auto peer = initiator::batching::look_up(address.portal);
  if (!peer) {
    return usage_error("load: expected a portal such as 127.0.0.1:3260, found '" + address.portal +
                       "'");
  }
  transport::FileDescriptor socket(::socket(peer->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int s = socket.get();
  const timeval silence{.tv_sec = kSilenceSeconds, .tv_usec = 0};
  const int one = 1;
  ::setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  ::setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
  ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(s, peer->ai_addr, peer->ai_addrlen) != 0) {
    return broken(("connecting to " + address.portal).c_str());
  }
  std::unique_ptr<Wire> wire(new Wire(std::move(socket)));
  if (address.bypass) {
    if (auto channel = transport::bypass::ask_for_channel(s, kBypassPatience)) {
      wire->channel_ = std::move(channel.value());
    }
  }
  LOCKSTEP_TRY(wire->log_in(address));
  return wire;
}

Wire::~Wire() {
  Header header = iscsi::make_header(Opcode::LogoutRequest, 0);
  header[0] |= iscsi::kImmediate;
  put(header, {});
  (void)flush();
}

Status Wire::log_in(const Address& address) {
  initiator::batching::LoginRequest request;
  request.initiator_name = "iqn.2026-11.net.lockstep:load";
  request.target_name = address.target_name;
  // Of its own for each process, so that no session replaces another.
  request.isid = std::uint64_t{static_cast<std::uint32_t>(::getpid())} << 8;
  initiator::batching::Login login(stream_, std::move(request));
  NoPlace nowhere;
  iscsi::Pdu pdu;
  login.begin();
  for (bool ended = false; !ended;) {
    LOCKSTEP_TRY(flush());
    LOCKSTEP_TRY(const bool complete, next(pdu, nowhere));
    if (complete) {
      LOCKSTEP_TRY(ended, of_load(login.take(pdu)));
    } else {
      LOCKSTEP_TRY(receive());
    }
  }
  agreed_ = login.agreed();
  return ok();
}

Status Wire::wait_for(std::uint32_t what) {
  using Outcome = transport::bypass::ClientWait::Outcome;
  switch (wait_.wait(*channel_, socket_.get(), what, kSilence)) {
    case Outcome::Ready:
      return ok();
    case Outcome::Silence:
      return transport_error("load: the target was silent for ten seconds");
    case Outcome::Gone:
      break;
  }
  return transport_error("load: the target closed the connection");
}

Status Wire::flush() {
  while (channel_ != nullptr && stream_.has_output()) {
    std::array<std::span<const std::byte>, 256> pieces;
    const std::size_t count = stream_.gather(pieces);
    const std::size_t sent = channel_->send(std::span(pieces).first(count));
    stream_.sent(sent);
    if (sent == 0) {
      LOCKSTEP_TRY(wait_for(transport::bypass::kForSpace));
    }
  }
  while (stream_.has_output()) {
    if (initiator::batching::send_some(socket_.get(), stream_) < 0) return broken("sending");
  }
  return ok();
}

Status Wire::receive() {
  if (channel_ != nullptr) {
    LOCKSTEP_TRY(wait_for(transport::bypass::kForBytes));
    // The first answers are worth new requests while the rest is still coming.
    const auto first = stream_.spaces()[0];
    const std::array some{first.first(std::min(first.size(), kReceivedAtOnce))};
    stream_.received(channel_->receive(some));
    return ok();
  }
  const ssize_t got = initiator::batching::receive_some(socket_.get(), stream_);
  if (got < 0) return broken("receiving");
  if (got == 0) return transport_error("load: receiving: the target closed the connection");
  return ok();
}

Result<bool> Wire::next(iscsi::Pdu& pdu, iscsi::PayloadPlacer& placer) {
  LOCKSTEP_TRY(const bool complete, of_load(stream_.next(pdu, placer)));
  if (!complete) return false;
  switch (static_cast<Opcode>(iscsi::opcode_of(pdu.header))) {
    case Opcode::DataIn:
    case Opcode::ReadyToTransfer:
    case Opcode::NopIn:
    case Opcode::ScsiResponse:
    case Opcode::LoginResponse:
      return true;
    default:
      return target_error("load: the target sent a PDU of opcode " +
                          std::to_string(iscsi::opcode_of(pdu.header)) +
                          ", which this traffic does not call for");
  }
}

}  // namespace lockstep::bench::load
