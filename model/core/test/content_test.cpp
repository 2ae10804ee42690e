// Every family of data rules: histories that are legal give no findings, and each planted lie gives
// the rule it breaks. The mutations of PT-10 (stale block, swapped block, torn write, lost order of
// writes) are among them.
#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

class ContentOf : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef source = scene.volume("v1");
  ElementRef other = scene.volume("v2");
};

// --- plain volumes and sources ---

TEST_F(ContentOf, APlainVolume) {
  EXPECT_CLEAN(scene.read(source));
  scene.write(source, 0, 4);
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(source));
}

TEST_F(ContentOf, AStaleBlock) {
  const auto old_write = scene.write(source, 3);
  scene.write(source, 3);
  scene.put(source, 3, source, 3, old_write);
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, ASwappedBlock) {
  const auto write = scene.write(source, 0, 4);
  scene.put(source, 1, source, 2, write);
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, ATornBlock) {
  scene.write(source, 5);
  scene.block(source, 5)[300] ^= std::byte{0x80};
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, ABlockOfAnotherVolume) {
  const auto write = scene.write(other, 1);
  scene.put(source, 1, other, 1, write);
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, AWriteInFlightIsOldOrNew) {
  const auto before = scene.write(source, 1);
  const auto flying = scene.issue(source, 1);
  EXPECT_CLEAN(scene.read(source));
  scene.put(source, 1, source, 1, before);
  EXPECT_CLEAN(scene.read(source));
  scene.last = scene.judge.write_answered(source, flying, 0, scene.tick());
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, ARefusedWriteMayHaveHappened) {
  const auto before = scene.write(source, 1);
  const auto refused = scene.issue(source, 1);
  scene.last = scene.judge.write_answered(source, refused, 2, scene.tick());
  EXPECT_CLEAN(scene.read(source));
  scene.put(source, 1, source, 1, before);
  EXPECT_CLEAN(scene.read(source));
}

TEST_F(ContentOf, UnmappedBlocksReadAsZeros) {
  scene.write(source, 2);
  scene.judge.unmap_issued(source, Lba{2}, BlockCount{1}, 900, scene.tick());
  scene.last = scene.judge.write_answered(source, 900, 0, scene.tick());
  EXPECT_BREACH("DS-MS-18", scene.read(source));
  std::memset(scene.block(source, 2).data(), 0, kBlockBytes);
  EXPECT_CLEAN(scene.read(source));
}

// --- snapshots ---

TEST_F(ContentOf, ASnapshotHoldsItsMoment) {
  scene.write(source, 0, 8);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  EXPECT_CLEAN(scene.last);
  EXPECT_CLEAN(scene.read(snap));
  scene.write(source, 0, 8);
  EXPECT_CLEAN(scene.read(snap));
  scene.copy_block(source, snap, 4);
  EXPECT_BREACH("DS-SN-03", scene.read(snap));
}

TEST_F(ContentOf, ASnapshotWithAStaleBlock) {
  const auto old_write = scene.write(source, 3);
  scene.write(source, 3);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.put(snap, 3, source, 3, old_write);
  EXPECT_BREACH("DS-SN-01", scene.read(snap));
}

// Two writes, one after the other, both inside the call: a snapshot that has the second and not the
// first is no moment of the source.
TEST_F(ContentOf, ASnapshotThatLostTheOrderOfWrites) {
  const Window asked{scene.tick(), Instant{}};
  const auto first = scene.write(source, 0);
  const auto second = scene.write(source, 1);
  const ElementRef snap = volume_ref("snap");
  scene.inventory.elements.push_back(Scene::element("snap"));
  scene.show("r1", SyncType::Snapshot, std::nullopt, source, snap, CopyState::Synchronized);
  scene.bytes[snap] = std::vector<std::byte>(kBlocks * kBlockBytes);
  Answer answer;
  answer.target_element = snap;
  answer.synchronization = RelationshipRef{"r1"};
  EXPECT_CLEAN(scene.judge.answered(Scene::create(SyncType::Snapshot, std::nullopt, source), answer,
                                    Window{asked.issued, scene.tick()}, scene.inventory));
  const Judge undecided = scene.judge;
  EXPECT_CLEAN(scene.read(snap));  // neither
  scene.judge = undecided;
  scene.put(snap, 0, source, 0, first);
  EXPECT_CLEAN(scene.read(snap));  // the first alone
  scene.judge = undecided;
  scene.put(snap, 1, source, 1, second);
  EXPECT_CLEAN(scene.read(snap));  // both
  scene.judge = undecided;
  std::memset(scene.block(snap, 0).data(), 0, kBlockBytes);
  EXPECT_BREACH("DS-SN-01", scene.read(snap));
}

