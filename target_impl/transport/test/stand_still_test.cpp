// Goal: a loop is alone when it wants to be, whether the others sleep, work or want the same.
// Method: loops that count without a lock.
#include "target_impl/transport/stand_still.hpp"

#include "target_impl/transport/event_loop.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace lockstep::transport {
namespace {

constexpr std::size_t kLoops = 3;

class StandStillTest : public ::testing::Test {
 protected:
  StandStillTest() {
    for (std::size_t i = 0; i < kLoops; ++i) {
      auto loop = EventLoop::create();
      if (!loop) ADD_FAILURE() << loop.error().message;
      loop.value()->spin_at_most(std::chrono::microseconds(50));
      loop.value()->stands_still_for(others);
      loops.push_back(std::move(loop.value()));
    }
  }
  void run() {
    std::vector<std::jthread> threads;
    for (const auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
  }

  StandStill others;
  std::vector<std::unique_ptr<EventLoop>> loops;
};

TEST_F(StandStillTest, OneIsAloneAtATime) {
  constexpr int kTimes = 300;
  int count = 0;  // of all
  std::size_t done = 0;
  std::function<void(std::size_t, int)> turn = [&](std::size_t loop, int left) {
    others.alone(loop, [&] {
      ++count;
      others.alone(loop, [&] { ++count; });
      if (left == 0 && ++done == kLoops) {
        for (const auto& each : loops) each->stop();
      }
    });
    if (left > 0) loops[loop]->post([&turn, loop, left] { turn(loop, left - 1); });
  };
  for (std::size_t i = 0; i < kLoops; ++i) {
    loops[i]->post([&turn, i] { turn(i, kTimes - 1); });
  }
  run();
  EXPECT_EQ(count, 2 * kTimes * static_cast<int>(kLoops));
}

// The second loop always has something to do, the third never.
TEST_F(StandStillTest, NeitherTheBusyNorTheIdleAreInTheWay) {
  bool stopped = false;  // the second loop's, written while it stands still
  std::function<void()> work = [&] {
    if (!stopped) loops[1]->post(work);
  };
  loops[1]->post(work);
  loops[0]->post([&] {
    others.alone(0, [&] { stopped = true; });
    for (const auto& each : loops) each->stop();
  });
  run();
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace lockstep::transport
