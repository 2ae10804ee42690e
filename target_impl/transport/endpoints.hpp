// Both ends of a connected TCP socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace lockstep::transport {

struct Endpoint {
  // In network order; IPv4 as IPv6 writes it (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2), so that a
  // socket for both sees the same as its peer.
  std::array<std::uint8_t, 16> address{};
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Endpoints {
  Endpoint here;
  Endpoint there;
  friend bool operator==(const Endpoints&, const Endpoints&) = default;
};

// Nothing: not a connected IP socket.
[[nodiscard]] std::optional<Endpoints> endpoints_of(int socket);
// Whether both are on this host.
[[nodiscard]] bool are_local(const Endpoints& ends) noexcept;

}  // namespace lockstep::transport
