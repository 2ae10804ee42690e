// Goal: what links and the service tell the worker may come in any order: a pair that could go on
// does, and nothing is taken for known that the peer has forgotten.
// Method: the test is the worker; it takes the events and handles them in the order that it wants.
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/freedom.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/test/two_systems.hpp"
#include "target_impl/replication/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace lockstep::replication {
namespace {

constexpr BlockCount kBlocks{512};
constexpr BlockSize kBlockSize{512};

class PeerMailbox : public ::testing::Test {
 protected:
  PeerMailbox()
      : world_(freedom_, *devices_, mailbox_, make_sharing_mover(mailbox_),
               {test::far_system(peer_, std::chrono::seconds{10})}),
        lock_(world_.mutex) {
    PoolRecord pool;
    pool.id = world_.new_id();
    pool.ref = pool_path("first");
    pool.name = "first";
    pool.pool = store::make_pool(ByteCount{64 << 20});
    source_ =
        make_element(world_, world_.pools.add(std::move(pool)), {{}, kBlocks, kBlockSize, {}})->ref;
  }
  ~PeerMailbox() override {
    world_.flows.clear();
    while (world_.pairs.begin() != world_.pairs.end()) {
      erase_pair(world_, world_.pairs.begin()->first);
    }
  }

  std::vector<Event> take() {
    auto events = mailbox_.take(std::chrono::milliseconds{10});
    return events ? std::move(*events) : std::vector<Event>{};
  }
  // What comes until one of that kind has; that one is the last.
  std::vector<Event> await(Event::Kind kind) {
    std::vector<Event> all;
    for (int looks = 0; looks != 1000; ++looks) {
      std::vector<Event> more = take();
      std::move(more.begin(), more.end(), std::back_inserter(all));
      for (std::size_t i = 0; i != all.size(); ++i) {
        if (all[i].kind != kind) continue;
        for (std::size_t rest = i + 1; rest != all.size(); ++rest) mailbox_.post(all[rest]);
        all.resize(i + 1);
        return all;
      }
    }
    ADD_FAILURE() << "an event did not come within ten seconds";
    return {};
  }
  void handle_all(const std::vector<Event>& events) {
    for (const Event& event : events) handle(world_, event);
  }
  // As the worker does from here on.
  ::testing::AssertionResult becomes(CopyState state) {
    for (int looks = 0; looks != 1000; ++looks) {
      if (pair().state == state) return ::testing::AssertionSuccess();
      handle_all(take());
    }
    return ::testing::AssertionFailure() << "it does not within ten seconds";
  }

  [[nodiscard]] CreateReplicaRequest local_mirror() const {
    CreateReplicaRequest request;
    request.source = source_;
    request.sync_type = SyncType::Mirror;
    request.mode = Mode::Synchronous;
    return request;
  }
  [[nodiscard]] CreateReplicaRequest mirror() const {
    CreateReplicaRequest request = local_mirror();
    request.target_storage_system = reference_peer("far");
    return request;
  }
  void claim() {
    const auto order = claim_order_for(world_, mirror());
    world_.peers.offer = world_.peers.at(0).claim(order->wanted, order->credentials);
  }
  // With what was claimed.
  [[nodiscard]] bool make_mirror() {
    const bool made = make(mirror());
    world_.peers.offer.reset();
    return made;
  }
  [[nodiscard]] bool make(const CreateReplicaRequest& request) {
    return answer(world_, request).accepted();
  }
  void write_here(char fill) {
    const std::vector<std::byte> data(bytes_of(kBlocks, kBlockSize).value, std::byte(fill));
    ASSERT_EQ(volume().write(Lba{0}, data), store::WriteResult::Done);
  }
  PairRecord& pair() { return world_.pairs.begin()->second; }
  store::Volume& volume() { return *world_.elements.find(source_)->volume; }
  Answer modify(Operation operation) {
    ModifyReplicaSynchronizationRequest request;
    request.operation = operation;
    request.synchronization = pair().ref;
    return answer(world_, request);
  }
  // Its claim there is gone, and somebody has written since. The link is down.
  void forget_there() {
    initiator::SessionOptions options;
    options.credentials = {peer::test::kPeerUser, peer::test::kPeerPassword};
    options.isid = world_.peers.at(0).claimant().isid;
    const auto session =
        initiator::Session::connect(peer_.direct_portal(), peer::test::kPeerTarget, options);
    ASSERT_TRUE(session) << session.error().message;
    ASSERT_TRUE(peer::register_key(*session.value(), 1, 0));
    const std::vector<std::byte> data(bytes_of(kBlocks, kBlockSize).value, std::byte{'z'});
    ASSERT_EQ(peer_.volume(1).write(Lba{0}, data), store::WriteResult::Done);
  }
  [[nodiscard]] std::string there() { return peer_.read(1, 0, kBlocks.value); }
  [[nodiscard]] std::string here() {
    std::string data(bytes_of(kBlocks, kBlockSize).value, '?');
    volume().read(Lba{0}, std::as_writable_bytes(std::span(data.data(), data.size())));
    return data;
  }

