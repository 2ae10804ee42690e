#include "target_impl/transport/event_loop.hpp"

#include "target_impl/transport/wake_together.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace lockstep::transport {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<EventLoop> make_loop() {
  auto loop = EventLoop::create();
  if (!loop) {
    ADD_FAILURE() << loop.error().message;
  }
  return std::move(loop.value());
}

class Counter final : public EventHandler {
 public:
  explicit Counter(std::function<void(std::uint32_t)> call) : call_(std::move(call)) {}
  void on_events(std::uint32_t events) override { call_(events); }

 private:
  std::function<void(std::uint32_t)> call_;
};

TEST(EventLoop, CallsWhatIsPostedInOrder) {
  const auto loop = make_loop();
  std::vector<int> seen;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      loop->post([&seen, i] { seen.push_back(i); });
    }
    loop->stop();
  });
  loop->run();
  poster.join();
  ASSERT_EQ(seen.size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  }
}

TEST(WakeTogether, RingsOnceWhenAllIsDone) {
  const auto bell = std::make_shared<Bell>(FileDescriptor(::eventfd(0, EFD_NONBLOCK)));
  const auto rings = [&] {
    eventfd_t count = 0;
    return ::eventfd_read(bell->descriptor(), &count) == 0 ? count : 0;
  };
  WakeTogether::wake(bell);
  EXPECT_EQ(rings(), 1U);
  {
    const WakeTogether outer;
    {
      const WakeTogether inner;
      WakeTogether::wake(bell);
      WakeTogether::wake(bell);
    }
    EXPECT_EQ(rings(), 0U);
  }
  EXPECT_EQ(rings(), 1U);
  const WakeTogether together;
  WakeTogether::wake(bell);
  WakeTogether::now();
  EXPECT_EQ(rings(), 1U);
}

TEST(WakeTogether, WakesWhomTheWokenWake) {
  struct Wakes final : Sleeper {
    explicit Wakes(std::shared_ptr<Sleeper> who) : next(std::move(who)) {}
    void wake() override {
      ++woken;
      if (next) WakeTogether::wake(next);
    }
    const std::shared_ptr<Sleeper> next;
    int woken = 0;
  };
  const auto last = std::make_shared<Wakes>(nullptr);
  const auto first = std::make_shared<Wakes>(last);
  const WakeTogether together;
  WakeTogether::wake(first);
  EXPECT_EQ(first->woken, 0);
  WakeTogether::now();
  EXPECT_EQ(first->woken, 1);
  EXPECT_EQ(last->woken, 1);
}

TEST(WakeTogether, WakesALoopThatSleeps) {
  const auto loop = make_loop();
  std::thread runner([&] { loop->run(); });
  {
    const WakeTogether together;
    loop->post([] {});
    loop->stop();
  }
  runner.join();
}

