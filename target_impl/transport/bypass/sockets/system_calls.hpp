// The functions of the C library that interposed.cpp stands in front of, as they are behind it.
#pragma once

#include <cstddef>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace lockstep::transport::bypass {

struct SystemCalls {
  int (*connect)(int, const sockaddr*, socklen_t) = nullptr;
  int (*close)(int) = nullptr;
  int (*close_range)(unsigned, unsigned, int) = nullptr;
  int (*dup)(int) = nullptr;
  int (*dup2)(int, int) = nullptr;
  int (*dup3)(int, int, int) = nullptr;
  int (*fcntl)(int, int, ...) = nullptr;
  int (*fcntl64)(int, int, ...) = nullptr;
  int (*ioctl)(int, unsigned long, ...) = nullptr;
  ssize_t (*read)(int, void*, std::size_t) = nullptr;
  ssize_t (*readv)(int, const iovec*, int) = nullptr;
  ssize_t (*recv)(int, void*, std::size_t, int) = nullptr;
  ssize_t (*recvfrom)(int, void*, std::size_t, int, sockaddr*, socklen_t*) = nullptr;
  ssize_t (*recvmsg)(int, msghdr*, int) = nullptr;
  ssize_t (*write)(int, const void*, std::size_t) = nullptr;
  ssize_t (*writev)(int, const iovec*, int) = nullptr;
  ssize_t (*send)(int, const void*, std::size_t, int) = nullptr;
  ssize_t (*sendto)(int, const void*, std::size_t, int, const sockaddr*, socklen_t) = nullptr;
  ssize_t (*sendmsg)(int, const msghdr*, int) = nullptr;
  int (*poll)(pollfd*, nfds_t, int) = nullptr;
  int (*ppoll)(pollfd*, nfds_t, const timespec*, const sigset_t*) = nullptr;
  int (*epoll_ctl)(int, int, int, epoll_event*) = nullptr;
};

// Thread-safe; found on first use, however early that is.
[[nodiscard]] const SystemCalls& system_calls() noexcept;

// Whether interposed.cpp is in this program, or preloaded, so that connections may leave TCP at
// all.
[[nodiscard]] bool are_calls_interposed() noexcept;

}  // namespace lockstep::transport::bypass
