// Goal: mirrors to a peer keep what mirrors promise, whatever becomes of the connection.
// Method: two systems with a fault proxy between them; the peer's volumes are looked at directly.
#include "model/vocab/names.hpp"
#include "target_impl/replication/test/two_systems.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace lockstep::replication::test {
namespace {

TEST(PeerMirrors, AnAcknowledgedWriteIsOnTheOtherSide) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  ASSERT_EQ(two.rig.write(source, 3, 'a', 200), 0);
  const RelationshipRef pair = two.mirror(source);
  EXPECT_EQ(two.peer.read(1, 0, kBlocks), two.rig.whole(source));
  two.peer.proxy().delay(std::chrono::milliseconds{3});
  for (int i = 0; i < 30; ++i) {
    const char fill = static_cast<char>('b' + i % 20);
    ASSERT_EQ(two.rig.write(source, 100, fill), 0);
    ASSERT_EQ(two.peer.read(1, 100), std::string(512, fill)) << i;
  }
  EXPECT_EQ(two.rig.state(pair), CopyState::Synchronized);
}

TEST(PeerMirrors, TheTargetIsSeenAsAVolumeElsewhere) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  const Answer answer = two.rig.call(two.request(source));
  ASSERT_TRUE(two.rig.job_ends(answer));
  const Inventory inventory = two.rig.look();
  const ElementView* target = inventory.find(answer.target_element.value());
  ASSERT_NE(target, nullptr);
  EXPECT_EQ(target->device_id, two.peer.naa(1));
  EXPECT_FALSE(target->pool);
  EXPECT_TRUE(answer.target_replica_peer);
  EXPECT_EQ(inventory.relationships.front().recovery_point_objective, 0U);
}

TEST(PeerMirrors, ACutBreaksThemAndHealingShipsOnlyWhatChanged) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
  const RelationshipRef pair = two.mirror(source);
  ASSERT_EQ(two.rig.write(source, 1, 'b'), 0);
  two.peer.proxy().cut();
  EXPECT_TRUE(two.becomes(pair, CopyState::Broken));
  const std::string frozen = two.peer.read(1, 0, kBlocks);
  EXPECT_EQ(frozen, two.rig.whole(source));
  ASSERT_EQ(two.rig.write(source, 300, 'c'), 0);
  EXPECT_EQ(two.peer.read(1, 0, kBlocks), frozen);
  EXPECT_EQ(two.rig.modify(Operation::ResyncReplica, pair).code, ReturnCode::Failed);
  const std::uint64_t before = two.peer.proxy().bytes_to_target();
  two.peer.proxy().heal();
  EXPECT_TRUE(two.becomes(pair, CopyState::Synchronized));
  EXPECT_EQ(two.peer.read(1, 0, kBlocks), two.rig.whole(source));
  EXPECT_LT(two.peer.proxy().bytes_to_target() - before, 2 * store::kExtentBytes);
}

TEST(PeerMirrors, AStallAnswersWritesWithinItsBoundAndBreaksThem) {
  TwoSystems two{{kBlocks}, kShortAnswer};
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.begin_mirror(source, Mode::Synchronous);
  ASSERT_TRUE(two.becomes(pair, CopyState::Synchronized));
  ASSERT_TRUE(two.stall_synchronized(pair));
  ASSERT_EQ(two.rig.write(source, 0, 'a'), 0);
  EXPECT_EQ(two.rig.state(pair), CopyState::Broken);
  two.peer.proxy().heal();
  EXPECT_TRUE(two.becomes(pair, CopyState::Synchronized));
  EXPECT_TRUE(two.become_equal(source, 1));
}

TEST(PeerMirrors, HostsStopWhereTheyAreToStop) {
  TwoSystems two{{kBlocks}, kShortAnswer};
  const ElementRef source = two.rig.volume();
  ReplicationSettingData settings;
  settings.failed_copy_stops_host_io = true;
  const RelationshipRef pair = two.begin_mirror(source, Mode::Synchronous, settings);
  ASSERT_TRUE(two.becomes(pair, CopyState::Synchronized));
  ASSERT_TRUE(two.stall_synchronized(pair));
  // Not one gets through while the service learns of the first.
  for (std::uint64_t i = 0; i < 200; ++i) ASSERT_NE(two.rig.write(source, i % 8, 'a'), 0) << i;
  two.peer.proxy().heal();
  EXPECT_TRUE(
      two.rig.eventually([&](const Inventory&) { return two.rig.write(source, 0, 'b') == 0; }));
  EXPECT_TRUE(two.become_equal(source, 1));
}

