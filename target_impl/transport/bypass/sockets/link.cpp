#include "target_impl/transport/bypass/sockets/link.hpp"

#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/bypass/sockets/consent.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/socket.h>

namespace lockstep::transport::bypass {
namespace {

// A target that is there answers in microseconds; one that is stopped must not stop its clients.
constexpr std::chrono::milliseconds kPatience{500};
// So many waits in poll(), and none by other means, show a program that waits with poll() alone.
// More than any makes while it opens a LUN, which some do in another way than they work.
constexpr std::uint32_t kPollsToBelieve = 256;
// Descriptors that the program does not know of stay away from those that it counts on.
constexpr int kFirstHidden = 512;

void move_up(FileDescriptor& descriptor) noexcept {
  FileDescriptor moved(system_calls().fcntl(descriptor.get(), F_DUPFD_CLOEXEC, kFirstHidden));
  if (moved) {
    descriptor = std::move(moved);
  }
}

}  // namespace

// A process may die with the lock; then nobody knows what it left half done.
class Link::Lock {
 public:
  explicit Lock(SharedLink& link) noexcept : link_(link) {
    if (::pthread_mutex_lock(&link.mutex) == EOWNERDEAD) {
      link.reset = true;
      ::pthread_mutex_consistent(&link.mutex);
    }
  }
  ~Lock() { ::pthread_mutex_unlock(&link_.mutex); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  SharedLink& link_;
};

Link::~Link() { end(); }

bool Link::begin() noexcept {
  void* at = ::mmap(nullptr, sizeof(SharedLink), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0);
  if (at == MAP_FAILED) {
    return false;
  }
  shared_ = new (at) SharedLink;
  pthread_mutexattr_t kind;
  ::pthread_mutexattr_init(&kind);
  ::pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&shared_->mutex, &kind);
  ::pthread_mutexattr_destroy(&kind);
  return true;
}

void Link::end() noexcept {
  bell_.reset();
  segment_.reset();
  if (shared_ != nullptr) {
    ::munmap(shared_, sizeof(SharedLink));
    shared_ = nullptr;
  }
}

Way Link::choose(int socket) noexcept {
  const Lock lock(*shared_);
  if (way() != Way::Undecided || !endpoints_of(socket)) {
    return way();
  }
  auto asked = ask_for_segment(socket, kPatience, Wake::ByTcp, From::AnotherProcess);
  const int flags = system_calls().fcntl(socket, F_GETFL);
  if (!asked || flags < 0) {
    tell_way(socket, asked ? "TCP: its flags are unknown" : asked.error().message);
    shared_->way = Way::Tcp;
    return Way::Tcp;
  }
  segment_.emplace(std::move(asked.value().segment));
  segment_->close_descriptor();
  bell_ = std::move(asked.value().bell);
  move_up(bell_);
  shared_->end.emplace(*segment_, Side::Client, bell_.get());
  shared_->nonblocking = (flags & O_NONBLOCK) != 0;
  announce_bytes();
  shared_->way = Way::Memory;
  tell_way(socket, "shared memory");
  return Way::Memory;
}

void Link::stay_on_tcp() noexcept {
  const Lock lock(*shared_);
  if (way() == Way::Undecided) {
    shared_->way = Way::Tcp;
  }
}

bool Link::is_torn() const noexcept { return shared_->reset || shared_->end->is_broken(); }

// A program that waits with poll() alone announces itself there; between its calls the target need
// not ring.
bool Link::is_quiet() const noexcept {
  return shared_->polls >= kPollsToBelieve && !shared_->never_quiet;
}

void Link::note_rings() noexcept {
  if (shared_->end->take_unasked_ring()) {
    // It has gone over to another way of waiting, or was busy for long.
    shared_->polls = 0;
    shared_->rung = true;
  }
  if (shared_->announced && !shared_->end->is_announced(kForBytes)) {
    shared_->announced = false;
    shared_->rung = true;
  }
}

void Link::announce_bytes() noexcept {
  shared_->end->announce(kForBytes);
  shared_->announced = true;
}

// Nothing was announced. Afterwards the TCP connection becomes readable whenever there are bytes.
void Link::announce_anew() noexcept {
  announce_bytes();
  if (shared_->end->has_bytes() && !shared_->rung) {
    shared_->end->ring(kRingMeUp);
    shared_->rung = true;
  }
}

// Nothing has come. Afterwards, unless the link is quiet, the next bytes make the TCP connection
// readable. True: something has come by now.
bool Link::settle(int socket) noexcept {
  SharedLink& link = *shared_;
  if (!link.polled) {
    link.polls = 0;
  }
  link.polled = false;
  ++link.dry;
  note_rings();
  if (is_quiet()) {
    // Nothing twice, and no wait between: the program goes round by itself, or wonders at a ring.
    if (link.dry > 1) {
      silence(socket);
    }
    return link.end->has_bytes();
  }
  if (!link.announced) {
    announce_anew();
    if (link.end->has_bytes()) {
      return true;
    }
  }
  if (link.rung || link.dry > 1) {
    silence(socket);
    note_rings();
    if (link.end->has_bytes()) {
      // Their ring may have been among those just taken.
      link.end->ring(kRingMeUp);
      link.rung = true;
      return true;
    }
  }
  return false;
}

void Link::silence(int socket) noexcept {
  std::array<std::byte, 64> rings;
  ssize_t got = 0;
  do {
    got = system_calls().recv(socket, rings.data(), rings.size(), MSG_DONTWAIT);
  } while (got == static_cast<ssize_t>(rings.size()) || (got < 0 && errno == EINTR));
  shared_->rung = false;
  if (got == 0) {
    shared_->ended = true;
  } else if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    shared_->reset = true;
  }
  if (shared_->sleepers > 0) {
    announce_for_others();
  }
}