// The moment that one read has shown holds for the next.
TEST_F(ContentOf, ASnapshotThatChangesItsMind) {
  const Instant issued = scene.tick();
  const auto write = scene.write(source, 0);
  const ElementRef snap = volume_ref("snap");
  scene.inventory.elements.push_back(Scene::element("snap"));
  scene.show("r1", SyncType::Snapshot, std::nullopt, source, snap, CopyState::Synchronized);
  scene.bytes[snap] = std::vector<std::byte>(kBlocks * kBlockBytes);
  Answer answer;
  answer.target_element = snap;
  answer.synchronization = RelationshipRef{"r1"};
  EXPECT_CLEAN(scene.judge.answered(Scene::create(SyncType::Snapshot, std::nullopt, source), answer,
                                    Window{issued, scene.tick()}, scene.inventory));
  EXPECT_CLEAN(scene.read(snap));
  scene.put(snap, 0, source, 0, write);
  // The write was in flight in part of the span that is left, and acknowledged before its end.
  const Findings findings = scene.read(snap);
  EXPECT_TRUE(findings.empty() || names(findings, "DS-SN-01")) << text(findings);
}

TEST_F(ContentOf, ASnapshotThatWasWritten) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(snap, 1);
  EXPECT_CLEAN(scene.read(snap));
  EXPECT_CLEAN(scene.read(source));
  scene.copy_block(source, snap, 1);
  EXPECT_BREACH("DS-SN-04", scene.read(snap));
}

TEST_F(ContentOf, TargetWritesThatReachTheSource) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(snap, 1);
  scene.copy_block(snap, source, 1);
  EXPECT_BREACH("DS-MS-18", scene.read(source));
}

TEST_F(ContentOf, ResyncOfASnapshotMovesItsMoment) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(source, 2);
  EXPECT_CLEAN(scene.operate("r1", Operation::ResyncReplica, CopyState::Synchronized));
  EXPECT_BREACH("DS-SN-07", scene.read(snap));
  scene.copy(source, snap);
  EXPECT_CLEAN(scene.read(snap));
}

TEST_F(ContentOf, DeactivateLosesTargetWrites) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(snap, 1);
  EXPECT_CLEAN(scene.operate("r1", Operation::Deactivate, CopyState::Inactive));
  EXPECT_BREACH("DS-SN-05", scene.read(snap));
  scene.copy(source, snap);
  EXPECT_CLEAN(scene.read(snap));
}

// What Unprepare leaves as Initialized may start by itself before anybody looks.
TEST_F(ContentOf, UnprepareMayLeadToANewPointInTime) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.copy(source, snap);
  EXPECT_CLEAN(scene.operate("r1", Operation::Deactivate, CopyState::Inactive));
  scene.write(source, 1);
  EXPECT_CLEAN(scene.operate("r1", Operation::Unprepare, CopyState::Synchronized));
  Scene again = scene;
  EXPECT_CLEAN(scene.read(snap));
  again.copy(source, snap);
  EXPECT_CLEAN(again.read(snap));
  scene.write(source, 2);
  scene.copy(source, snap);
  EXPECT_TRUE(has_violation(scene.read(snap)));
}

