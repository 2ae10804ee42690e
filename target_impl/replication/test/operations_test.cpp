// Goal: each operation ends in the state that it names, with the bytes that state promises.
// Method: a pair in the state before, the operation, a look at state and bytes.
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication::test {
namespace {

struct Mirrored {
  ElementRef source;
  ElementRef target;
  RelationshipRef pair;
};

Mirrored make_mirror(Rig& rig, Mode mode = Mode::Synchronous) {
  Mirrored mirror;
  mirror.source = rig.volume();
  EXPECT_EQ(rig.write(mirror.source, 0, 'a', kBlocks / 2), 0);
  const Answer answer = rig.replica(SyncType::Mirror, mirror.source, mode);
  EXPECT_TRUE(rig.job_ends(answer));
  mirror.target = *answer.target_element;
  mirror.pair = *answer.synchronization;
  return mirror;
}

TEST(Mirror, SplitKeepsTheTargetAsItWas) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
    Rig rig;
    const Mirrored mirror = make_mirror(rig, mode);
    ASSERT_EQ(rig.write(mirror.source, 5, 'b'), 0);
    const std::string at_split = rig.whole(mirror.source);
    ASSERT_TRUE(rig.modify(Operation::Split, mirror.pair).completed());
    ASSERT_EQ(rig.write(mirror.source, 6, 'c'), 0);
    EXPECT_EQ(rig.whole(mirror.target), at_split);
    EXPECT_EQ(rig.state(mirror.pair), CopyState::Split);
  }
}

TEST(Mirror, ResyncAfterWritesOnBothSidesMakesThemEqual) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  ASSERT_TRUE(rig.modify(Operation::Fracture, mirror.pair).completed());
  ASSERT_EQ(rig.write(mirror.source, 300, 'b'), 0);
  ASSERT_EQ(rig.write(mirror.target, 10, 't'), 0);
  ASSERT_EQ(rig.write(mirror.target, 511, 't'), 0);
  EXPECT_EQ(rig.state(mirror.pair), CopyState::Skewed);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::ResyncReplica, mirror.pair)));
  EXPECT_EQ(rig.state(mirror.pair), CopyState::Synchronized);
  EXPECT_EQ(rig.whole(mirror.target), rig.whole(mirror.source));
  ASSERT_EQ(rig.write(mirror.source, 0, 'z'), 0);
  EXPECT_EQ(rig.read(mirror.target, 0), std::string(512, 'z'));
}

TEST(Mirror, RestoreGivesTheSourceTheTargetsBytes) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  ASSERT_TRUE(rig.modify(Operation::Split, mirror.pair).completed());
  ASSERT_EQ(rig.write(mirror.source, 20, 'b'), 0);
  ASSERT_EQ(rig.write(mirror.target, 21, 't'), 0);
  const std::string target = rig.whole(mirror.target);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::RestoreFromReplica, mirror.pair)));
  EXPECT_EQ(rig.state(mirror.pair), CopyState::Restored);
  EXPECT_EQ(rig.whole(mirror.source), target);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::ResyncReplica, mirror.pair)));
  EXPECT_EQ(rig.whole(mirror.target), target);
}

TEST(Mirror, FailoverAndFailbackCarryTheTargetsWritesHome) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    Rig rig;
    const Mirrored mirror = make_mirror(rig, mode);
    ASSERT_EQ(rig.write(mirror.source, 1, 'b'), 0);
    ASSERT_TRUE(rig.modify(Operation::Failover, mirror.pair).completed());
    EXPECT_EQ(rig.read(mirror.target, 1), std::string(512, 'b'));
    ASSERT_EQ(rig.write(mirror.target, 2, 't'), 0);
    const std::string target = rig.whole(mirror.target);
    ASSERT_TRUE(rig.job_ends(rig.modify(Operation::Failback, mirror.pair)));
    EXPECT_EQ(rig.state(mirror.pair), CopyState::Synchronized);
    EXPECT_EQ(rig.whole(mirror.source), target);
    EXPECT_NE(rig.write(mirror.target, 2, 'u'), 0);
    ASSERT_EQ(rig.write(mirror.source, 3, 'v'), 0);
    EXPECT_TRUE(rig.eventually(
        [&](const Inventory&) { return rig.read(mirror.target, 3) == std::string(512, 'v'); }));
  }
}

TEST(Mirror, ReversedRolesSendWritesTheOtherWay) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  const Answer answer = rig.modify(Operation::ReverseRoles, mirror.pair);
  ASSERT_TRUE(answer.completed());
  ASSERT_TRUE(answer.updated_synchronization);
  EXPECT_EQ(rig.state(*answer.updated_synchronization), CopyState::Synchronized);
  ASSERT_EQ(rig.write(mirror.target, 8, 'r'), 0);
  EXPECT_EQ(rig.read(mirror.source, 8), std::string(512, 'r'));
  EXPECT_NE(rig.write(mirror.source, 8, 's'), 0);
}

