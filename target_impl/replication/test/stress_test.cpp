// Goal: no acknowledged write is lost and no copy is a mixture while several writers go on through
// everything that a pair can go through.
// Method: writers on ranges of their own write rising numbers through the host's path; between
// operations they are stopped and both sides compared.
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lockstep::replication::test {
namespace {

constexpr std::uint64_t kBigBlocks = 8192;  // 4 MiB
constexpr std::uint64_t kWriters = 3;

class Writers {
 public:
  Writers(Rig& rig, ElementRef element) : rig_(rig), element_(std::move(element)) {
    for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, writer] { write(writer); });
    }
  }
  ~Writers() { stop(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void go_on_for(std::uint64_t writes) {
    const std::uint64_t until = writes_ + writes;
    while (writes_ < until) std::this_thread::yield();
  }

 private:
  void write(std::uint64_t writer) {
    std::uint64_t position = writer;
    for (std::uint64_t round = 1; !stop_; ++round) {
      position = (position * 31 + 7) % (kBigBlocks / kWriters);
      const std::uint64_t lba = position * kWriters + writer;
      EXPECT_EQ(rig_.write(element_, lba, static_cast<char>(round % 250 + 1)), 0);
      ++writes_;
    }
  }

  Rig& rig_;
  const ElementRef element_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> writes_{0};
  std::vector<std::thread> threads_;
};

void expect_equal(Rig& rig, const ElementRef& source, const ElementRef& target) {
  const std::string expected = rig.read(source, 0, kBigBlocks);
  EXPECT_TRUE(rig.eventually(
      [&](const Inventory&) { return rig.read(target, 0, kBigBlocks) == expected; }));
}

class Stress : public ::testing::TestWithParam<Mode> {};

TEST_P(Stress, NothingIsLostThroughTheWholeLifeOfAMirror) {
  Rig rig;
  const ElementRef source = rig.volume(kBigBlocks);
  ASSERT_EQ(rig.write(source, 0, 'a', kBigBlocks), 0);
  Answer answer;
  {
    Writers writers(rig, source);
    writers.go_on_for(20);
    answer = rig.replica(SyncType::Mirror, source, GetParam());
    ASSERT_TRUE(rig.job_ends(answer));
    writers.go_on_for(50);
  }
  expect_equal(rig, source, *answer.target_element);
  const RelationshipRef pair = *answer.synchronization;
  for (const Operation apart : {Operation::Fracture, Operation::Split, Operation::Suspend}) {
    {
      Writers writers(rig, source);
      writers.go_on_for(30);
      ASSERT_TRUE(rig.modify(apart, pair).completed());
      writers.go_on_for(30);
      ASSERT_TRUE(rig.job_ends(rig.modify(
          apart == Operation::Suspend ? Operation::Resume : Operation::ResyncReplica, pair)));
      writers.go_on_for(30);
    }
    expect_equal(rig, source, *answer.target_element);
  }
  {
    Writers writers(rig, source);
    rig.inject(FaultKind::LinkLost);
    writers.go_on_for(30);
    rig.inject(FaultKind::LinkRestored);
    ASSERT_TRUE(rig.eventually([&](const Inventory& inventory) {
      return inventory.find(pair)->copy_state == CopyState::Synchronized;
    }));
    writers.go_on_for(30);
    ASSERT_TRUE(rig.modify(Operation::ResetToAsync, pair).completed());
    writers.go_on_for(30);
    ASSERT_TRUE(rig.modify(Operation::ResetToSync, pair).completed());
    writers.go_on_for(30);
  }
  expect_equal(rig, source, *answer.target_element);
}

TEST(Service, ServesSeveralCallersAndLeavesNothingBehind) {
  Rig rig;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&rig, caller] {
      const SyncType kinds[] = {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone,
                                SyncType::TokenizedClone};
      for (int round = 0; round < 15; ++round) {
        const ElementRef source = rig.volume(64);
        EXPECT_EQ(rig.write(source, 1, 'a'), 0);
        const Answer answer = rig.replica(kinds[(round + caller) % 4], source);
        if (round % 2 == 0 && answer.job) {
          EXPECT_TRUE(rig.job_ends(answer));
        }
        EXPECT_TRUE(rig.modify(Operation::Detach, *answer.synchronization).completed());
        EXPECT_TRUE(rig.call(ReturnToStoragePoolRequest{source}).completed());
        EXPECT_TRUE(rig.call(ReturnToStoragePoolRequest{*answer.target_element}).completed());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const Inventory left = rig.look();
  EXPECT_EQ(left.elements.size(), left.pools.size());
  EXPECT_TRUE(left.relationships.empty());
  EXPECT_TRUE(rig.eventually([](const Inventory& inventory) {
    return inventory.pools.front().remaining == inventory.pools.front().total;
  }));
}

INSTANTIATE_TEST_SUITE_P(Modes, Stress,
                         ::testing::Values(Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive),
                         [](const auto& parameter) {
                           return std::string(parameter.param == Mode::Synchronous ? "Synchronous"
                                              : parameter.param == Mode::Asynchronous
                                                  ? "Asynchronous"
                                                  : "Adaptive");
                         });

}  // namespace
}  // namespace lockstep::replication::test
