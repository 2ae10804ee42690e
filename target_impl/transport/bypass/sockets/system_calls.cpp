#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <cstdlib>
#include <dlfcn.h>

namespace lockstep::transport::bypass {
namespace {

template <class Function>
void find(Function& function, const char* name) noexcept {
  function = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
  if (function == nullptr) {
    std::abort();  // every C library that this is built for has all of them
  }
}

SystemCalls find_all() noexcept {
  SystemCalls calls;
  find(calls.connect, "connect");
  find(calls.close, "close");
  find(calls.close_range, "close_range");
  find(calls.dup, "dup");
  find(calls.dup2, "dup2");
  find(calls.dup3, "dup3");
  find(calls.fcntl, "fcntl");
  find(calls.fcntl64, "fcntl64");
  find(calls.ioctl, "ioctl");
  find(calls.read, "read");
  find(calls.readv, "readv");
  find(calls.recv, "recv");
  find(calls.recvfrom, "recvfrom");
  find(calls.recvmsg, "recvmsg");
  find(calls.write, "write");
  find(calls.writev, "writev");
  find(calls.send, "send");
  find(calls.sendto, "sendto");
  find(calls.sendmsg, "sendmsg");
  find(calls.poll, "poll");
  find(calls.ppoll, "ppoll");
  find(calls.epoll_ctl, "epoll_ctl");
  return calls;
}

}  // namespace

const SystemCalls& system_calls() noexcept {
  static const SystemCalls calls = find_all();
  return calls;
}

bool are_calls_interposed() noexcept {
  return ::dlsym(RTLD_DEFAULT, "recv") != reinterpret_cast<void*>(system_calls().recv);
}

}  // namespace lockstep::transport::bypass