TEST(Mirror, ModeChangesKeepBothSidesEqual) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  ASSERT_TRUE(rig.modify(Operation::ResetToAsync, mirror.pair).completed());
  ASSERT_EQ(rig.write(mirror.source, 4, 'x'), 0);
  ASSERT_TRUE(rig.modify(Operation::ResetToSync, mirror.pair).completed());
  EXPECT_EQ(rig.read(mirror.target, 4), std::string(512, 'x'));
  ASSERT_EQ(rig.write(mirror.source, 4, 'y'), 0);
  EXPECT_EQ(rig.read(mirror.target, 4), std::string(512, 'y'));
}

TEST(Mirror, SuspendStopsACopyAndResumeFinishesIt) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Mirror, source);
  ASSERT_TRUE(rig.modify(Operation::Suspend, *answer.synchronization).completed());
  EXPECT_TRUE(rig.job_ends(answer, JobState::Terminated));
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Suspended);
  rig.inject(FaultKind::CopyReleased);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::Resume, *answer.synchronization)));
  EXPECT_EQ(rig.whole(*answer.target_element), rig.whole(source));
}

TEST(Mirror, AbortLeavesTheTargetUntouchedAndResyncStartsAgain) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Mirror, source);
  ASSERT_TRUE(rig.modify(Operation::Abort, *answer.synchronization).completed());
  rig.inject(FaultKind::CopyReleased);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Aborted);
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, '\0'));
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::ResyncReplica, *answer.synchronization)));
  EXPECT_EQ(rig.whole(*answer.target_element), rig.whole(source));
}

TEST(Mirror, WhatWaitsForActivationDoesNotTouchTheTarget) {
  for (const CopyState wait : {CopyState::Initialized, CopyState::Inactive, CopyState::Prepared}) {
    Rig rig;
    const ElementRef source = rig.volume();
    ASSERT_EQ(rig.write(source, 0, 'a'), 0);
    const Answer answer = rig.replica(SyncType::Mirror, source, std::nullopt, wait);
    ASSERT_TRUE(answer.completed());
    EXPECT_EQ(rig.state(*answer.synchronization), wait);
    EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, '\0'));
    ASSERT_TRUE(rig.job_ends(rig.modify(Operation::Activate, *answer.synchronization)));
    EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'a'));
  }
}

TEST(Snapshot, DeactivateLosesWhatHostsWroteToIt) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a'), 0);
  const Answer answer = rig.replica(SyncType::Snapshot, source);
  ASSERT_EQ(rig.write(*answer.target_element, 0, 'x'), 0);
  ASSERT_TRUE(rig.modify(Operation::Deactivate, *answer.synchronization).completed());
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'a'));
  ASSERT_EQ(rig.write(source, 0, 'b'), 0);
  ASSERT_TRUE(rig.modify(Operation::Activate, *answer.synchronization).completed());
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'b'));
}

TEST(Snapshot, ReturnToResourcePoolTakesAssociationAndTarget) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  const Answer answer = rig.replica(SyncType::Snapshot, source);
  ASSERT_EQ(rig.write(source, 0, 'b', kBlocks), 0);
  const ByteCount before = rig.look().pools.front().remaining;
  ASSERT_TRUE(rig.modify(Operation::ReturnToResourcePool, *answer.synchronization).completed());
  const Inventory after = rig.look();
  EXPECT_EQ(after.find(*answer.target_element), nullptr);
  EXPECT_EQ(after.find(*answer.synchronization), nullptr);
  EXPECT_GT(after.pools.front().remaining, before);
}

TEST(Clone, RestoreReachesASynchronousMirrorOfTheSameSource) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  const Answer clone = rig.replica(SyncType::Clone, mirror.source);
  ASSERT_TRUE(rig.job_ends(clone));
  ASSERT_EQ(rig.write(mirror.source, 0, 'z', 64), 0);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::RestoreFromReplica, *clone.synchronization)));
  EXPECT_EQ(rig.whole(mirror.source), rig.whole(*clone.target_element));
  EXPECT_EQ(rig.state(mirror.pair), CopyState::Synchronized);
  EXPECT_EQ(rig.whole(mirror.target), rig.whole(mirror.source));
}

TEST(Operations, ThoseOfAnotherKindAreNotSupported) {
  Rig rig;
  const Answer answer = rig.replica(SyncType::Snapshot, rig.volume());
  EXPECT_EQ(rig.modify(Operation::Failover, *answer.synchronization).code,
            ReturnCode::NotSupported);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
}

TEST(Operations, ThoseOutOfPlaceChangeNothing) {
  Rig rig;
  const Mirrored mirror = make_mirror(rig);
  const Inventory before = rig.look();
  EXPECT_EQ(rig.modify(Operation::Failback, mirror.pair).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.modify(Operation::Resume, mirror.pair).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.look(), before);
}

TEST(Jobs, TerminateEndsTheCopyAndAborts) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Clone, source);
  ASSERT_TRUE(rig.call(RequestJobStateChangeRequest{*answer.job, RequestedJobState::Terminate})
                  .completed());
  EXPECT_TRUE(rig.job_ends(answer, JobState::Terminated));
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Aborted);
  EXPECT_EQ(rig.call(RequestJobStateChangeRequest{*answer.job, RequestedJobState::Kill}).code,
            ReturnCode::InvalidStateTransition);
}

}  // namespace
}  // namespace lockstep::replication::test
