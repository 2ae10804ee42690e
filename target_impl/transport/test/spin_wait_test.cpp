#include "target_impl/transport/spin_wait.hpp"

#include "target_impl/transport/event_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <thread>

namespace lockstep::transport {
namespace {

using std::chrono::microseconds;

constexpr microseconds kLimit{50};
constexpr microseconds kNone{0};

TEST(SpinWait, IsNotUsedUnlessAskedFor) {
  EXPECT_FALSE(SpinWait().is_used());
  EXPECT_FALSE(SpinWait(kNone).is_used());
  EXPECT_TRUE(SpinWait(kLimit).is_used());
}

TEST(SpinWait, LooksOnlyAfterAnEventThatCameSoon) {
  SpinWait spin(kLimit);
  EXPECT_EQ(spin.allowance(), kNone);
  spin.slept(microseconds{1000});
  EXPECT_EQ(spin.allowance(), kNone);
  spin.slept(microseconds{20});
  EXPECT_EQ(spin.allowance(), kLimit);
  spin.slept(microseconds{400});
  EXPECT_EQ(spin.allowance(), kLimit) << "the sleep itself may be what took so long";
}

TEST(SpinWait, StopsLookingWhenEventsBecomeRare) {
  SpinWait spin(kLimit);
  spin.slept(microseconds{20});
  ASSERT_EQ(spin.allowance(), kLimit);
  spin.in_vain();
  spin.slept(microseconds{1000});
  EXPECT_EQ(spin.allowance(), kNone);
}

// How many waits pass without looking, with every event close.
int waits_without_looking(SpinWait& spin) {
  int waits = 0;
  while (spin.allowance() == kNone && waits < 100'000) {
    spin.slept(microseconds{5});
    ++waits;
  }
  return waits;
}

TEST(SpinWait, RestsWhenTheProcessorIsTaken) {
  SpinWait spin(kLimit);
  spin.slept(microseconds{5});
  ASSERT_EQ(spin.allowance(), kLimit);
  spin.displaced();
  spin.slept(microseconds{1000});
  spin.slept(microseconds{5});
  const int rest = waits_without_looking(spin);
  EXPECT_GT(rest, 0);
  spin.displaced();
  EXPECT_GT(waits_without_looking(spin), rest);
}

TEST(SpinWait, RestsLongerEachTimeThatLookingHeldTheEventUp) {
  SpinWait spin(kLimit);
  spin.slept(microseconds{5});
  int before = 0;
  for (int loss = 0; loss < 5; ++loss) {
    ASSERT_EQ(spin.allowance(), kLimit);
    spin.in_vain();
    spin.slept(microseconds{5});
    const int waits = waits_without_looking(spin);
    EXPECT_GT(waits, before);
    before = waits;
    spin.slept(microseconds{5});
  }
}

TEST(SpinWait, AFindEndsTheRest) {
  SpinWait spin(kLimit);
  spin.slept(microseconds{5});
  for (int loss = 0; loss < 3; ++loss) {
    while (spin.allowance() == kNone) spin.slept(microseconds{5});
    spin.in_vain();
    spin.slept(microseconds{5});
  }
  const int long_rest = waits_without_looking(spin);
  spin.found();
  ASSERT_EQ(spin.allowance(), kLimit);
  spin.in_vain();
  spin.slept(microseconds{5});
  EXPECT_LT(waits_without_looking(spin), long_rest);
}

TEST(SpinWait, WhoWasNotAllowedToLookHasNotLookedInVain) {
  SpinWait spin(kLimit);
  EXPECT_EQ(spin.allowance(), kNone) << "nothing has come yet";
  spin.in_vain();
  spin.slept(microseconds{5});
  EXPECT_EQ(spin.allowance(), kLimit);
}

std::chrono::nanoseconds processor_time_of(std::thread& thread) {
  clockid_t clock{};
  timespec used{};
  if (::pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return {};
  if (::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// Never has anything to do.
class Quiet final : public Pollable {
 public:
  bool poll() override { return false; }
  bool may_sleep() override { return true; }
  void awake() override {}
  Other other() override { return Other::Elsewhere; }
};

class EventLoopSpin : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Pollables, EventLoopSpin, testing::Bool(),
                         [](const auto& run) { return run.param ? "With" : "Without"; });

TEST_P(EventLoopSpin, AnIdleLoopSleeps) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  Quiet quiet;
  if (GetParam()) loop.value()->watch(quiet);
  // Had it looked for all its limit, it would have used the processor all the time.
  loop.value()->spin_at_most(std::chrono::milliseconds(200));
  std::thread thread([&] { loop.value()->run(); });
  for (int i = 0; i < 100; ++i) {
    std::atomic<bool> called{false};
    loop.value()->post([&] { called = true; });
    while (!called) std::this_thread::yield();
  }
  // The last look ends, later where others have use for the processor; then it is quiet.
  constexpr std::chrono::milliseconds kQuiet{3};
  std::chrono::nanoseconds used{};
  for (int window = 0; window < 30; ++window) {
    const auto before = processor_time_of(thread);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    used = processor_time_of(thread) - before;
    if (used < kQuiet) break;
  }
  loop.value()->stop();
  thread.join();
  EXPECT_LT(used, kQuiet) << "idle, it must use under 1 % of a processor";
}

}  // namespace
}  // namespace lockstep::transport