  peer::test::PeerRig peer_{{kBlocks.value}};

 private:
  const Freedom freedom_;
  Mailbox mailbox_;
  std::unique_ptr<Devices> devices_ = Devices::start(target::test::server_options()).value();

 protected:
  World world_;

 private:
  std::unique_lock<std::mutex> lock_;
  ElementRef source_;
};

TEST_F(PeerMailbox, AFailureThatComesBehindThePeersReturnIsRepaired) {
  claim();
  handle_all(await(Event::Kind::PeerReturned));
  peer_.proxy().cut();
  handle_all(await(Event::Kind::PeerLost));
  // What was claimed is used all the same, and cannot be reached.
  ASSERT_TRUE(make_mirror());
  const auto failed = await(Event::Kind::ShipmentFailed);
  peer_.proxy().heal();
  handle_all(await(Event::Kind::PeerReturned));
  handle_all(failed);
  EXPECT_TRUE(becomes(CopyState::Synchronized));
}

TEST_F(PeerMailbox, WhatThePeerHasForgottenIsShippedThoughNobodyHasHeardOfItsReturn) {
  claim();
  ASSERT_TRUE(make_mirror());
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  ASSERT_TRUE(modify(Operation::Split).completed());
  peer_.proxy().cut();
  handle_all(await(Event::Kind::PeerLost));
  forget_there();
  peer_.proxy().heal();
  const auto returned = await(Event::Kind::PeerReturned);
  ASSERT_TRUE(modify(Operation::ResyncReplica).accepted());
  const auto shipped = await(Event::Kind::ShipmentDone);
  handle_all(returned);
  handle_all(shipped);
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_TRUE(there() == here());
}

TEST_F(PeerMailbox, ACopyThatFailsBehindTheReturnOfSpaceIsRepaired) {
  ASSERT_TRUE(make(local_mirror()));
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  ASSERT_TRUE(modify(Operation::Split).completed());
  write_here('a');
  ASSERT_TRUE(inject(world_, {FaultKind::SpaceExhausted, {}}));
  ASSERT_TRUE(modify(Operation::ResyncReplica).accepted());
  const auto failed = await(Event::Kind::ShipmentFailed);
  ASSERT_TRUE(inject(world_, {FaultKind::SpaceRestored, {}}));
  handle_all(failed);
  EXPECT_EQ(pair().state, CopyState::Unsynchronized);
  EXPECT_TRUE(becomes(CopyState::Synchronized));
}

// Handled while there is no space, or only once there is some again: then nobody sees it.
TEST_F(PeerMailbox, AMirrorThatFailsForWantOfSpaceIsBrokenUntilThereIsSome) {
  ASSERT_TRUE(make(local_mirror()));
  for (const bool late : {false, true}) {
    SCOPED_TRACE(late);
    ASSERT_TRUE(becomes(CopyState::Synchronized));
    ASSERT_TRUE(inject(world_, {FaultKind::SpaceExhausted, {}}));
    write_here('a');
    const auto failed = await(Event::Kind::MirrorFailed);
    if (!late) {
      handle_all(failed);
      EXPECT_EQ(pair().state, CopyState::Broken);
    }
    ASSERT_TRUE(inject(world_, {FaultKind::SpaceRestored, {}}));
    EXPECT_EQ(pair().state, CopyState::Unsynchronized);
    if (late) handle_all(failed);
  }
  EXPECT_TRUE(becomes(CopyState::Synchronized));
}

// A write may find no space while it is being brought back.
TEST_F(PeerMailbox, AMirrorThatFailsAsSpaceComesBackIsRepaired) {
  ASSERT_TRUE(make(local_mirror()));
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  pair().observer->set_out_of_space(true);
  write_here('a');
  handle_all(await(Event::Kind::MirrorFailed));
  EXPECT_TRUE(becomes(CopyState::Synchronized));
}

TEST_F(PeerMailbox, WhatHadBeenReadBeforeALossIsReadAgain) {
  claim();
  ASSERT_TRUE(make_mirror());
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  ASSERT_TRUE(modify(Operation::Failover).completed());
  ASSERT_TRUE(modify(Operation::Failback).accepted());
  const auto read = await(Event::Kind::ShipmentDone);
  world_.troubles.held.everywhere = true;
  apply_holds(world_);
  handle_all(read);
  peer_.proxy().cut();
  handle_all(await(Event::Kind::PeerLost));
  forget_there();
  peer_.proxy().heal();
  handle_all(await(Event::Kind::PeerReturned));
  world_.troubles.held.everywhere = false;
  apply_holds(world_);
  ASSERT_TRUE(becomes(CopyState::Synchronized));
  EXPECT_TRUE(there() == here());
}

}  // namespace
}  // namespace lockstep::replication
