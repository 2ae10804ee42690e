#include "target_impl/transport/give_way.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <sched.h>
#include <thread>

namespace lockstep::transport {
namespace {

using Clock = GiveWay::Clock;

TEST(GiveWay, AsksTheSystemOnlyNowAndThen) {
  auto now = Clock::now();
  const auto until_before = now + std::chrono::hours(1);
  auto until = until_before;
  GiveWay way(now);
  const auto calls = own_system_calls.count();
  EXPECT_EQ(way.step(now + GiveWay::kEvery / 2, until), now + GiveWay::kEvery / 2);
  EXPECT_EQ(own_system_calls.count(), calls);
  EXPECT_EQ(until, until_before);
  now = Clock::now();
  while (now - GiveWay::kEvery < until_before - std::chrono::hours(1)) now = Clock::now();
  const auto back = way.step(now, until);
  EXPECT_EQ(own_system_calls.count(), calls + 1);
  EXPECT_EQ(until - until_before, back - now) << "what others had is not taken from the look";
  EXPECT_EQ(way.step(back, until), back);
}

// A thread that calculates gets the processor, and that is seen. Threads of their own, so that the
// affinity of this one stays.
TEST(GiveWay, SeesThatTheProcessorWasTaken) {
  std::atomic<bool> seen{false};
  std::atomic<std::uint64_t> rounds{0};
  const auto stay_here = [processor = ::sched_getcpu()] {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(processor), &only);
    ASSERT_EQ(::sched_setaffinity(0, sizeof only, &only), 0);
  };
  std::thread calculates([&] {
    stay_here();
    while (!seen) ++rounds;
  });
  std::thread([&] {
    stay_here();
    const auto end = Clock::now() + std::chrono::seconds(60);
    while (!seen && Clock::now() < end) {
      auto now = Clock::now();
      auto until = now + std::chrono::milliseconds(1);
      GiveWay way(now);
      while (now < until && !way.was_taken()) now = way.step(Clock::now(), until);
      seen = way.was_taken();
    }
    EXPECT_TRUE(seen.exchange(true));
  }).join();
  calculates.join();
  EXPECT_GT(rounds, 0U);
}

}  // namespace
}  // namespace lockstep::transport
