// Goal: each trouble shows as the state that the specification gives it, and loses nothing.
// Method: a pair, a fault from the port, a look; the repair, a look.
#include "target_impl/replication/test/rig.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication::test {
namespace {

using store::kExtentBytes;
constexpr std::uint64_t kExtentBlocks = kExtentBytes / 512;

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

// Writes whole extents of a volume of its own until that many are left in the pool.
ElementRef fill_up(Rig& rig, const PoolRef& pool, std::uint64_t extents_left) {
  const auto remaining = [&] { return rig.look().find(pool)->remaining.value / kExtentBytes; };
  const ElementRef filler = rig.volume((remaining() + 1) * kExtentBlocks);
  for (std::uint64_t extent = 0; remaining() > extents_left; ++extent) {
    EXPECT_EQ(rig.write(filler, extent * kExtentBlocks, 'f', kExtentBlocks), 0);
  }
  EXPECT_EQ(remaining(), extents_left);
  return filler;
}

// Each member is shipped, and there is no room for what hosts wrote to one of them meanwhile.
TEST(Faults, AFailbackWithoutSpaceForItsEndChangesNoSource) {
  for (const std::size_t late : {0U, 1U}) {
    ReferenceOptions options;
    options.pool_bytes = 64 * kExtentBytes;
    Rig rig(options);
    CreateGroupReplicaFromElementsRequest request;
    request.sync_type = SyncType::Mirror;
    request.consistency = ConsistencyRequest::SequentialConsistency;
    const std::vector<ElementRef> sources{rig.volume(), rig.volume()};
    request.source_elements = sources;
    for (const ElementRef& source : sources) ASSERT_EQ(rig.write(source, 0, 'a'), 0);
    const Answer answer = rig.call(request);
    ASSERT_TRUE(rig.job_ends(answer));
    const RelationshipRef group = *answer.synchronization;
    const std::vector<ElementRef> targets = rig.look().find(*answer.target_group)->members;
    ASSERT_TRUE(rig.modify(Operation::Failover, group).completed());
    for (const ElementRef& target : targets) ASSERT_EQ(rig.write(target, 0, 'x'), 0);
    rig.inject(FaultKind::CopyHeld);
    const Answer begun = rig.modify(Operation::Failback, group);
    ASSERT_EQ(rig.write(targets[late], kExtentBlocks, 'y', 3 * kExtentBlocks), 0);
    const std::string last = rig.whole(targets[late]);
    // One for each member's block that is shipped, none at the end.
    const ElementRef filler = fill_up(rig, *rig.look().find(targets[0])->pool, 2);
    rig.inject(FaultKind::CopyReleased);
    EXPECT_TRUE(rig.job_ends(begun, JobState::Exception));
    EXPECT_EQ(rig.state(group), CopyState::Failedover);
    for (const ElementRef& source : sources) {
      EXPECT_EQ(rig.read(source, 0), std::string(512, 'a')) << "late: " << late;
    }
    EXPECT_EQ(rig.write(targets[late], 0, 'z'), 0) << "hosts are shut out";
    ReturnToStoragePoolRequest away;
    away.element = filler;
    ASSERT_TRUE(rig.call(away).completed());
    ASSERT_TRUE(rig.job_ends(rig.modify(Operation::Failback, group)));
    EXPECT_EQ(rig.whole(sources[late]), std::string(512, 'z') + last.substr(512));
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
