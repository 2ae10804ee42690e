#include "target_impl/transport/bypass/rendezvous.hpp"

#include "target_impl/transport/bypass/rendezvous_message.hpp"
#include "target_impl/transport/bypass/segment.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/epoll.h>
#include <utility>

namespace lockstep::transport::bypass {
namespace {

constexpr int kBacklog = 64;
// A visitor says what it wants at once, or it is shown out.
constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::size_t kMostVisitors = 64;
// Of each direction. More than the deepest queue of small requests, and little enough to stay in
// the processor's cache.
constexpr std::size_t kRingBytes = std::size_t{1} << 20;

// Sends one message with a descriptor beside it.
bool send_with(int socket, std::span<const std::uint8_t> message, int descriptor) {
  iovec content{const_cast<std::uint8_t*>(message.data()), message.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &content;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  return ::sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(message.size());
}

}  // namespace

class Rendezvous::Visitor final : public EventHandler {
 public:
  Visitor(Rendezvous& host, std::uint64_t id, FileDescriptor socket)
      : host_(host), id_(id), socket_(std::move(socket)) {}
  ~Visitor() override { end(); }

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] bool start() {
    watched_ = host_.loop_.watch(socket_.get(), EPOLLIN, *this);
    limit_ = host_.loop_.after(kPatience, [this] { host_.leave(*this); });
    return watched_;
  }
  void on_events(std::uint32_t /*events*/) override {
    std::array<std::byte, kHelloBytes + 1> hello;
    const ssize_t got = ::recv(socket_.get(), hello.data(), hello.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    stop_watching();
    if (got > 0) {
      host_.answer(std::move(socket_), std::span(hello).first(static_cast<std::size_t>(got)));
    }
    host_.leave(*this);
  }

 private:
  void stop_watching() {
    if (std::exchange(watched_, false)) {
      host_.loop_.forget(socket_.get());
    }
  }
  void end() {
    stop_watching();
    host_.loop_.cancel(limit_);
  }

  Rendezvous& host_;
  const std::uint64_t id_;
  FileDescriptor socket_;
  bool watched_ = false;
  EventLoop::TimerId limit_ = 0;
};

Result<std::unique_ptr<Rendezvous>> Rendezvous::open(EventLoop& loop, std::uint16_t port,
                                                     Offer offer) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const RendezvousName name = rendezvous_name(port);
  if (!socket || ::bind(socket.get(), name.get(), name.bytes) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return transport_error("bypass: port " + std::to_string(port) +
                           ": expected to be found by local initiators, found: " +
                           std::strerror(errno) + "; they will use TCP");
  }
  std::unique_ptr<Rendezvous> rendezvous(new Rendezvous(loop, std::move(socket), std::move(offer)));
  if (!loop.watch(rendezvous->socket_.get(), EPOLLIN, *rendezvous)) {
    return transport_error("bypass: the event loop refused the socket of the rendezvous");
  }
  return rendezvous;
}

Rendezvous::Rendezvous(EventLoop& loop, FileDescriptor socket, Offer offer)
    : loop_(loop),
      socket_(std::move(socket)),
      offer_(std::move(offer)),
      visitors_(std::make_shared<Visitors>()) {}

Rendezvous::~Rendezvous() { loop_.forget(socket_.get()); }

void Rendezvous::on_events(std::uint32_t /*events*/) {
  FileDescriptor accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted || visitors_->size() >= kMostVisitors || !is_of_same_user(accepted.get())) {
    return;
  }
  const std::uint64_t id = ++last_visitor_;
  auto visitor = std::make_unique<Visitor>(*this, id, std::move(accepted));
  if (visitor->start()) {
    visitors_->emplace(id, std::move(visitor));
  }
}

void Rendezvous::leave(Visitor& visitor) {
  loop_.defer([visitors = std::weak_ptr(visitors_), id = visitor.id()] {
    if (const auto left = visitors.lock()) left->erase(id);
  });
}

// Closing the socket is what a refusal looks like.
void Rendezvous::answer(FileDescriptor socket, std::span<const std::byte> hello) {
  const auto asked = read_hello(hello);
  if (!asked) {
    return;
  }
  auto segment = Segment::create(kRingBytes);
  if (!segment) {
    return;
  }
  const int bell = socket.get();
  const FileDescriptor file(::dup(segment.value().descriptor()));
  const Endpoints connection{asked->ends.there, asked->ends.here};
  // Offered before the client knows: it may use the ring at once.
  if (file && offer_(connection, Channel(std::move(segment.value()), Side::Server,
                                         std::move(socket), asked->wake))) {
    (void)send_with(bell, kGreeting, file.get());
  }
}

}  // namespace lockstep::transport::bypass