TEST_F(ContentOf, UnprepareMayFindASnapshotThatHasStarted) {
  scene.write(source, 0, 4);
  const auto snap = scene.replica("r1", SyncType::Snapshot, {}, source, CopyState::Initialized);
  scene.write(source, 1);
  EXPECT_CLEAN(scene.operate("r1", Operation::Unprepare, CopyState::Initialized));
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(scene.read(snap));
}

TEST_F(ContentOf, RestoreBringsTheReplicaBack) {
  scene.write(source, 0, 4);
  const ElementRef snap = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(source, 1);
  scene.write(snap, 2);
  EXPECT_CLEAN(scene.operate("r1", Operation::RestoreFromReplica, CopyState::Restored));
  EXPECT_BREACH("DS-SN-08", scene.read(source));
  scene.copy(snap, source);
  EXPECT_CLEAN(scene.read(source));
  EXPECT_CLEAN(scene.read(snap));
  scene.write(source, 1);
  EXPECT_CLEAN(scene.read(source));
}

// The entries of a list are not ordered, so the bytes of either replica may be there in the end.
TEST_F(ContentOf, TwoRestoresOfOneListMayEndInEitherReplica) {
  scene.write(source, 0, 4);
  const ElementRef first = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  const ElementRef second = scene.replica("r2", SyncType::Snapshot, std::nullopt, source);
  scene.write(first, 1);
  scene.write(second, 1);
  scene.write(source, 1);
  ModifyListSynchronizationRequest request;
  request.operation = Operation::RestoreFromReplica;
  request.synchronizations = {{RelationshipRef{"r1"}, RelationshipRef{"r2"}}};
  const Window asked = scene.window();
  scene.relationship("r1").copy_state = CopyState::Restored;
  scene.relationship("r2").copy_state = CopyState::Restored;
  EXPECT_CLEAN(scene.judge.answered(request, Answer{}, asked, scene.inventory));
  EXPECT_BREACH("DS-SN-08", scene.read(source));
  for (const ElementRef& replica : {first, second}) {
    scene.copy(replica, source);
    EXPECT_CLEAN(scene.read(source));
  }
}

TEST_F(ContentOf, TheLaterOfTwoRestoresCounts) {
  scene.write(source, 0, 4);
  const ElementRef first = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  const ElementRef second = scene.replica("r2", SyncType::Snapshot, std::nullopt, source);
  scene.write(first, 1);
  scene.write(second, 1);
  EXPECT_CLEAN(scene.operate("r1", Operation::RestoreFromReplica, CopyState::Restored));
  EXPECT_CLEAN(scene.operate("r2", Operation::RestoreFromReplica, CopyState::Restored));
  scene.copy(first, source);
  EXPECT_BREACH("DS-SN-08", scene.read(source));
  scene.copy(second, source);
  EXPECT_CLEAN(scene.read(source));
}

// --- clones ---

TEST_F(ContentOf, ACloneOnItsWay) {
  scene.write(source, 0, 8);
  const ElementRef clone =
      scene.replica("r1", SyncType::Clone, std::nullopt, source, CopyState::Unsynchronized);
  EXPECT_CLEAN(scene.last);
  std::memset(scene.block(clone, 5).data(), 0, kBlockBytes);
  EXPECT_CLEAN(scene.read(clone));
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  EXPECT_BREACH("DS-CL-01", scene.read(clone));
  scene.copy(source, clone);
  EXPECT_CLEAN(scene.read(clone));
}

TEST_F(ContentOf, ADetachedCloneIsIndependent) {
  scene.write(source, 0, 8);
  const ElementRef clone = scene.replica("r1", SyncType::Clone, std::nullopt, source);
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("r1", Operation::Detach), Answer{}, asked,
                                    scene.inventory));
  scene.write(source, 0, 8);
  EXPECT_CLEAN(scene.read(clone));
  scene.write(clone, 3);
  EXPECT_CLEAN(scene.read(clone));
  EXPECT_CLEAN(scene.read(source));
  scene.copy_block(source, clone, 6);
  EXPECT_BREACH("DS-CL-04", scene.read(clone));
}

