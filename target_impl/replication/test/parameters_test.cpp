// Goal: every parameter that is missing, reserved, contradictory or unknown is refused with a
// number that the method has, and nothing is left behind.
// Method: one wrong parameter at a time; for enumerations all 65,536 numbers.
#include "model/vocab/methods.hpp"
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication::test {
namespace {

CreateElementReplicaRequest element_request(const ElementRef& source) {
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_element = source;
  return request;
}

CreateReplicaRequest replica_request(const ElementRef& source) {
  CreateReplicaRequest request;
  request.source = source;
  request.sync_type = SyncType::Snapshot;
  return request;
}

// Every number but those of `defined` is refused legally; what is accepted is taken away again.
template <class Change>
void expect_only(Rig& rig, const ElementRef& source, const std::set<unsigned>& defined,
                 Change change) {
  for (unsigned number = 0; number <= 0xFFFF; ++number) {
    CreateElementReplicaRequest request = element_request(source);
    change(request, static_cast<std::uint16_t>(number));
    const Answer answer = rig.call(request);
    ASSERT_TRUE(legal_return(Method::CreateElementReplica, static_cast<std::uint32_t>(answer.code)))
        << number;
    ASSERT_EQ(answer.accepted(), defined.contains(number)) << number;
    if (!answer.accepted()) continue;
    ASSERT_TRUE(rig.modify(Operation::Detach, *answer.synchronization, true).completed());
    ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{*answer.target_element}).completed());
  }
  EXPECT_EQ(rig.look().elements.size(), 3U);
}

TEST(Parameters, OnlyDefinedSyncTypesAreAccepted) {
  Rig rig(CopyStrategy::ShareExtents);
  expect_only(rig, rig.volume(), {6, 7, 8, 9}, [](auto& request, std::uint16_t number) {
    request.sync_type = static_cast<SyncType>(number);
  });
}

TEST(Parameters, OnlyDefinedModesAreAccepted) {
  Rig rig(CopyStrategy::ShareExtents);
  expect_only(rig, rig.volume(), {2, 3, 4}, [](auto& request, std::uint16_t number) {
    request.sync_type = SyncType::Mirror;
    request.mode = static_cast<Mode>(number);
  });
}

TEST(Parameters, OnlyReportedStatesCanBeAwaited) {
  Rig rig(CopyStrategy::ShareExtents);
  expect_only(rig, rig.volume(), {2, 3, 4, 8, 11}, [](auto& request, std::uint16_t number) {
    request.wait_for_copy_state = static_cast<CopyState>(number);
  });
}

TEST(Parameters, WhatIsRequiredMayNotBeNull) {
  Rig rig;
  const ElementRef source = rig.volume();
  CreateElementReplicaRequest request = element_request(source);
  request.sync_type.reset();
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  request = element_request(source);
  request.source_element.reset();
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.call(CreateListReplicaRequest{}).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.call(AttachReplicaRequest{}).code, ReturnCode::InvalidParameter);
}

TEST(Parameters, ATargetExcludesPoolAndGoal) {
  Rig rig;
  const ElementRef source = rig.volume();
  CreateElementReplicaRequest request = element_request(source);
  request.target_element = rig.volume();
  request.target_pool = rig.look().pools.front().ref;
  const Inventory before = rig.look();
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  request.target_pool.reset();
  request.target_setting_goal = reference_well_known().target_setting_goal;
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.look(), before);
  request.target_setting_goal.reset();
  EXPECT_EQ(rig.call(request).target_element, request.target_element);
}

TEST(Parameters, PoolGoalAndNameShowOnTheNewElement) {
  Rig rig;
  CreateElementReplicaRequest request = element_request(rig.volume());
  request.element_name = "monday";
  request.target_pool = rig.look().pools.back().ref;
  request.target_setting_goal = reference_well_known().target_setting_goal;
  request.source_access_point = reference_well_known().local_access_point;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(answer.completed());
  const Inventory seen = rig.look();
  const ElementView* target = seen.find(*answer.target_element);
  EXPECT_EQ(target->element_name, "monday");
  EXPECT_EQ(target->pool, request.target_pool);
  EXPECT_EQ(target->setting, request.target_setting_goal);
}