TEST(EventLoop, RunsTimersInTheOrderOfTheirTime) {
  const auto loop = make_loop();
  std::vector<int> seen;
  loop->after(milliseconds(20), [&] {
    seen.push_back(3);
    loop->stop();
  });
  loop->after(milliseconds(1), [&] { seen.push_back(1); });
  loop->after(milliseconds(10), [&] { seen.push_back(2); });
  const auto cancelled = loop->after(milliseconds(5), [&] { seen.push_back(99); });
  loop->cancel(cancelled);
  loop->cancel(cancelled);
  loop->run();
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(EventLoop, RunsDeferredCallsAfterTheBatch) {
  const auto loop = make_loop();
  std::vector<int> seen;
  loop->post([&] {
    loop->defer([&] {
      seen.push_back(2);
      loop->defer([&] { seen.push_back(3); });
    });
    seen.push_back(1);
  });
  loop->stop();
  loop->run();
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(EventLoop, ForgetsEventsThatWereAlreadyReported) {
  // Both are ready at once; whichever is called first forgets the other.
  const auto loop = make_loop();
  const FileDescriptor a(::eventfd(1, EFD_CLOEXEC));
  const FileDescriptor b(::eventfd(1, EFD_CLOEXEC));
  int calls = 0;
  Counter forget_b([&](std::uint32_t) {
    ++calls;
    loop->forget(a.get());
    loop->forget(b.get());
    loop->stop();
  });
  Counter forget_a([&](std::uint32_t) {
    ++calls;
    loop->forget(a.get());
    loop->forget(b.get());
    loop->stop();
  });
  ASSERT_TRUE(loop->watch(a.get(), EPOLLIN, forget_b));
  ASSERT_TRUE(loop->watch(b.get(), EPOLLIN, forget_a));
  loop->run();
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, TellsASuccessorOnTheSameDescriptorApart) {
  // The first handler closes the second's descriptor and opens a new one, which gets the same
  // number: the event that was reported for the old one must not reach the new handler.
  const auto loop = make_loop();
  FileDescriptor a(::eventfd(1, EFD_CLOEXEC));
  FileDescriptor b(::eventfd(1, EFD_CLOEXEC));
  FileDescriptor next;
  int wrong = 0;
  Counter newcomer([&](std::uint32_t) { ++wrong; });
  const auto replace = [&](FileDescriptor& mine, FileDescriptor& other) {
    const int number = other.get();
    loop->forget(number);
    other.reset();
    next = FileDescriptor(::eventfd(0, EFD_CLOEXEC));
    EXPECT_EQ(next.get(), number);
    EXPECT_TRUE(loop->watch(next.get(), EPOLLIN, newcomer));
    loop->forget(mine.get());
    loop->stop();
  };
  Counter on_a([&](std::uint32_t) { replace(a, b); });
  Counter on_b([&](std::uint32_t) { replace(b, a); });
  ASSERT_TRUE(loop->watch(a.get(), EPOLLIN, on_a));
  ASSERT_TRUE(loop->watch(b.get(), EPOLLIN, on_b));
  loop->run();
  EXPECT_EQ(wrong, 0);
}

class Scripted final : public Pollable {
 public:
  Scripted(std::function<bool()> poll, std::function<bool()> may_sleep)
      : poll_(std::move(poll)), may_sleep_(std::move(may_sleep)) {}
  bool poll() override { return poll_(); }
  bool may_sleep() override { return may_sleep_(); }
  void awake() override { ++awakenings; }
  Other other() override { return where; }
  int awakenings = 0;
  Other where = Other::Elsewhere;

 private:
  std::function<bool()> poll_;
  std::function<bool()> may_sleep_;
};

TEST(EventLoop, DoesNotSleepWhileAPollableHasSomethingToDo) {
  const auto loop = make_loop();
  int asked = 0;
  int polls = 0;
  // What it has to do comes between the poll and the question, each time.
  Scripted busy([&] { return ++polls, false; },
                [&] {
                  if (++asked >= 5) loop->stop();
                  return false;
                });
  loop->watch(busy);
  loop->run();
  EXPECT_GE(asked, 5) << "one that sleeps is not asked again";
  EXPECT_GE(polls, asked);
  EXPECT_EQ(busy.awakenings, asked);
}

TEST(EventLoop, PollsWhatIsWatchedAndLooksAtDescriptorsBesides) {
  const auto loop = make_loop();
  // Always busy, so that the loop never sleeps.
  int polls = 0;
  Scripted busy([&] { return ++polls, true; }, [] { return true; });
  loop->watch(busy);
  const FileDescriptor event(::eventfd(1, EFD_CLOEXEC));
  Counter ends([&](std::uint32_t) { loop->stop(); });
  ASSERT_TRUE(loop->watch(event.get(), EPOLLIN, ends));
  loop->run();
  EXPECT_GT(polls, 0);
}

TEST(EventLoop, DoesNotLookWhileOthersWaitForTheProcessor) {
  const auto loop = make_loop();
  loop->spin_at_most(std::chrono::seconds(10));
  int polls = 0;
  int calls = 0;
  Scripted waiting([&] { return ++polls, false; }, [] { return true; });
  waiting.where = Pollable::Other::WaitsForThisProcessor;
  loop->watch(waiting);
  // Each shows the loop that looking might pay.
  std::function<void()> call = [&] {
    if (++calls == 5) return loop->stop();
    loop->after(std::chrono::milliseconds(1), call);
  };
  loop->after(std::chrono::milliseconds(1), call);
  loop->run();
  EXPECT_LT(polls, 100) << "it looks, until its ten seconds are over";
}

TEST(EventLoop, LooksWhileOneOfManyMayBringSomething) {
  const auto loop = make_loop();
  loop->spin_at_most(std::chrono::seconds(10));
  // Before a sleep that is not put off by looking, it is polled once or twice.
  constexpr int kPollsOfALook = 5;
  constexpr int kMostCalls = 5000;
  int polls_since_call = 0;
  bool looked = false;
  Scripted waiting([&] { return false; }, [] { return true; });
  waiting.where = Pollable::Other::WaitsForThisProcessor;
  Scripted elsewhere(
      [&] {
        if (++polls_since_call < kPollsOfALook) return false;
        looked = true;
        loop->stop();
        return true;
      },
      [] { return true; });
  loop->watch(waiting);
  loop->watch(elsewhere);
  // Where others calculate, a look is cut short; the next call is another occasion.
  int calls = 0;
  std::function<void()> call = [&] {
    polls_since_call = 0;
    if (++calls == kMostCalls) return loop->stop();
    loop->after(std::chrono::milliseconds(1), call);
  };
  loop->after(std::chrono::milliseconds(1), call);
  loop->run();
  EXPECT_TRUE(looked) << "not once in " << calls << " waits";
}

TEST(EventLoop, PollsNoMoreWhatIsForgottenMeanwhile) {
  const auto loop = make_loop();
  int wrong = 0;
  Scripted second([&] { return ++wrong, true; }, [] { return true; });
  Scripted first(
      [&] {
        loop->forget(first);
        loop->forget(second);
        loop->stop();
        return true;
      },
      [] { return true; });
  loop->watch(first);
  loop->watch(second);
  loop->run();
  EXPECT_EQ(wrong, 0);
}

TEST(EventLoop, RefusesADescriptorThatCannotBeWatched) {
  const auto loop = make_loop();
  const FileDescriptor gone(::eventfd(0, EFD_CLOEXEC));
  const int number = ::dup(gone.get());
  ::close(number);
  Counter never([](std::uint32_t) {});
  EXPECT_FALSE(loop->watch(number, EPOLLIN, never));
}

}  // namespace
}  // namespace lockstep::transport