TEST_F(ContentOf, ATokenizedCloneTooHoldsOneMoment) {
  scene.write(source, 0, 8);
  const ElementRef clone = scene.replica("r1", SyncType::TokenizedClone, std::nullopt, source);
  EXPECT_CLEAN(scene.last);
  EXPECT_CLEAN(scene.read(clone));
  std::memset(scene.block(clone, 7).data(), 0, kBlockBytes);
  EXPECT_BREACH("DS-TK-01", scene.read(clone));
}

// --- synchronous mirrors ---

TEST_F(ContentOf, ASynchronousMirrorFollows) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.read(mirror));
  scene.write(source, 1);
  EXPECT_BREACH("DS-MS-01", scene.read(mirror));
  scene.copy(source, mirror);
  EXPECT_CLEAN(scene.read(mirror));
}

TEST_F(ContentOf, ASynchronousMirrorWithAWriteInFlight) {
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  scene.issue(source, 1);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy(source, mirror);
  EXPECT_CLEAN(scene.read(mirror));
}

TEST_F(ContentOf, AMirrorBeingCopiedHoldsOldOrNew) {
  scene.write(source, 0, 4);
  scene.write(other, 0, 4);
  const Window asked = scene.window();
  scene.show("r1", SyncType::Mirror, Mode::Synchronous, source, other, CopyState::Unsynchronized);
  Answer answer;
  answer.target_element = other;
  answer.synchronization = RelationshipRef{"r1"};
  EXPECT_CLEAN(
      scene.judge.answered(Scene::create(SyncType::Mirror, Mode::Synchronous, source, other),
                           answer, asked, scene.inventory));
  EXPECT_CLEAN(scene.read(other));
  scene.copy_block(source, other, 2);
  EXPECT_CLEAN(scene.read(other));
  std::memset(scene.block(other, 3).data(), 0, kBlockBytes);
  EXPECT_BREACH("DS-MS-06", scene.read(other));
}

TEST_F(ContentOf, ASplitMirrorStandsStill) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Split, CopyState::Split));
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy_block(source, mirror, 2);
  EXPECT_BREACH("DS-MS-14", scene.read(mirror));
}

TEST_F(ContentOf, AFracturedMirrorStandsStill) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Fracture, CopyState::Fractured));
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy_block(source, mirror, 2);
  EXPECT_BREACH("DS-MS-13", scene.read(mirror));
}

TEST_F(ContentOf, ASuspendedMirrorStandsStillAndCatchesUp) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Suspend, CopyState::Suspended));
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy_block(source, mirror, 2);
  EXPECT_BREACH("DS-MS-11", scene.read(mirror));
  EXPECT_CLEAN(scene.operate("r1", Operation::Resume, CopyState::Synchronized));
  EXPECT_CLEAN(scene.read(mirror));
}

TEST_F(ContentOf, ResyncLosesWhatTheTargetHadOfItsOwn) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Split, CopyState::Split));
  scene.write(mirror, 1);
  EXPECT_CLEAN(scene.read(mirror));
  EXPECT_CLEAN(scene.operate("r1", Operation::ResyncReplica, CopyState::Unsynchronized));
  EXPECT_CLEAN(scene.read(mirror));
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  EXPECT_BREACH("DS-MS-15", scene.read(mirror));
  scene.copy(source, mirror);
  EXPECT_CLEAN(scene.read(mirror));
}

TEST_F(ContentOf, AnInactiveMirrorStandsStill) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Deactivate, CopyState::Inactive));
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy_block(source, mirror, 2);
  EXPECT_BREACH("DS-MS-10", scene.read(mirror));
}

TEST_F(ContentOf, ADetachedMirrorIsIndependent) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("r1", Operation::Detach), Answer{}, asked,
                                    scene.inventory));
  scene.write(source, 2);
  EXPECT_CLEAN(scene.read(mirror));
  scene.copy_block(source, mirror, 2);
  EXPECT_BREACH("DS-OP-08", scene.read(mirror));
}