TEST(Parameters, UnknownReferencesAreRefused) {
  Rig rig;
  const ElementRef source = rig.volume();
  const Inventory before = rig.look();
  auto request = element_request(ElementRef{"nowhere"});
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  request = element_request(ElementRef{before.pools.front().ref.path});
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  request = element_request(source);
  request.target_pool = PoolRef{"nowhere"};
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  request = element_request(source);
  request.target_access_point = AccessPointRef{"nowhere"};
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.look(), before);
}

TEST(Parameters, SettingDataShowsOnTheAssociationOrIsRefused) {
  Rig rig;
  auto request = element_request(rig.volume());
  request.replication_setting_data = std::string("not an instance");
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  ReplicationSettingData data;
  data.copy_priority = CopyPriority::High;
  data.copy_recovery_mode = CopyRecoveryMode::Manual;
  data.failed_copy_stops_host_io = true;
  data.read_only = ReadOnly::SyncedElement;
  data.desired_copy_methodology = CopyMethodology::CopyOnWrite;
  request.replication_setting_data = data;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(answer.completed());
  const Inventory seen = rig.look();
  const RelationshipView* pair = seen.find(*answer.synchronization);
  EXPECT_EQ(pair->copy_priority, CopyPriority::High);
  EXPECT_EQ(pair->copy_recovery_mode, CopyRecoveryMode::Manual);
  EXPECT_EQ(pair->failed_copy_stops_host_io, true);
  EXPECT_EQ(pair->copy_methodology, CopyMethodology::CopyOnWrite);
  EXPECT_NE(rig.write(*answer.target_element, 0, 'x'), 0);
  data.desired_copy_methodology = CopyMethodology::DeltaUpdate;
  request.replication_setting_data = data;
  EXPECT_FALSE(rig.call(request).accepted());
}

TEST(Parameters, AReplicaIsNoSourceAndNoSecondTarget) {
  Rig rig;
  const ElementRef source = rig.volume();
  const Answer first = rig.replica(SyncType::Snapshot, source);
  EXPECT_EQ(rig.call(element_request(*first.target_element)).code, ReturnCode::InUse);
  auto request = element_request(rig.volume());
  request.target_element = first.target_element;
  EXPECT_EQ(rig.call(request).code, ReturnCode::InUse);
  EXPECT_EQ(rig.call(ReturnToStoragePoolRequest{source}).code, ReturnCode::InUse);
}

TEST(CreateReplica, HasNumbersOfItsOwn) {
  Rig rig;
  const ElementRef source = rig.volume();
  auto request = replica_request(source);
  request.target_storage_system = PeerRef{"nowhere"};
  EXPECT_EQ(rig.call(request).code, ReturnCode::ObjectNotFound);
  request.target_storage_system = reference_well_known().local_peer;
  request.username = reference_well_known().username;
  request.password = "guess";
  EXPECT_EQ(rig.call(request).code, ReturnCode::AccessDenied);
  request.password = reference_well_known().password;
  EXPECT_TRUE(rig.call(request).completed());
  rig.inject(FaultKind::SpaceExhausted);
  EXPECT_EQ(rig.call(request).code, ReturnCode::InsufficientResources);
  request.target_storage_volume = source;
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
}

TEST(CreateReplica, IgnoresThePoolWhenAVolumeIsGiven) {
  Rig rig;
  auto request = replica_request(rig.volume());
  request.target_storage_volume = rig.volume();
  request.target_storage_pool = PoolRef{"nowhere"};
  request.sync_type = SyncType::Mirror;
  request.mode = Mode::Synchronous;
  request.recovery_point_objective = 60;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(rig.job_ends(answer));
  EXPECT_EQ(answer.target_element, request.target_storage_volume);
  EXPECT_TRUE(answer.target_replica_peer);
  EXPECT_EQ(rig.look().relationships.front().recovery_point_objective, 0U);
}

TEST(CreateVolume, UsesEveryLunAndGivesThemBack) {
  Rig rig(CopyStrategy::ShareExtents);
  CreateVolumeRequest request;
  request.blocks = BlockCount{8};
  std::vector<ElementRef> volumes;
  for (int i = 0; i < 255; ++i) volumes.push_back(*rig.call(request).target_element);
  EXPECT_FALSE(rig.call(request).accepted());
  ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{volumes.front()}).completed());
  const Answer again = rig.call(request);
  ASSERT_TRUE(again.completed());
  EXPECT_EQ(rig.write(*again.target_element, 0, 'a'), 0);
}

}  // namespace
}  // namespace lockstep::replication::test
