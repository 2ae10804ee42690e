#include "target_impl/transport/step_aside.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <algorithm>
#include <sched.h>

namespace lockstep::transport {
namespace {

constexpr std::chrono::milliseconds kShortestRest{10};
constexpr std::chrono::milliseconds kLongestRest{1000};
// Whoever has to move again within so many rests was moved back: the system knows better.
constexpr int kRestsOfUse = 4;

}  // namespace

bool StepAside::step(Clock::time_point now) noexcept {
  if (now - last_ < rest_) {
    return false;
  }
  cpu_set_t allowed;
  const int here = ::sched_getcpu();
  own_system_calls.add();
  if (here < 0 || ::sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return false;
  }
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<std::size_t>(here), &others);
  const bool was_of_use = now - last_ >= kRestsOfUse * rest_;
  rest_ = was_of_use ? kShortestRest : std::min(rest_ * 2, kLongestRest);
  last_ = now;
  if (CPU_COUNT(&others) == 0) {
    return false;
  }
  own_system_calls.add();
  own_system_calls.add();
  if (::sched_setaffinity(0, sizeof others, &others) != 0) {
    return false;
  }
  ::sched_setaffinity(0, sizeof allowed, &allowed);
  return true;
}

}  // namespace lockstep::transport
