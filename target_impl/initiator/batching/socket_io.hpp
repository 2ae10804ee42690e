// A stream of PDUs through a socket.
#pragma once

#include "target_impl/initiator/batching/pdu_stream.hpp"

#include <memory>
#include <netdb.h>
#include <string>
#include <sys/types.h>

namespace lockstep::initiator::batching {

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Of "host:port", with brackets around a host with colons; null: none.
[[nodiscard]] Addresses look_up(const std::string& portal);

// One sendmsg and one readv, which are made again when a signal interrupts them; results and errno
// are theirs, and the stream knows.
[[nodiscard]] ssize_t send_some(int socket, PduStream& stream) noexcept;
[[nodiscard]] ssize_t receive_some(int socket, PduStream& stream);

}  // namespace lockstep::initiator::batching
