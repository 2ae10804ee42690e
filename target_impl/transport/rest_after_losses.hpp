// How long a thread that looks into shared memory rests after it has looked in vain (SpinWait).
#pragma once

#include "target_impl/transport/spin_wait.hpp"

#include <cstdint>
#include <unistd.h>

namespace lockstep::transport {

// On several processors the other end was mostly just kept from its own by somebody else, and is
// back soon; an end that shares the only processor loses every time.
[[nodiscard]] inline std::uint32_t rest_after_losses() noexcept {
  constexpr std::uint32_t kBesideOthers = 8;
  return ::sysconf(_SC_NPROCESSORS_ONLN) > 1 ? kBesideOthers : SpinWait::kLongestRest;
}

}  // namespace lockstep::transport
