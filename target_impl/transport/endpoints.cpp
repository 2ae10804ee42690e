#include "target_impl/transport/endpoints.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace lockstep::transport {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

using NameOf = int (*)(int, sockaddr*, socklen_t*);

std::optional<Endpoint> end_of(int socket, NameOf name_of) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (name_of(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    std::copy(kV4Prefix.begin(), kV4Prefix.end(), endpoint.address.begin());
    std::memcpy(endpoint.address.data() + kV4Prefix.size(), &v4.sin_addr, sizeof v4.sin_addr);
    endpoint.port = ntohs(v4.sin_port);
    return endpoint;
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    std::memcpy(endpoint.address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    endpoint.port = ntohs(v6.sin6_port);
    return endpoint;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Endpoints> endpoints_of(int socket) {
  const auto here = end_of(socket, ::getsockname);
  const auto there = end_of(socket, ::getpeername);
  if (!here || !there) {
    return std::nullopt;
  }
  return Endpoints{*here, *there};
}

bool are_local(const Endpoints& ends) noexcept {
  constexpr std::uint8_t kLoopbackNet = 127;
  const bool is_v4 = std::equal(kV4Prefix.begin(), kV4Prefix.end(), ends.there.address.begin());
  return ends.here.address == ends.there.address ||
         (is_v4 && ends.there.address[kV4Prefix.size()] == kLoopbackNet);
}

}  // namespace lockstep::transport
