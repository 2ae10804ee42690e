// Goal: a consistent group of mirrors to a peer stops at one cut across all its members, however it
// is stopped (DS-GR-01, DS-GR-03, DS-GR-07); a group without consistency is not held to that.
// Method: a chain of writes over all the volumes, each issued after the one before was answered;
// the images on the peer must hold exactly the first so many of them.
#include "target_impl/replication/test/two_systems.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

namespace lockstep::replication::test {
namespace {

constexpr std::size_t kMembers = 4;
constexpr std::uint64_t kBlocksEach = 8;
constexpr std::uint64_t kPlaces = kMembers * kBlocksEach;

// Write k, from 1 on, says k in block k / 4 % 8 of volume k % 4.
class Chain {
 public:
  Chain(Rig& rig, std::vector<ElementRef> volumes) : rig_(rig), volumes_(std::move(volumes)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Chain() {
    stopping_ = true;
    thread_.join();
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  void run() {
    for (std::uint64_t number = 1; !stopping_; ++number) {
      std::array<std::byte, 512> block{};
      std::memcpy(block.data(), &number, sizeof number);
      const Lba lba{number / kMembers % kBlocksEach};
      const auto answer =
          rig_.provider().data_path()->write(volumes_[number % kMembers], lba, block);
      if (!answer || !answer.value().good()) return;
      acknowledged_ = number;
    }
  }
  Rig& rig_;
  const std::vector<ElementRef> volumes_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::thread thread_;
};

// How many writes of the chain the peer holds, if it holds exactly the first so many.
std::optional<std::uint64_t> links_held(TwoSystems& two) {
  std::array<std::uint64_t, kPlaces> held{};
  for (std::uint64_t place = 0; place < kPlaces; ++place) {
    const std::string block =
        two.peer.read(static_cast<std::uint16_t>(1 + place % kMembers), place / kMembers);
    std::memcpy(&held[place], block.data(), sizeof(std::uint64_t));
  }
  const std::uint64_t last = *std::max_element(held.begin(), held.end());
  for (std::uint64_t number = last; number > 0 && number + kPlaces > last; --number) {
    if (held[number % kPlaces] != number) return std::nullopt;
  }
  return last;
}

struct Group {
  explicit Group(TwoSystems& two) {
    for (std::size_t i = 0; i < kMembers; ++i) sources.push_back(two.rig.volume());
    CreateGroupReplicaFromElementsRequest request;
    request.sync_type = SyncType::Mirror;
    request.mode = Mode::Synchronous;
    request.source_elements = sources;
    request.consistency = ConsistencyRequest::SequentialConsistency;
    request.target_access_point = reference_peer_access_point("far");
    const Answer answer = two.rig.call(request);
    EXPECT_TRUE(two.rig.job_ends(answer)) << code_text(answer);
    ref = answer.synchronization.value();
  }
  std::vector<ElementRef> sources;
  RelationshipRef ref;
};

const std::vector<std::uint64_t> kSpares(kMembers, kBlocks);

TEST(PeerGroups, StopAtOneCutHoweverTheyAreStopped) {
  TwoSystems two(kSpares, std::chrono::milliseconds{100});
  Group group(two);
  Chain chain(two.rig, group.sources);
  std::minstd_rand random(11);
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    const std::uint64_t begun = chain.acknowledged();
    while (chain.acknowledged() < begun + 20 + random() % 50) std::this_thread::yield();
    const std::uint64_t acknowledged = chain.acknowledged();
    const bool split = round % 3 == 2;
    if (split) {
      ASSERT_TRUE(two.rig.modify(Operation::Split, group.ref).completed());
    } else if (round % 3 == 1) {
      two.peer.proxy().stall();
    } else {
      two.peer.proxy().cut_after(random() % 3000);
    }
    ASSERT_TRUE(two.becomes(group.ref, split ? CopyState::Split : CopyState::Broken));
    const auto held = links_held(two);
    ASSERT_TRUE(held) << "the members stopped at different moments";
    EXPECT_GE(*held, acknowledged);
    if (split) {
      ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::ResyncReplica, group.ref)));
    }
    two.peer.proxy().heal();
    ASSERT_TRUE(two.becomes(group.ref, CopyState::Synchronized));
  }
}

TEST(PeerGroups, AsynchronousConsistencyIsRefused) {
  TwoSystems two(kSpares);
  const ElementRef source = two.rig.volume();
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Mirror;
  request.mode = Mode::Asynchronous;
  request.source_elements = {source};
  request.consistency = ConsistencyRequest::SequentialConsistency;
  request.target_access_point = reference_peer_access_point("far");
  EXPECT_EQ(two.rig.call(request).code, ReturnCode::NotSupported);
  Group group(two);
  EXPECT_EQ(two.rig.modify(Operation::ResetToAsync, group.ref).code, ReturnCode::NotSupported);
  EXPECT_EQ(two.rig.state(group.ref), CopyState::Synchronized);
}

}  // namespace
}  // namespace lockstep::replication::test
