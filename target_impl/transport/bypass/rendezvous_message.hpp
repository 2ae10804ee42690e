// What the two ends say to each other once, before the UNIX socket becomes a bell. Bytes from
// another process: read from a copy, and compared as a whole.
#pragma once

#include "target_impl/transport/endpoints.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace lockstep::transport::bypass {

// The last is the version of everything that the two share: messages, segment and counters.
inline constexpr std::array<std::uint8_t, 8> kGreeting{'L', 'K', 'S', 'T', 'P', 'B', 'Y', 1};

// The client's word: the greeting, then its TCP connection as the client sees it.
inline constexpr std::size_t kHelloBytes = kGreeting.size() + 2 * (16 + 2);
// The server's word: the greeting, with the segment's file beside it; or nothing at all.
inline constexpr std::size_t kAnswerBytes = kGreeting.size();

using Hello = std::array<std::byte, kHelloBytes>;

[[nodiscard]] inline Hello write_hello(const Endpoints& ends) noexcept {
  Hello hello{};
  std::byte* at = hello.data();
  std::memcpy(at, kGreeting.data(), kGreeting.size());
  at += kGreeting.size();
  for (const Endpoint& end : {ends.here, ends.there}) {
    std::memcpy(at, end.address.data(), end.address.size());
    at += end.address.size();
    *at++ = static_cast<std::byte>(end.port >> 8);
    *at++ = static_cast<std::byte>(end.port & 0xFF);
  }
  return hello;
}

[[nodiscard]] inline std::optional<Endpoints> read_hello(
    std::span<const std::byte> hello) noexcept {
  if (hello.size() != kHelloBytes ||
      std::memcmp(hello.data(), kGreeting.data(), kGreeting.size()) != 0) {
    return std::nullopt;
  }
  Endpoints ends;
  const std::byte* at = hello.data() + kGreeting.size();
  for (Endpoint* end : {&ends.here, &ends.there}) {
    std::memcpy(end->address.data(), at, end->address.size());
    at += end->address.size();
    const auto high = static_cast<unsigned>(*at++);
    const auto low = static_cast<unsigned>(*at++);
    end->port = static_cast<std::uint16_t>(high << 8 | low);
  }
  return ends;
}

struct RendezvousName {
  sockaddr_un address{};
  socklen_t bytes = 0;
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&address);
  }
};

// Abstract, so it is gone with its socket, and as local to a network namespace as the port is.
[[nodiscard]] inline RendezvousName rendezvous_name(std::uint16_t port) {
  RendezvousName name;
  const std::string text = "lockstep-bypass-" + std::to_string(port);
  name.address.sun_family = AF_UNIX;
  std::copy(text.begin(), text.end(), name.address.sun_path + 1);
  name.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

// Whether whoever is at the other end of a UNIX socket runs as the user that this process does.
[[nodiscard]] inline bool is_of_same_user(int socket) noexcept {
  ucred credentials{};
  socklen_t bytes = sizeof credentials;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) == 0 &&
         credentials.uid == ::geteuid();
}

}  // namespace lockstep::transport::bypass