TEST(PeerMirrors, AsynchronousOnesFollowAndComeBack) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source, Mode::Asynchronous);
  ASSERT_EQ(two.rig.write(source, 5, 'a', 100), 0);
  EXPECT_TRUE(two.become_equal(source, 1));
  two.peer.proxy().cut();
  EXPECT_TRUE(two.becomes(pair, CopyState::Broken));
  ASSERT_EQ(two.rig.write(source, 50, 'b', 100), 0);
  two.peer.proxy().heal();
  EXPECT_TRUE(two.becomes(pair, CopyState::Synchronized));
  EXPECT_TRUE(two.become_equal(source, 1));
}

// DS-MA-04.
TEST(PeerMirrors, WhatAnAsynchronousOneLacksIsMeasured) {
  TwoSystems two({kBlocks, kBlocks});
  static_cast<void>(two.mirror(two.rig.volume(), Mode::Synchronous));
  EXPECT_TRUE(two.rig.reference().lags().empty());
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source, Mode::Asynchronous);
  const auto lag = [&] { return two.rig.reference().lags().at(0); };
  ASSERT_EQ(two.rig.write(source, 0, 'a'), 0);
  ASSERT_TRUE(two.rig.eventually([&](const Inventory&) { return lag().owed_bytes == 0; }));
  EXPECT_EQ(lag().lag.count(), 0);
  EXPECT_EQ(lag().relationship, pair);
  EXPECT_EQ(two.peer.read(2, 0), std::string(512, 'a'));
  two.peer.proxy().cut();
  EXPECT_TRUE(two.becomes(pair, CopyState::Broken));
  EXPECT_EQ(lag().lag.count(), 0) << "nothing was written since";
  ASSERT_EQ(two.rig.write(source, 400, 'b'), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  EXPECT_GE(lag().lag, std::chrono::milliseconds{5});
  EXPECT_EQ(lag().owed_bytes, store::kExtentBytes);
  two.peer.proxy().heal();
  EXPECT_TRUE(two.rig.eventually([&](const Inventory&) { return lag().lag.count() == 0; }));
}

TEST(PeerMirrors, RefusalsSayWhyAndLeaveNothingBehind) {
  TwoSystems two({kBlocks, kBlocks / 2});
  const ElementRef source = two.rig.volume();
  ASSERT_EQ(two.rig.write(source, 0, 's'), 0);
  const Inventory before = two.rig.look();
  const auto refused = [&](const CreateReplicaRequest& request, ReturnCode code) {
    const Answer answer = two.rig.call(request);
    EXPECT_EQ(answer.code, code) << code_text(answer);
    ASSERT_TRUE(answer.extended_status);
    EXPECT_FALSE(answer.extended_status->message.empty());
    EXPECT_EQ(answer.extended_status->message.find(peer::test::kPeerPassword), std::string::npos);
    EXPECT_EQ(two.rig.look(), before);
  };
  auto request = two.request(source);
  request.username = peer::test::kPeerUser;
  request.password = "this is not the password";
  refused(request, ReturnCode::AccessDenied);
  request.username.reset();
  refused(request, ReturnCode::InvalidParameter);
  request = two.request(two.rig.volume(2 * kBlocks));
  ASSERT_EQ(two.rig.call(request).code, ReturnCode::InsufficientResources);
  request = two.request(source);
  request.sync_type = SyncType::Clone;
  ASSERT_EQ(two.rig.call(request).code, ReturnCode::NotSupported);
  request = two.request(source);
  request.target_storage_volume = ElementRef{"MSISCSITARGET_StorageVolume.DeviceID=\"6000\""};
  ASSERT_EQ(two.rig.call(request).code, ReturnCode::ObjectNotFound);
  two.peer.proxy().cut();
  ASSERT_EQ(two.rig.call(two.request(source)).code, ReturnCode::Failed);
  two.peer.proxy().heal();
  EXPECT_TRUE(two.rig.look().relationships.empty());
  EXPECT_EQ(two.rig.read(source, 0), std::string(512, 's'));
  // The spare is still one.
  EXPECT_FALSE(two.mirror(source).path.empty());
}