TEST_F(ContentOf, ReversedRolesTurnTheFlow) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  std::swap(scene.relationship("r1").source_element, scene.relationship("r1").target_element);
  EXPECT_CLEAN(scene.operate("r1", Operation::ReverseRoles, CopyState::Synchronized));
  EXPECT_CLEAN(scene.read(source));
  EXPECT_CLEAN(scene.read(mirror));
  scene.write(mirror, 1);
  EXPECT_CLEAN(scene.read(mirror));
  EXPECT_TRUE(has_violation(scene.read(source))) << "the new target must follow";
  scene.copy(mirror, source);
  EXPECT_CLEAN(scene.read(source));
}

TEST_F(ContentOf, NothingIsClaimedOfABrokenMirror) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  scene.judge.disturbed(Disturbance::Fault, RelationshipRef{"r1"}, scene.window());
  scene.write(source, 1);
  EXPECT_CLEAN(scene.read(mirror));
  scene.relationship("r1").copy_state = CopyState::Broken;
  EXPECT_CLEAN(scene.observe());
  scene.block(mirror, 0)[9] ^= std::byte{1};
  EXPECT_CLEAN(scene.read(mirror));
  scene.judge.disturbed(Disturbance::Repair, RelationshipRef{"r1"}, scene.window());
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(scene.observe());
  EXPECT_TRUE(has_violation(scene.read(mirror))) << "Synchronized again, so equal again";
  scene.copy(source, mirror);
  EXPECT_CLEAN(scene.read(mirror));
}

// --- asynchronous mirrors ---

TEST_F(ContentOf, AnAsynchronousMirrorMayLagUntilItIsQuiet) {
  scene.write(source, 0, 4);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Asynchronous, source);
  scene.write(source, 1);
  EXPECT_CLEAN(scene.read(mirror));
  scene.judge.quiesced(scene.tick());
  EXPECT_BREACH("DS-MA-01", scene.read(mirror));
  scene.copy(source, mirror);
  EXPECT_CLEAN(scene.read(mirror));
}

TEST_F(ContentOf, AnAsynchronousMirrorHoldsOnlyWhatItsSourceHeld) {
  scene.write(source, 0, 4);
  const auto foreign = scene.write(other, 1);
  const ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Asynchronous, source);
  scene.put(mirror, 1, other, 1, foreign);
  EXPECT_BREACH("DS-MA-02", scene.read(mirror));
}

// --- copies of copies ---

TEST_F(ContentOf, ASnapshotOfACloneSeesThroughBoth) {
  scene.write(source, 0, 8);
  const ElementRef clone = scene.replica("r1", SyncType::Clone, std::nullopt, source);
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("r1", Operation::Detach), Answer{}, asked,
                                    scene.inventory));
  scene.write(clone, 2);
  const ElementRef snap = scene.replica("r2", SyncType::Snapshot, std::nullopt, clone);
  EXPECT_CLEAN(scene.read(snap));
  scene.write(source, 3);
  scene.copy_block(source, snap, 3);
  EXPECT_TRUE(has_violation(scene.read(snap)));
}

TEST_F(ContentOf, AnAttachedTargetLosesItsOldContent) {
  scene.write(source, 0, 4);
  scene.write(other, 0, 4);
  AttachReplicaRequest request;
  request.source_element = source;
  request.target_element = other;
  request.copy_type = CopyType::Sync;
  const Window asked = scene.window();
  scene.show("r1", SyncType::Mirror, Mode::Synchronous, source, other, CopyState::Synchronized);
  EXPECT_CLEAN(scene.judge.answered(request, Answer{}, asked, scene.inventory));
  EXPECT_TRUE(has_violation(scene.read(other))) << "DS-AT-02";
  scene.copy(source, other);
  EXPECT_CLEAN(scene.read(other));
}

}  // namespace
}  // namespace lockstep::model::test
