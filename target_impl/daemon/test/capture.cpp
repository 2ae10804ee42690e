#include "target_impl/daemon/test/capture.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace lockstep::target::test {
namespace {

transport::FileDescriptor new_socket() {
  return transport::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

RecordingProxy::RecordingProxy(std::uint16_t target_port)
    : target_port_(target_port), listener_(new_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, length) == 0 && ::listen(listener_.get(), 16) == 0 &&
      ::getsockname(listener_.get(), generic, &length) == 0) {
    port_ = ntohs(address.sin_port);
  }
  thread_ = std::thread([this] { run(); });
}

RecordingProxy::~RecordingProxy() { stop(); }

std::vector<Exchange> RecordingProxy::take() {
  stop();
  return std::move(exchanges_);
}

void RecordingProxy::stop() {
  stop_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
  links_.clear();
}

void RecordingProxy::run() {
  constexpr int kTurnMilliseconds = 20;
  int quiet_turns = 0;
  // What is still under way when the recording is to end is waited for.
  while (!stop_ || quiet_turns < 5) {
    std::vector<pollfd> entries{{listener_.get(), POLLIN, 0}};
    for (const Link& link : links_) {
      entries.push_back({link.initiator.get(), POLLIN, 0});
      entries.push_back({link.target.get(), POLLIN, 0});
    }
    const int ready = ::poll(entries.data(), entries.size(), kTurnMilliseconds);
    quiet_turns = ready > 0 ? 0 : quiet_turns + 1;
    for (std::size_t i = links_.size(); i > 0; --i) {
      Link& link = links_[i - 1];
      const bool open = (entries[2 * i - 1].revents == 0 || pass(link, true)) &&
                        (entries[2 * i].revents == 0 || pass(link, false));
      if (!open) {
        links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i - 1));
      }
    }
    if (entries[0].revents != 0) {
      accept_one();
    }
  }
}

void RecordingProxy::accept_one() {
  Link link;
  link.initiator =
      transport::FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  link.target = new_socket();
  const sockaddr_in address = loopback(target_port_);
  if (!link.initiator || ::connect(link.target.get(), reinterpret_cast<const sockaddr*>(&address),
                                   sizeof address) != 0) {
    return;
  }
  link.exchange = exchanges_.size();
  exchanges_.emplace_back();
  links_.push_back(std::move(link));
}

bool RecordingProxy::pass(Link& link, bool from_initiator) {
  const int from = from_initiator ? link.initiator.get() : link.target.get();
  const int to = from_initiator ? link.target.get() : link.initiator.get();
  std::array<char, 65536> room;
  const ssize_t got = ::recv(from, room.data(), room.size(), MSG_DONTWAIT);
  if (got < 0) {
    return errno == EAGAIN || errno == EWOULDBLOCK;
  }
  if (got == 0) {
    return false;
  }
  const std::string_view bytes(room.data(), static_cast<std::size_t>(got));
  exchanges_[link.exchange].push_back({from_initiator, std::string(bytes)});
  return send_all(to, bytes);
}

namespace {

// Numbers of captures, in the order of the machine that wrote them; those of packets, big-endian.
void put_host(std::string& to, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to.push_back(static_cast<char>(value >> (8 * i)));
  }
}
void put_network(std::string& to, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i) {
    to.push_back(static_cast<char>(value >> (8 * (i - 1))));
  }
}

enum : std::uint8_t { kFin = 0x01, kSyn = 0x02, kPush = 0x08, kAck = 0x10 };

// One direction of a connection.
struct Side {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint32_t next = 0;  // sequence number
};

class Writer {
 public:
  Writer() {
    put_host(file_, 0xA1B2C3D4, 4);
    put_host(file_, 2, 2);  // version 2.4
    put_host(file_, 4, 2);
    put_host(file_, 0, 8);        // time zone, accuracy
    put_host(file_, 262'144, 4);  // longest packet
    put_host(file_, 1, 4);        // Ethernet
  }

  void packet(Side& from, const Side& to, std::uint8_t flags, std::string_view payload = {}) {
    constexpr std::size_t kAround = 14 + 20 + 20;
    put_host(file_, microseconds_ / 1'000'000, 4);
    put_host(file_, microseconds_ % 1'000'000, 4);
    microseconds_ += 10;
    put_host(file_, kAround + payload.size(), 4);
    put_host(file_, kAround + payload.size(), 4);
    put_network(file_, 0x0200'0000'0001, 6);
    put_network(file_, 0x0200'0000'0002, 6);
    put_network(file_, 0x0800, 2);  // IPv4
    put_network(file_, 0x4500, 2);
    put_network(file_, 40 + payload.size(), 2);
    put_network(file_, 0x0000'4000, 4);  // not to be fragmented
    put_network(file_, 0x4006, 2);       // TCP
    put_network(file_, 0, 2);            // checksum, not looked at
    put_network(file_, from.address, 4);
    put_network(file_, to.address, 4);
    put_network(file_, from.port, 2);
    put_network(file_, to.port, 2);
    put_network(file_, from.next, 4);
    put_network(file_, (flags & kAck) != 0 ? to.next : 0, 4);
    put_network(file_, 0x5000U | flags, 2);
    put_network(file_, 0xFFFF, 2);  // window
    put_network(file_, 0, 4);       // checksum, urgent pointer
    file_.append(payload);
    from.next +=
        static_cast<std::uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }
  [[nodiscard]] std::string take() { return std::move(file_); }

 private:
  std::string file_;
  std::uint64_t microseconds_ = 1'000'000'000'000;
};

}  // namespace

std::string make_capture(const std::vector<Exchange>& exchanges) {
  constexpr std::uint32_t kLoopback = 0x7F00'0001;
  constexpr std::uint16_t kIscsiPort = 3260;
  constexpr std::size_t kSegmentBytes = 16'384;
  Writer writer;
  std::uint16_t port = 52'000;  // no dissector claims any from here on
  for (const Exchange& exchange : exchanges) {
    Side initiator{kLoopback, port++, 1000};
    Side target{kLoopback, kIscsiPort, 5000};
    writer.packet(initiator, target, kSyn);
    writer.packet(target, initiator, kSyn | kAck);
    writer.packet(initiator, target, kAck);
    for (const Chunk& chunk : exchange) {
      Side& from = chunk.from_initiator ? initiator : target;
      Side& to = chunk.from_initiator ? target : initiator;
      for (std::string_view rest = chunk.bytes; !rest.empty();) {
        const std::string_view part = rest.substr(0, kSegmentBytes);
        writer.packet(from, to, kPush | kAck, part);
        writer.packet(to, from, kAck);
        rest.remove_prefix(part.size());
      }
    }
    writer.packet(target, initiator, kFin | kAck);
    writer.packet(initiator, target, kFin | kAck);
    writer.packet(target, initiator, kAck);
  }
  return writer.take();
}

}  // namespace lockstep::target::test
