#include "bench/load/wire.hpp"

#include "target_impl/iscsi/bytes.hpp"
#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace lockstep::bench::load {

using iscsi::Header;
using iscsi::Opcode;
namespace field = iscsi::field;

namespace {

constexpr int kSilenceSeconds = 10;
constexpr std::chrono::milliseconds kSilence{kSilenceSeconds * 1000};
constexpr std::chrono::milliseconds kBypassPatience{500};
// Long enough for the target to wake up meanwhile and go on without being rung for.
constexpr std::chrono::microseconds kSpin{1000};
constexpr std::size_t kReceivedAtOnce = 16 * 1024;  // through shared memory
// Data of one PDU that this side takes.
constexpr std::uint32_t kMaxReceive = 1 << 20;

Error broken(const char* what) {
  const bool silence = errno == EAGAIN || errno == EWOULDBLOCK;
  return transport_error(std::string("load: ") + what +
                         (silence ? ": the target was silent for ten seconds"
                                  : std::string(": ") + std::strerror(errno)));
}

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

// Of "host:port", with brackets around a host with colons.
Result<std::unique_ptr<addrinfo, FreeAddresses>> look_up(const std::string& portal) {
  const std::size_t colon = portal.rfind(':');
  std::string host = portal.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (colon == std::string::npos || host.empty() ||
      ::getaddrinfo(host.c_str(), portal.c_str() + colon + 1, &wanted, &found) != 0) {
    return usage_error("load: expected a portal such as 127.0.0.1:3260, found '" + portal + "'");
  }
  return std::unique_ptr<addrinfo, FreeAddresses>(found);
}

}  // namespace

Wire::Wire(transport::FileDescriptor socket)
    : socket_(std::move(socket)), wait_(kSpin), receiver_(pool_, kMaxReceive), output_(pool_) {}

Result<std::unique_ptr<Wire>> Wire::connect(const Address& address) {
  LOCKSTEP_TRY(const auto peer, look_up(address.portal));
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
  iscsi::set32(header, field::kCmdSn, command_sn_);
  put(header, {});
  (void)flush();
}

bool Wire::has_window() const noexcept { return !iscsi::serial_less(max_command_sn_, command_sn_); }

void Wire::command(Header header, std::span<const std::byte> data) {
  iscsi::set32(header, field::kCmdSn, command_sn_++);
  put(header, data);
}

void Wire::put(Header header, std::span<const std::byte> data) {
  iscsi::store_be24(header.data() + field::kDataLength, static_cast<std::uint32_t>(data.size()));
  iscsi::set32(header, field::kExpCmdSn, expected_status_sn_);  // ExpStatSN stands there
  std::byte* at = output_.reserve(iscsi::kHeaderBytes);
  std::memcpy(at, header.data(), iscsi::kHeaderBytes);
  output_.commit(iscsi::kHeaderBytes);
  output_.append(data);
  if (const std::size_t pad = iscsi::padded(data.size()) - data.size(); pad != 0) {
    std::memset(output_.reserve(pad), 0, pad);
    output_.commit(pad);
  }
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
  std::array<std::span<const std::byte>, 256> pieces;
  while (channel_ != nullptr && !output_.empty()) {
    const std::size_t count = output_.gather(pieces);
    const std::size_t sent = channel_->send(std::span(pieces).first(count));
    output_.sent(sent);
    if (sent == 0) {
      LOCKSTEP_TRY(wait_for(transport::bypass::kForSpace));
    }
  }
  std::array<iovec, 256> vectors;
  while (!output_.empty()) {
    const std::size_t count = output_.gather(pieces);
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    transport::own_system_calls.add();
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return broken("sending");
    output_.sent(static_cast<std::size_t>(sent));
  }
  return ok();
}

Status Wire::receive() {
  const auto spaces = receiver_.spaces();
  if (channel_ != nullptr) {
    LOCKSTEP_TRY(wait_for(transport::bypass::kForBytes));
    // The first answers are worth new requests while the rest is still coming.
    const auto& first = spaces[0];
    const std::array some{first.first(std::min(first.size(), kReceivedAtOnce))};
    receiver_.received(channel_->receive(some));
    return ok();
  }
  std::array<iovec, 2> vectors{};
  int count = 0;
  for (const auto& space : spaces) {
    if (!space.empty()) vectors[static_cast<std::size_t>(count++)] = {space.data(), space.size()};
  }
  ssize_t got = 0;
  do {
    transport::own_system_calls.add();
    got = ::readv(socket_.get(), vectors.data(), count);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return broken("receiving");
  if (got == 0) return transport_error("load: receiving: the target closed the connection");
  receiver_.received(static_cast<std::size_t>(got));
  return ok();
}

Result<bool> Wire::next(iscsi::Pdu& pdu, iscsi::PayloadPlacer& placer) {
  switch (receiver_.next(pdu, placer)) {
    case iscsi::Receiver::Outcome::Incomplete:
      return false;
    case iscsi::Receiver::Outcome::Complete:
      break;
    default:
      return target_error("load: expected PDUs of at most 1 MiB, found a longer one");
  }
  const Header& header = pdu.header;
  const auto opcode = static_cast<Opcode>(iscsi::opcode_of(header));
  if (opcode == Opcode::ReadyToTransfer || opcode == Opcode::DataIn) {
    max_command_sn_ = iscsi::get32(header, field::kMaxCmdSn);
  }
  switch (opcode) {
    case Opcode::DataIn:
      if (!iscsi::has_flag(header, iscsi::kStatusInDataIn)) return true;
      break;
    case Opcode::ReadyToTransfer:
      return true;
    case Opcode::NopIn: {
      max_command_sn_ = iscsi::get32(header, field::kMaxCmdSn);
      if (iscsi::get32(header, field::kTransferTag) == iscsi::kReservedTag) return true;
      Header answer = iscsi::make_header(Opcode::NopOut, iscsi::kReservedTag);
      answer[0] |= iscsi::kImmediate;
      std::copy_n(header.begin() + field::kLun, 8, answer.begin() + field::kLun);
      std::copy_n(header.begin() + field::kTransferTag, 4, answer.begin() + field::kTransferTag);
      iscsi::set32(answer, field::kCmdSn, command_sn_);
      put(answer, {});
      return true;
    }
    case Opcode::ScsiResponse:
    case Opcode::LoginResponse:
      break;
    default:
      return target_error("load: the target sent a PDU of opcode " +
                          std::to_string(iscsi::opcode_of(header)) +
                          ", which this traffic does not call for");
  }
  max_command_sn_ = iscsi::get32(header, field::kMaxCmdSn);
  expected_status_sn_ = iscsi::get32(header, field::kStatSn) + 1;
  return true;
}

}  // namespace lockstep::bench::load
