// Waiting at the client's end of a channel, for a thread that has nothing else to do.
#pragma once

#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/rest_after_losses.hpp"
#include "target_impl/transport/spin_wait.hpp"

#include <chrono>
#include <cstdint>

namespace lockstep::transport::bypass {

class ClientWait {
 public:
  // Looks for `longest_spin` before it sleeps, while that pays (SpinWait).
  explicit ClientWait(std::chrono::microseconds longest_spin) noexcept
      : spin_(longest_spin, rest_after_losses()) {}

  enum class Outcome : std::uint8_t {
    Ready,    // something of what was waited for is there
    Silence,  // nothing in all that time
    Gone,     // the server is, and nothing of it is left
  };
  // `what`: kForBytes, kForSpace. `tcp_socket`: the connection that the channel belongs to.
  [[nodiscard]] Outcome wait(Channel& channel, int tcp_socket, std::uint32_t what,
                             std::chrono::milliseconds patience);

 private:
  SpinWait spin_;
};

}  // namespace lockstep::transport::bypass
