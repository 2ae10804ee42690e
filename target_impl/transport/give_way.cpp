#include "target_impl/transport/give_way.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <sched.h>

namespace lockstep::transport {

GiveWay::Clock::time_point GiveWay::step(Clock::time_point now, Clock::time_point& until) noexcept {
  if (now < next_) return now;
  own_system_calls.add();
  ::sched_yield();
  const auto back = Clock::now();
  taken_ = back - now >= kLong;
  next_ = back + kEvery;
  until += back - now;
  return back;
}

}  // namespace lockstep::transport
