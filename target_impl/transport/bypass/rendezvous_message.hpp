// What the two ends say to each other once, before the UNIX socket becomes a bell. Bytes from
// another process: read from a copy, and compared as a whole.
#pragma once

#include "target_impl/transport/bypass/channel_end.hpp"
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
inline constexpr std::array<std::uint8_t, 8> kGreeting{'L', 'K', 'S', 'T', 'P', 'B', 'Y', 2};

// The client's word: the greeting, its TCP connection as the client sees it, and how it is woken.
inline constexpr std::size_t kHelloBytes = kGreeting.size() + 2 * (16 + 2) + 1;
// The server's word: the greeting, with the segment's file beside it; or nothing at all.
inline constexpr std::size_t kAnswerBytes = kGreeting.size();

using Hello = std::array<std::byte, kHelloBytes>;

struct Asked {
  Endpoints ends;
  Wake wake = Wake::ByBell;
};

[[nodiscard]] inline Hello write_hello(const Asked& asked) noexcept {
  Hello hello{};
  std::byte* at = hello.data();
  std::memcpy(at, kGreeting.data(), kGreeting.size());
  at += kGreeting.size();
  for (const Endpoint& end : {asked.ends.here, asked.ends.there}) {
    std::memcpy(at, end.address.data(), end.address.size());
    at += end.address.size();
    *at++ = static_cast<std::byte>(end.port >> 8);
    *at++ = static_cast<std::byte>(end.port & 0xFF);
  }
  *at = static_cast<std::byte>(asked.wake);
  return hello;
}

[[nodiscard]] inline std::optional<Asked> read_hello(std::span<const std::byte> hello) noexcept {
  if (hello.size() != kHelloBytes ||
      std::memcmp(hello.data(), kGreeting.data(), kGreeting.size()) != 0) {
    return std::nullopt;
  }
  Asked asked;
  const std::byte* at = hello.data() + kGreeting.size();
  for (Endpoint* end : {&asked.ends.here, &asked.ends.there}) {
    std::memcpy(end->address.data(), at, end->address.size());
    at += end->address.size();
    const auto high = static_cast<unsigned>(*at++);
    const auto low = static_cast<unsigned>(*at++);
    end->port = static_cast<std::uint16_t>(high << 8 | low);
  }
  if (*at != std::byte{0} && *at != std::byte{1}) {
    return std::nullopt;
  }
  asked.wake = static_cast<Wake>(*at);
  return asked;
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

// Whoever is at the other end of a UNIX socket; nobody's numbers if the system does not tell.
[[nodiscard]] inline ucred peer_of(int socket) noexcept {
  ucred credentials{.pid = -1, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  socklen_t bytes = sizeof credentials;
  ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes);
  return credentials;
}

// Whether it runs as the user that this process does.
[[nodiscard]] inline bool is_of_same_user(int socket) noexcept {
  return peer_of(socket).uid == ::geteuid();
}

}  // namespace lockstep::transport::bypass
