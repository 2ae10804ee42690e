#include "target_impl/store/fair_shared_mutex.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace lockstep::store::detail {
namespace {

TEST(FairSharedMutex, ReadersShareAndWritersDoNot) {
  FairSharedMutex mutex;
  mutex.lock_shared();
  EXPECT_TRUE(mutex.try_lock_shared());
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock_shared();
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock_shared();
  EXPECT_TRUE(mutex.try_lock());
  EXPECT_FALSE(mutex.try_lock_shared());
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock();
}

TEST(FairSharedMutex, AWaitingWriterGoesBeforeNewReaders) {
  FairSharedMutex mutex;
  mutex.lock_shared();
  std::atomic<bool> written{false};
  std::thread writer([&] {
    mutex.lock();
    written = true;
    mutex.unlock();
  });
  // Turned away: the writer has begun to wait.
  while (mutex.try_lock_shared()) {
    mutex.unlock_shared();
    std::this_thread::yield();
  }
  EXPECT_FALSE(written.load());
  std::thread late_reader([&] {
    mutex.lock_shared();
    EXPECT_TRUE(written.load());
    mutex.unlock_shared();
  });
  mutex.unlock_shared();
  writer.join();
  late_reader.join();
}

// Readers and writers that wait at once: each end of a turn must wake those whose turn it is.
TEST(FairSharedMutex, EverybodyInTheQueueGetsATurn) {
  for (const bool held_by_writer : {true, false}) {
    FairSharedMutex mutex;
    std::atomic<int> turns{0};
    if (held_by_writer) {
      mutex.lock();
    } else {
      mutex.lock_shared();
    }
    std::vector<std::thread> threads;
    for (unsigned i = 0; i != 3; ++i) {
      threads.emplace_back([&] {
        const std::unique_lock lock(mutex);
        ++turns;
      });
      threads.emplace_back([&] {
        const std::shared_lock lock(mutex);
        ++turns;
      });
    }
    // Long enough for all of them to wait; those that do not get their turn all the same.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (held_by_writer) {
      mutex.unlock();
    } else {
      mutex.unlock_shared();
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(turns.load(), 6);
    EXPECT_TRUE(mutex.try_lock()) << "something is left behind";
    mutex.unlock();
  }
}

TEST(FairSharedMutex, GuardsUnderLoad) {
  FairSharedMutex mutex;
  std::uint64_t left = 0;
  std::uint64_t right = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i != 3; ++i) {
    threads.emplace_back([&] {
      for (unsigned round = 0; round != 2000; ++round) {
        const std::unique_lock lock(mutex);
        ++left;
        ++right;
      }
    });
    threads.emplace_back([&] {
      for (unsigned round = 0; round != 2000; ++round) {
        const std::shared_lock lock(mutex);
        EXPECT_EQ(left, right);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(left, 6000U);
}

}  // namespace
}  // namespace lockstep::store::detail