// A ring ends every announcement, and whoever takes it off the socket first leaves the other
// threads asleep: what they wait for is announced again, and rung for if it is there by now.
void Link::announce_for_others() noexcept {
  ChannelEnd& end = *shared_->end;
  end.announce(kForBytes | kForSpace);
  shared_->announced = true;
  if (end.has_bytes() || end.has_space()) {
    end.ring(kRingMeUp);
    shared_->rung = true;
  }
}

ssize_t Link::receive(int socket, std::span<const std::span<std::byte>> spaces,
                      bool keeps) noexcept {
  const Lock lock(*shared_);
  ChannelEnd& end = *shared_->end;
  for (bool again = true; again; again = settle(socket)) {
    const std::size_t got = keeps ? end.peek(spaces) : end.receive(spaces);
    if (got != 0) {
      shared_->dry = 0;
      return static_cast<ssize_t>(got);
    }
    if (is_torn()) {
      errno = ECONNRESET;
      return -1;
    }
    if (shared_->ended) {
      return 0;
    }
  }
  // The end may just have been seen; the target's last word came before it.
  if (shared_->ended && !is_torn()) {
    return 0;
  }
  errno = is_torn() ? ECONNRESET : EAGAIN;
  return -1;
}

ssize_t Link::send(std::span<const std::span<const std::byte>> pieces) noexcept {
  const Lock lock(*shared_);
  ChannelEnd& end = *shared_->end;
  std::size_t wanted = 0;
  for (const auto& piece : pieces) {
    wanted += piece.size();
  }
  if (is_torn() || (shared_->ended && shared_->sent_after_end)) {
    errno = EPIPE;
    return -1;
  }
  if (shared_->ended) {
    shared_->sent_after_end = true;  // as TCP: the answer to this will be a reset
    return static_cast<ssize_t>(wanted);
  }
  const std::size_t sent = end.send(pieces);
  note_rings();
  if (!is_quiet() && !shared_->announced && !shared_->rung) {
    announce_bytes();
  }
  if (sent == 0 && wanted != 0) {
    errno = is_torn() ? EPIPE : EAGAIN;
    return -1;
  }
  return static_cast<ssize_t>(sent);
}

void Link::hold_back() noexcept {
  const Lock lock(*shared_);
  shared_->end->hold_back();
}

void Link::let_go() noexcept {
  const Lock lock(*shared_);
  shared_->end->let_go();
}

bool Link::is_nonblocking() noexcept {
  const Lock lock(*shared_);
  return shared_->nonblocking;
}

void Link::set_nonblocking(bool on) noexcept {
  const Lock lock(*shared_);
  shared_->nonblocking = on;
}

std::size_t Link::available() noexcept {
  const Lock lock(*shared_);
  return shared_->end->available();
}

Readiness Link::look(bool first_look) noexcept {
  const Lock lock(*shared_);
  SharedLink& link = *shared_;
  if (first_look) {
    link.polled = true;
    ++link.polls;
  }
  note_rings();
  if (link.announced && is_quiet() && link.sleepers == 0) {
    link.end->awake();
    link.announced = false;
  }
  Readiness ready;
  ready.reset = is_torn();
  ready.bytes = link.end->has_bytes();
  ready.ended = link.ended;
  ready.space = link.ended || link.end->has_space();
  return ready;
}

Whereabouts Link::other_end() noexcept {
  const Lock lock(*shared_);
  return shared_->end->other_end();
}

bool Link::may_sleep(std::uint32_t waits_for) noexcept {
  const Lock lock(*shared_);
  SharedLink& link = *shared_;
  note_rings();
  link.end->announce(waits_for | kForBytes);
  link.announced = true;
  const bool ready = is_torn() || link.ended || link.end->has_bytes() ||
                     ((waits_for & kForSpace) != 0 && link.end->has_space());
  if (!ready) {
    ++link.sleepers;
  }
  return !ready;
}

void Link::woke(int socket, bool tcp_is_ready, bool has_slept) noexcept {
  const Lock lock(*shared_);
  if (has_slept) {
    --shared_->sleepers;
  }
  note_rings();
  // Whoever watches by other means needs the ring for as long as there is something to read.
  if (tcp_is_ready && (is_quiet() || !shared_->end->has_bytes())) {
    silence(socket);
  }
  if (!is_quiet() && !shared_->announced && !shared_->rung) {
    announce_anew();
  }
}

void Link::watched_otherwise() noexcept {
  const Lock lock(*shared_);
  shared_->never_quiet = true;
  if (way() == Way::Memory && !shared_->announced && !shared_->rung) {
    announce_anew();
  }
}

void Link::take_rings(int socket) noexcept {
  const Lock lock(*shared_);
  if (shared_->processes == 1) {
    silence(socket);
  }
}

void Link::shared_with_another() noexcept {
  const Lock lock(*shared_);
  ++shared_->processes;
  if (way() == Way::Undecided) {
    shared_->way = Way::Tcp;  // the memory must be there before it can be inherited
  }
}

}  // namespace lockstep::transport::bypass
