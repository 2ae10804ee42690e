#include "target_impl/transport/step_aside.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <thread>

namespace lockstep::transport {
namespace {

using Clock = StepAside::Clock;

// Of threads of their own, so that the affinity of this one stays.
class StepAsideTest : public testing::Test {
 protected:
  static cpu_set_t allowed() {
    cpu_set_t set;
    CPU_ZERO(&set);
    EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    return set;
  }
  static void allow_only(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(processor), &set);
    ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
  }
};

TEST_F(StepAsideTest, MovesAndLeavesTheChoiceToTheSystem) {
  const cpu_set_t before = allowed();
  if (CPU_COUNT(&before) < 2) GTEST_SKIP() << "this process may use one processor only";
  std::thread([&] {
    StepAside aside;
    EXPECT_TRUE(aside.step(Clock::now()));
    const cpu_set_t after = allowed();
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
  }).join();
}

TEST_F(StepAsideTest, StaysWhereItIsOnTheOnlyProcessor) {
  std::thread([] {
    const int here = ::sched_getcpu();
    allow_only(here);
    StepAside aside;
    EXPECT_FALSE(aside.step(Clock::now()));
    const cpu_set_t after = allowed();
    EXPECT_EQ(CPU_COUNT(&after), 1);
    EXPECT_EQ(::sched_getcpu(), here);
  }).join();
}

TEST_F(StepAsideTest, RestsForLongerWhenItIsOfNoUse) {
  const cpu_set_t may_use = allowed();
  if (CPU_COUNT(&may_use) < 2) GTEST_SKIP() << "this process may use one processor only";
  std::thread([] {
    StepAside aside;
    auto now = Clock::now();
    int steps = 0;
    for (int i = 0; i < 10'000; ++i, now += std::chrono::milliseconds(1)) {
      steps += aside.step(now) ? 1 : 0;
    }
    // 10 ms, twice as long each time, a second at last.
    EXPECT_GE(steps, 10);
    EXPECT_LE(steps, 20);
    now += std::chrono::seconds(10);
    EXPECT_TRUE(aside.step(now));
    EXPECT_TRUE(aside.step(now + std::chrono::milliseconds(10)));
  }).join();
}

}  // namespace
}  // namespace lockstep::transport