TEST(PeerMirrors, TheLifeCycleGoesRoundBetweenTwoSystems) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
    TwoSystems two;
    const ElementRef source = two.rig.volume();
    const RelationshipRef pair = two.mirror(source, mode);
    struct Turn {
      Operation away;
      CopyState state;
      Operation back;
    };
    for (const Turn& turn : {Turn{Operation::Split, CopyState::Split, Operation::ResyncReplica},
                             {Operation::Fracture, CopyState::Fractured, Operation::ResyncReplica},
                             {Operation::Suspend, CopyState::Suspended, Operation::Resume},
                             {Operation::Deactivate, CopyState::Inactive, Operation::Activate}}) {
      ASSERT_EQ(two.rig.write(source, 7, 'a'), 0);
      const std::string at_separation = two.rig.whole(source);
      ASSERT_TRUE(two.rig.modify(turn.away, pair).completed()) << to_text(turn.away);
      EXPECT_EQ(two.rig.state(pair), turn.state);
      ASSERT_EQ(two.rig.write(source, 8, static_cast<char>(turn.state)), 0);
      const std::string there = two.peer.read(1, 0, kBlocks);
      if (turn.state == CopyState::Split || mode != Mode::Asynchronous) {
        EXPECT_EQ(there, at_separation) << to_text(turn.away);
      }
      ASSERT_TRUE(two.rig.job_ends(two.rig.modify(turn.back, pair))) << to_text(turn.back);
      EXPECT_EQ(two.rig.state(pair), CopyState::Synchronized);
      EXPECT_TRUE(two.become_equal(source, 1)) << to_text(turn.back);
    }
    EXPECT_EQ(two.rig.modify(Operation::ReverseRoles, pair).code, ReturnCode::NotSupported);
  }
}

TEST(PeerMirrors, FailoverLetsHostsThereWriteAndFailbackBringsItHome) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    TwoSystems two;
    const ElementRef source = two.rig.volume();
    const RelationshipRef pair = two.mirror(source, mode);
    ASSERT_EQ(two.rig.write(source, 0, 'a', 4), 0);
    ASSERT_TRUE(two.rig.modify(Operation::Failover, pair).completed());
    EXPECT_EQ(two.peer.read(1, 0, kBlocks), two.rig.whole(source));
    two.write_there(1, 1, 'f');
    two.write_there(1, 400, 'g');
    ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::Failback, pair)));
    EXPECT_EQ(two.rig.state(pair), CopyState::Synchronized);
    EXPECT_EQ(two.rig.read(source, 0), std::string(512, 'a'));
    EXPECT_EQ(two.rig.read(source, 1), std::string(512, 'f'));
    EXPECT_EQ(two.rig.read(source, 400), std::string(512, 'g'));
    EXPECT_EQ(two.peer.read(1, 0, kBlocks), two.rig.whole(source));
    ASSERT_EQ(two.rig.write(source, 2, 'h'), 0);
    EXPECT_TRUE(two.become_equal(source, 1));
  }
}

TEST(PeerMirrors, AReplicaThatLeadsOutOfSightIsPartitioned) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source);
  ASSERT_EQ(two.rig.write(source, 0, 'a'), 0);
  ASSERT_TRUE(two.rig.modify(Operation::Failover, pair).completed());
  two.peer.proxy().cut();
  EXPECT_TRUE(two.becomes(pair, CopyState::Partitioned));
  EXPECT_EQ(two.rig.look().find(pair)->progress_status, ProgressStatus::Unknown);
  EXPECT_FALSE(two.rig.modify(Operation::Failback, pair).accepted());
  EXPECT_EQ(two.rig.read(source, 0), std::string(512, 'a'));
  two.peer.proxy().heal();
  EXPECT_TRUE(two.becomes(pair, CopyState::Failedover));
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::Failback, pair)));
  EXPECT_TRUE(two.become_equal(source, 1));
}

TEST(PeerMirrors, RestoreBringsBackWhatThePeerHolds) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source);
  ASSERT_EQ(two.rig.write(source, 0, 'a', 4), 0);
  ASSERT_TRUE(two.rig.modify(Operation::Split, pair).completed());
  ASSERT_EQ(two.rig.write(source, 0, 'b', 2), 0);
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::RestoreFromReplica, pair)));
  EXPECT_EQ(two.rig.state(pair), CopyState::Restored);
  EXPECT_EQ(two.rig.read(source, 0, 4), std::string(4 * 512, 'a'));
}

