// Goal: each trouble shows as the state that the specification gives it, and loses nothing.
// Method: a pair, a fault from the port, a look; the repair, a look.
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication::test {
namespace {

Answer mirror_of(Rig& rig, const ElementRef& source, const ReplicationSettingData& data = {}) {
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Mirror;
  request.source_element = source;
  request.replication_setting_data = data;
  Answer answer = rig.call(request);
  EXPECT_TRUE(rig.job_ends(answer));
  return answer;
}

TEST(Faults, ALostLinkBreaksTheMirrorAndItsReturnRecoversIt) {
  Rig rig;
  const ElementRef source = rig.volume();
  const Answer answer = mirror_of(rig, source);
  ASSERT_EQ(rig.write(source, 0, 'a'), 0);
  rig.inject(FaultKind::LinkLost);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Broken);
  ASSERT_EQ(rig.write(source, 0, 'b'), 0);
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'a'));
  rig.inject(FaultKind::LinkRestored);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Synchronized;
  }));
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'b'));
}

TEST(Faults, ManualRecoveryWaitsForResume) {
  Rig rig;
  ReplicationSettingData data;
  data.copy_recovery_mode = CopyRecoveryMode::Manual;
  const Answer answer = mirror_of(rig, rig.volume(), data);
  rig.inject(FaultKind::LinkLost);
  rig.inject(FaultKind::LinkRestored);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Suspended);
  EXPECT_TRUE(rig.job_ends(rig.modify(Operation::Resume, *answer.synchronization)));
}

TEST(Faults, AFailedCopyStopsHostWritesWhenAskedTo) {
  Rig rig;
  ReplicationSettingData data;
  data.failed_copy_stops_host_io = true;
  const ElementRef source = rig.volume();
  const Answer answer = mirror_of(rig, source, data);
  rig.inject(FaultKind::LinkLost);
  EXPECT_NE(rig.write(source, 0, 'x'), 0);
  rig.inject(FaultKind::LinkRestored);
  EXPECT_EQ(rig.write(source, 0, 'y'), 0);
}

TEST(Faults, AFullTargetBreaksTheMirrorAtTheNextWrite) {
  Rig rig;
  const ElementRef source = rig.volume();
  const Answer answer = mirror_of(rig, source);
  rig.inject(FaultKind::SpaceExhausted);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
  ASSERT_EQ(rig.write(source, 0, 'a'), 0);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Broken;
  }));
  rig.inject(FaultKind::SpaceRestored);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Synchronized;
  }));
  EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'a'));
}

TEST(Faults, UnknownStatesAndElementsHideWhatIsThere) {
  Rig rig;
  const Answer answer = mirror_of(rig, rig.volume());
  const RelationshipRef pair = *answer.synchronization;
  rig.inject(FaultKind::StateUnknown, pair);
  EXPECT_EQ(rig.state(pair), CopyState::Partitioned);
  rig.inject(FaultKind::ElementUnknown, pair);
  rig.inject(FaultKind::StateKnown, pair);
  EXPECT_EQ(rig.state(pair), CopyState::Invalid);
  EXPECT_FALSE(rig.modify(Operation::Split, pair).accepted());
  rig.inject(FaultKind::ElementKnown, pair);
  EXPECT_EQ(rig.state(pair), CopyState::Synchronized);
}

TEST(Faults, ARestartKeepsRelationshipsAndFinishesCopies) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Clone, source);
  rig.inject(FaultKind::ProviderRestart);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Unsynchronized);
  rig.inject(FaultKind::CopyReleased);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Synchronized;
  }));
  EXPECT_EQ(rig.whole(*answer.target_element), rig.whole(source));
}

// What a repair ships must not take from a replica what is being brought back from it (T-049).
TEST(Faults, ARestoreWaitsForItsLinkAndIsTakenBackWhereThereIsNoSpace) {
  for (const bool lacks_space : {false, true}) {
    Rig rig;
    const ElementRef source = rig.volume();
    const Answer answer = mirror_of(rig, source);
    const RelationshipRef pair = *answer.synchronization;
    ASSERT_EQ(rig.write(source, 0, 'a'), 0);
    ASSERT_TRUE(rig.modify(Operation::Split, pair).completed());
    ASSERT_EQ(rig.write(source, 0, 'b'), 0);
    rig.inject(FaultKind::CopyHeld);
    const Answer begun = rig.modify(Operation::RestoreFromReplica, pair);
    rig.inject(lacks_space ? FaultKind::SpaceExhausted : FaultKind::LinkLost);
    rig.inject(FaultKind::CopyReleased);
    EXPECT_EQ(rig.state(pair), CopyState::Split);
    EXPECT_EQ(rig.read(source, 0), std::string(512, 'b'));
    if (lacks_space) {
      EXPECT_TRUE(rig.job_ends(begun, JobState::Exception));
    }
    rig.inject(lacks_space ? FaultKind::SpaceRestored : FaultKind::LinkRestored);
    const auto again = [&] { return rig.modify(Operation::RestoreFromReplica, pair); };
    ASSERT_TRUE(rig.job_ends(lacks_space ? again() : begun));
    EXPECT_EQ(rig.state(pair), CopyState::Restored);
    EXPECT_EQ(rig.read(source, 0), std::string(512, 'a'));
    EXPECT_EQ(rig.read(*answer.target_element, 0), std::string(512, 'a'));
  }
}

TEST(Faults, AnUnknownRelationshipIsAUsageError) {
  Rig rig;
  const auto status =
      rig.provider().fault_port()->inject({FaultKind::LinkLost, RelationshipRef{"nowhere"}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().origin, Origin::Usage);
}

}  // namespace
}  // namespace lockstep::replication::test
