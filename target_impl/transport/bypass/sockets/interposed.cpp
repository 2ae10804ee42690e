// The C library's functions, in front of the C library: what a program calls on a socket of a Link
// goes to the link, and everything else on.
//
// Linked into the library that is preloaded, and into `lockstep` itself: libiscsi finds them there
// before it finds the C library's.
#include "target_impl/transport/bypass/sockets/consent.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <climits>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lockstep::transport::bypass {
namespace {

iovec one(const void* bytes, std::size_t count) noexcept {
  return {const_cast<void*>(bytes), count};
}

template <class System>
ssize_t receive(int socket, std::span<const iovec> spaces, int flags, System&& real) noexcept {
  const auto got = receive_from_link(socket, spaces, flags);
  return got ? *got : real();
}

template <class System>
ssize_t send_all(int socket, std::span<const iovec> pieces, int flags, System&& real) noexcept {
  if (const auto sent = send_to_link(socket, pieces, flags)) {
    return *sent;
  }
  const ssize_t result = real();
  const int error = errno;
  sent_by_system(socket, result);
  errno = error;
  return result;
}

std::span<const iovec> vectors(const iovec* first, int count) noexcept {
  return {first, count > 0 && count <= IOV_MAX ? static_cast<std::size_t>(count) : 0};
}

// A link of which bytes are, or may be, in memory.
LinkUse memory_link(int descriptor) noexcept {
  LinkUse link = link_of(descriptor);
  return link && link->way() == Way::Memory ? std::move(link) : LinkUse();
}

void before_close(int descriptor) noexcept {
  if (const LinkUse link = memory_link(descriptor); link && link.is_last()) {
    link->take_rings(descriptor);
  }
  forget_link(descriptor);
}

using Control = int (*)(int, int, ...);

int control(Control real, int descriptor, int command, void* argument) noexcept {
  const int result = real(descriptor, command, argument);
  const int error = errno;
  if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) {
    copy_link(descriptor, result);
  } else if (result >= 0 && command == F_SETFL) {
    if (const LinkUse link = memory_link(descriptor)) {
      link->set_nonblocking((reinterpret_cast<std::intptr_t>(argument) & O_NONBLOCK) != 0);
    }
  }
  errno = error;
  return result;
}

int wait(pollfd* watched, nfds_t count, int milliseconds) noexcept {
  if (!has_had_links()) {
    return system_calls().poll(watched, count, milliseconds);
  }
  const timespec limit{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  return poll_with_links(watched, count, milliseconds < 0 ? nullptr : &limit, nullptr);
}

}  // namespace
}  // namespace lockstep::transport::bypass

namespace bypass = lockstep::transport::bypass;
using bypass::system_calls;

#define LOCKSTEP_INTERPOSED extern "C" __attribute__((visibility("default")))

LOCKSTEP_INTERPOSED int connect(int descriptor, const sockaddr* address, socklen_t bytes) {
  const int result = system_calls().connect(descriptor, address, bytes);
  const int error = errno;
  const bool begun = result == 0 || error == EINPROGRESS || error == EINTR;
  if (begun && bypass::has_consent() && address != nullptr &&
      (address->sa_family == AF_INET || address->sa_family == AF_INET6)) {
    bypass::begin_link(descriptor);
  } else if (begun) {
    bypass::forget_link(descriptor);
  }
  errno = error;
  return result;
}

LOCKSTEP_INTERPOSED int close(int descriptor) {
  bypass::before_close(descriptor);
  return system_calls().close(descriptor);
}

LOCKSTEP_INTERPOSED int close_range(unsigned first, unsigned last, int flags) noexcept {
  const int result = system_calls().close_range(first, last, flags);
  if (result == 0 && (static_cast<unsigned>(flags) & CLOSE_RANGE_CLOEXEC) == 0) {
    bypass::forget_links(first, last);
  }
  return result;
}

LOCKSTEP_INTERPOSED int dup(int descriptor) noexcept {
  const int copy = system_calls().dup(descriptor);
  bypass::copy_link(descriptor, copy);
  return copy;
}

LOCKSTEP_INTERPOSED int dup2(int descriptor, int copy) noexcept {
  const int result = system_calls().dup2(descriptor, copy);
  if (result >= 0) {
    bypass::copy_link(descriptor, copy);
  }
  return result;
}

LOCKSTEP_INTERPOSED int dup3(int descriptor, int copy, int flags) noexcept {
  const int result = system_calls().dup3(descriptor, copy, flags);
  if (result >= 0) {
    bypass::copy_link(descriptor, copy);
  }
  return result;
}

// Whatever the third argument is, it is passed as one word.
LOCKSTEP_INTERPOSED int fcntl(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  return bypass::control(system_calls().fcntl, descriptor, command, argument);
}

LOCKSTEP_INTERPOSED int fcntl64(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  return bypass::control(system_calls().fcntl64, descriptor, command, argument);
}

LOCKSTEP_INTERPOSED int ioctl(int descriptor, unsigned long request, ...) noexcept {
  va_list rest;
  va_start(rest, request);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  const bypass::LinkUse link = bypass::memory_link(descriptor);
  if (link && request == FIONREAD && argument != nullptr) {
    *static_cast<int*>(argument) = static_cast<int>(link->available());
    return 0;
  }
  const int result = system_calls().ioctl(descriptor, request, argument);
  if (link && request == FIONBIO && result == 0) {
    link->set_nonblocking(*static_cast<int*>(argument) != 0);
  }
  return result;
}