// A Restore or Failback that has begun, with the connection lost since; another pair tells that the
// service knows.
struct Interrupted {
  explicit Interrupted(bool fails_back) {
    EXPECT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
    const auto parted = fails_back ? Operation::Failover : Operation::Split;
    EXPECT_TRUE(two.rig.modify(parted, pair).completed());
    if (fails_back) {
      two.write_there(1, 9, 'f');
    } else {
      EXPECT_EQ(two.rig.write(source, 9, 'b'), 0);
    }
    leads = two.peer.read(1, 0, kBlocks);
    follows = two.rig.whole(source);
    two.rig.inject(FaultKind::CopyHeld, pair);
    begun = two.rig.modify(fails_back ? Operation::Failback : Operation::RestoreFromReplica, pair);
    EXPECT_TRUE(begun.started_job());
    two.peer.proxy().cut();
    EXPECT_TRUE(two.becomes(witness, CopyState::Broken));
    two.rig.inject(FaultKind::CopyReleased, pair);
  }
  TwoSystems two{{kBlocks, kBlocks}};
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source);
  const RelationshipRef witness = two.mirror(two.rig.volume());
  std::string leads;    // what the replica holds
  std::string follows;  // and what the source does
  Answer begun;
};

// DS-OP-01, DS-OP-04: after a loss the replica is all that holds what is brought back.
TEST(PeerMirrors, WhatIsBroughtBackFromThereWaitsForItsConnection) {
  for (const bool fails_back : {false, true}) {
    Interrupted is(fails_back);
    EXPECT_EQ(is.two.rig.state(is.pair), fails_back ? CopyState::Partitioned : CopyState::Split);
    EXPECT_FALSE(is.two.rig.look().find(*is.begun.job)->finished());
    EXPECT_TRUE(is.two.rig.whole(is.source) == is.follows);
    is.two.peer.proxy().heal();
    ASSERT_TRUE(is.two.rig.job_ends(is.begun));
    EXPECT_EQ(is.two.rig.state(is.pair),
              fails_back ? CopyState::Synchronized : CopyState::Restored);
    EXPECT_TRUE(is.two.rig.whole(is.source) == is.leads);
    EXPECT_TRUE(is.two.peer.read(1, 0, kBlocks) == is.leads);
  }
}

TEST(PeerMirrors, WhatWaitsForAConnectionIsGivenUpWithThePair) {
  for (const bool fails_back : {false, true}) {
    Interrupted is(fails_back);
    // Of what is out of sight only by force (MRS-29).
    ASSERT_TRUE(is.two.rig.modify(Operation::Detach, is.pair, fails_back).completed());
    EXPECT_TRUE(is.two.rig.job_ends(is.begun, JobState::Terminated));
    is.two.peer.proxy().heal();
    EXPECT_TRUE(is.two.becomes(is.witness, CopyState::Synchronized));
    EXPECT_TRUE(is.two.rig.whole(is.source) == is.follows);
    EXPECT_TRUE(is.two.peer.read(1, 0, kBlocks) == is.leads);
  }
}

TEST(PeerMirrors, ModesChangeOnTheWay) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  const RelationshipRef pair = two.mirror(source, Mode::Asynchronous);
  ASSERT_EQ(two.rig.write(source, 0, 'a'), 0);
  ASSERT_TRUE(two.rig.modify(Operation::ResetToSync, pair).completed());
  EXPECT_EQ(two.peer.read(1, 0), std::string(512, 'a'));
  ASSERT_EQ(two.rig.write(source, 0, 'b'), 0);
  EXPECT_EQ(two.peer.read(1, 0), std::string(512, 'b'));
  ASSERT_TRUE(two.rig.modify(Operation::ResetToAsync, pair).completed());
  ASSERT_EQ(two.rig.write(source, 0, 'c'), 0);
  EXPECT_TRUE(two.become_equal(source, 1));
}

TEST(PeerMirrors, DetachLeavesBothSidesAndFreesTheSpare) {
  TwoSystems two;
  const ElementRef source = two.rig.volume();
  RelationshipRef pair = two.mirror(source);
  ASSERT_EQ(two.rig.write(source, 0, 'a'), 0);
  ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
  EXPECT_TRUE(two.rig.look().relationships.empty());
  EXPECT_EQ(two.rig.look().elements.size(), 3U);  // the source and two pools
  EXPECT_EQ(two.peer.read(1, 0), std::string(512, 'a'));
  ASSERT_EQ(two.rig.write(source, 0, 'b'), 0);
  EXPECT_EQ(two.peer.read(1, 0), std::string(512, 'a'));
  pair = two.mirror(source);
  EXPECT_EQ(two.peer.read(1, 0), std::string(512, 'b'));
  // What is given back while nobody is there to take it is given back later.
  two.peer.proxy().cut();
  EXPECT_TRUE(two.becomes(pair, CopyState::Broken));
  ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
  two.peer.proxy().heal();
  EXPECT_TRUE(two.rig.eventually([&](const Inventory&) {
    const Answer again = two.rig.call(two.request(source));
    return again.accepted();
  }));
}

}  // namespace
}  // namespace lockstep::replication::test