LOCKSTEP_INTERPOSED ssize_t read(int descriptor, void* bytes, std::size_t count) {
  const iovec space = bypass::one(bytes, count);
  return bypass::receive(descriptor, {&space, 1}, 0,
                         [&] { return system_calls().read(descriptor, bytes, count); });
}

LOCKSTEP_INTERPOSED ssize_t readv(int descriptor, const iovec* spaces, int count) {
  return bypass::receive(descriptor, bypass::vectors(spaces, count), 0,
                         [&] { return system_calls().readv(descriptor, spaces, count); });
}

LOCKSTEP_INTERPOSED ssize_t recv(int descriptor, void* bytes, std::size_t count, int flags) {
  const iovec space = bypass::one(bytes, count);
  return bypass::receive(descriptor, {&space, 1}, flags,
                         [&] { return system_calls().recv(descriptor, bytes, count, flags); });
}

LOCKSTEP_INTERPOSED ssize_t recvfrom(int descriptor, void* bytes, std::size_t count, int flags,
                                     sockaddr* from, socklen_t* from_bytes) {
  const iovec space = bypass::one(bytes, count);
  if (const auto got = bypass::receive_from_link(descriptor, {&space, 1}, flags)) {
    if (from_bytes != nullptr) {
      *from_bytes = 0;  // as for every connected stream
    }
    return *got;
  }
  return system_calls().recvfrom(descriptor, bytes, count, flags, from, from_bytes);
}

LOCKSTEP_INTERPOSED ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  if (bypass::link_of(descriptor)) {
    const auto got =
        bypass::receive_from_link(descriptor, {message->msg_iov, message->msg_iovlen}, flags);
    if (got) {
      message->msg_namelen = 0;
      message->msg_controllen = 0;
      message->msg_flags = 0;
      return *got;
    }
  }
  return system_calls().recvmsg(descriptor, message, flags);
}

LOCKSTEP_INTERPOSED ssize_t write(int descriptor, const void* bytes, std::size_t count) {
  const iovec piece = bypass::one(bytes, count);
  return bypass::send_all(descriptor, {&piece, 1}, 0,
                          [&] { return system_calls().write(descriptor, bytes, count); });
}

LOCKSTEP_INTERPOSED ssize_t writev(int descriptor, const iovec* pieces, int count) {
  return bypass::send_all(descriptor, bypass::vectors(pieces, count), 0,
                          [&] { return system_calls().writev(descriptor, pieces, count); });
}

LOCKSTEP_INTERPOSED ssize_t send(int descriptor, const void* bytes, std::size_t count, int flags) {
  const iovec piece = bypass::one(bytes, count);
  return bypass::send_all(descriptor, {&piece, 1}, flags,
                          [&] { return system_calls().send(descriptor, bytes, count, flags); });
}

LOCKSTEP_INTERPOSED ssize_t sendto(int descriptor, const void* bytes, std::size_t count, int flags,
                                   const sockaddr* to, socklen_t to_bytes) {
  const iovec piece = bypass::one(bytes, count);
  return bypass::send_all(descriptor, {&piece, 1}, flags, [&] {
    return system_calls().sendto(descriptor, bytes, count, flags, to, to_bytes);
  });
}

LOCKSTEP_INTERPOSED ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  return bypass::send_all(descriptor, {message->msg_iov, message->msg_iovlen}, flags,
                          [&] { return system_calls().sendmsg(descriptor, message, flags); });
}

LOCKSTEP_INTERPOSED int poll(pollfd* watched, nfds_t count, int milliseconds) {
  return bypass::wait(watched, count, milliseconds);
}

LOCKSTEP_INTERPOSED int ppoll(pollfd* watched, nfds_t count, const timespec* limit,
                              const sigset_t* mask) {
  return bypass::has_had_links() ? bypass::poll_with_links(watched, count, limit, mask)
                                 : system_calls().ppoll(watched, count, limit, mask);
}

LOCKSTEP_INTERPOSED int epoll_ctl(int instance, int operation, int descriptor,
                                  epoll_event* event) noexcept {
  if (operation != EPOLL_CTL_DEL) {
    if (const bypass::LinkUse link = bypass::link_of(descriptor)) {
      link->watched_otherwise();
    }
  }
  return system_calls().epoll_ctl(instance, operation, descriptor, event);
}

// What fortified programs call instead.
LOCKSTEP_INTERPOSED ssize_t __read_chk(int descriptor, void* bytes, std::size_t count,
                                       std::size_t room) {
  if (count > room) std::abort();
  return read(descriptor, bytes, count);
}

LOCKSTEP_INTERPOSED ssize_t __recv_chk(int descriptor, void* bytes, std::size_t count,
                                       std::size_t room, int flags) {
  if (count > room) std::abort();
  return recv(descriptor, bytes, count, flags);
}

LOCKSTEP_INTERPOSED ssize_t __recvfrom_chk(int descriptor, void* bytes, std::size_t count,
                                           std::size_t room, int flags, sockaddr* from,
                                           socklen_t* from_bytes) {
  if (count > room) std::abort();
  return recvfrom(descriptor, bytes, count, flags, from, from_bytes);
}

LOCKSTEP_INTERPOSED int __poll_chk(pollfd* watched, nfds_t count, int milliseconds,
                                   std::size_t room) {
  if (count > room / sizeof(pollfd)) std::abort();
  return poll(watched, count, milliseconds);
}

LOCKSTEP_INTERPOSED int __ppoll_chk(pollfd* watched, nfds_t count, const timespec* limit,
                                    const sigset_t* mask, std::size_t room) {
  if (count > room / sizeof(pollfd)) std::abort();
  return ppoll(watched, count, limit, mask);
}
