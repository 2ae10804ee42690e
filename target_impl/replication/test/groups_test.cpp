// Goal: groups and lists do what their pairs do, together where that is promised.
// Method: several volumes, one call, a look at names, order, states and bytes.
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lockstep::replication::test {
namespace {

CreateGroupReplicaFromElementsRequest group_request(const std::vector<ElementRef>& sources,
                                                    SyncType sync_type) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = sync_type;
  request.source_elements = sources;
  request.relationship_name = "orders";
  request.source_group_name = "originals";
  request.consistency = ConsistencyRequest::SequentialConsistency;
  return request;
}

TEST(GroupReplica, NamesAndOrderAreThoseAskedFor) {
  Rig rig;
  const std::vector<ElementRef> sources{rig.volume(), rig.volume(), rig.volume()};
  const Answer answer = rig.call(group_request(sources, SyncType::Snapshot));
  ASSERT_TRUE(answer.completed());
  EXPECT_EQ(answer.source_group_name, "originals");
  const Inventory seen = rig.look();
  const RelationshipView* group_pair = seen.find(*answer.synchronization);
  ASSERT_NE(group_pair, nullptr);
  EXPECT_EQ(group_pair->name, "orders");
  EXPECT_EQ(group_pair->copy_state, CopyState::Synchronized);
  EXPECT_EQ(group_pair->consistency_enabled, true);
  EXPECT_EQ(group_pair->consistency_state, ConsistencyState::Consistent);
  EXPECT_EQ(seen.find(*group_pair->source_group)->members, sources);
  const GroupView* targets = seen.find(*answer.target_group);
  ASSERT_EQ(targets->members.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(seen.find(targets->members[i])->element_name, "orders_" + std::to_string(i + 1));
  }
}

// One writer writes A, then B, always with the same number: whatever the instant, A is never older
// than B, and never newer by more than one.
void expect_one_cut(SyncType sync_type, Mode mode, CopyStrategy strategy) {
  Rig rig(strategy);
  const std::vector<ElementRef> sources{rig.volume(), rig.volume()};
  std::atomic<bool> stop{false};
  std::atomic<int> rounds{0};
  std::thread writer([&] {
    for (int round = 1; !stop; ++round) {
      for (const ElementRef& source : sources) {
        const std::vector<std::byte> data(512, static_cast<std::byte>(round % 251));
        if (!rig.provider().data_path()->write(source, Lba{7}, data)) return;
      }
      rounds = round;
    }
  });
  while (rounds < 3) std::this_thread::yield();
  auto request = group_request(sources, sync_type);
  request.mode = mode;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(answer.accepted()) << code_text(answer);
  if (answer.job) {
    ASSERT_TRUE(rig.job_ends(answer));
  }
  for (int repetition = 0; repetition < 5; ++repetition) {
    const int reached = rounds;
    while (rounds < reached + 5) std::this_thread::yield();
    if (sync_type == SyncType::Mirror) {
      ASSERT_TRUE(rig.modify(Operation::Split, *answer.synchronization).completed());
    }
    const auto targets = rig.look().find(*answer.target_group)->members;
    const int first = static_cast<unsigned char>(rig.read(targets[0], 7)[0]);
    const int second = static_cast<unsigned char>(rig.read(targets[1], 7)[0]);
    EXPECT_LE((first - second + 251) % 251, 1) << first << " and " << second;
    if (sync_type != SyncType::Mirror) break;
    ASSERT_TRUE(rig.job_ends(rig.modify(Operation::ResyncReplica, *answer.synchronization)));
  }
  stop = true;
  writer.join();
}

TEST(GroupReplica, SnapshotsShareOnePointInTime) {
  expect_one_cut(SyncType::Snapshot, Mode::Synchronous, CopyStrategy::ThroughInitiator);
}
TEST(GroupReplica, ClonesShareOnePointInTime) {
  expect_one_cut(SyncType::Clone, Mode::Synchronous, CopyStrategy::ThroughInitiator);
}
TEST(GroupReplica, SynchronousMirrorsSplitAtOneCut) {
  expect_one_cut(SyncType::Mirror, Mode::Synchronous, CopyStrategy::ThroughInitiator);
}
TEST(GroupReplica, AsynchronousMirrorsSplitAtOneCut) {
  expect_one_cut(SyncType::Mirror, Mode::Asynchronous, CopyStrategy::ShareExtents);
}

TEST(GroupReplica, OneLostLinkStopsAllMembersOfAConsistentGroup) {
  Rig rig;
  const std::vector<ElementRef> sources{rig.volume(), rig.volume()};
  const Answer answer = rig.call(group_request(sources, SyncType::Mirror));
  ASSERT_TRUE(rig.job_ends(answer));
  RelationshipRef member;
  for (const auto& view : rig.look().relationships) {
    if (view.source_element == sources[0]) member = view.ref;
  }
  rig.inject(FaultKind::LinkLost, member);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Broken);
  rig.inject(FaultKind::LinkRestored, member);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Synchronized;
  }));
}

TEST(GroupReplica, TheOthersGoOnWithoutAMemberThatIsFracturedAlone) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    Rig rig;
    const std::vector<ElementRef> sources{rig.volume(), rig.volume()};
    auto request = group_request(sources, SyncType::Mirror);
    request.mode = mode;
    const Answer answer = rig.call(request);
    ASSERT_TRUE(rig.job_ends(answer));
    const Inventory seen = rig.look();
    const auto targets = seen.find(*answer.target_group)->members;
    for (const RelationshipView& view : seen.relationships) {
      if (view.target_element == targets[1]) {
        ASSERT_TRUE(rig.modify(Operation::Fracture, view.ref).completed());
      }
    }
    for (const ElementRef& source : sources) ASSERT_EQ(rig.write(source, 3, 'x'), 0);
    const std::string written(512, 'x');
    EXPECT_TRUE(
        rig.eventually([&](const Inventory&) { return rig.read(targets[0], 3) == written; }));
    EXPECT_EQ(rig.read(targets[1], 3), std::string(512, '\0'));
  }
}

TEST(GroupReplica, AConsistentGroupGoesOnWhenItsLastMemberCan) {
  Rig rig;
  const std::vector<ElementRef> sources{rig.volume(), rig.volume()};
  const Answer answer = rig.call(group_request(sources, SyncType::Mirror));
  ASSERT_TRUE(rig.job_ends(answer));
  std::vector<RelationshipRef> members;
  for (const auto& view : rig.look().relationships) {
    if (view.source_element) members.push_back(view.ref);
  }
  rig.inject(FaultKind::LinkLost, members[0]);
  rig.inject(FaultKind::LinkLost, members[1]);
  rig.inject(FaultKind::LinkRestored, members[0]);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Broken);
  rig.inject(FaultKind::LinkRestored, members[1]);
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*answer.synchronization)->copy_state == CopyState::Synchronized;
  }));
}

TEST(ListReplica, EveryEntryGetsItsNameAndItsPair) {
  Rig rig;
  CreateListReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_elements = {rig.volume(), rig.volume(), rig.volume()};
  request.element_names = {"one", "two"};
  ASSERT_EQ(rig.write((*request.source_elements)[2], 0, 'c'), 0);
  const Answer answer = rig.call(request);
  ASSERT_TRUE(rig.job_ends(answer));
  const Inventory seen = rig.look();
  EXPECT_TRUE(seen.groups.empty());
  ASSERT_EQ(answer.target_elements->size(), 3U);
  EXPECT_EQ(seen.find(*(*answer.target_elements)[1])->element_name, "two");
  EXPECT_EQ(seen.find(*(*answer.synchronizations)[2])->source_element,
            (*request.source_elements)[2]);
  EXPECT_EQ(rig.read(*(*answer.target_elements)[2], 0), std::string(512, 'c'));
}

TEST(ListReplica, AListWithAMissingSourceDoesNothing) {
  Rig rig;
  CreateListReplicaRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_elements = {rig.volume(), ElementRef{"nowhere"}};
  const Inventory before = rig.look();
  EXPECT_EQ(rig.call(request).code, ReturnCode::InvalidParameter);
  EXPECT_EQ(rig.look(), before);
}

TEST(ListReplica, ContinueMakesTheOthersAndTheJobSaysThatSomeAreMissing) {
  for (const SyncType kind : {SyncType::Clone, SyncType::Snapshot}) {
    Rig rig;
    CreateListReplicaRequest request;
    request.sync_type = kind;
    request.source_elements = {rig.volume(), ElementRef{"nowhere"}, rig.volume()};
    ReplicationSettingData data;
    data.on_group_or_list_error = OnError::Continue;
    request.replication_setting_data = data;
    EXPECT_TRUE(rig.job_ends(rig.call(request), JobState::Exception));
    const Inventory seen = rig.look();
    ASSERT_EQ(seen.relationships.size(), 2U);
    EXPECT_EQ(seen.relationships[0].source_element, request.source_elements->front());
    EXPECT_EQ(seen.relationships[1].source_element, request.source_elements->back());
  }
}

TEST(Groups, MembersKeepTheirOrderAndAreNeverDoubled) {
  Rig rig;
  const ElementRef a = rig.volume();
  const ElementRef b = rig.volume();
  CreateGroupRequest create;
  create.members = {b};
  const GroupRef group = *rig.call(create).group;
  AddMembersRequest add;
  add.group = group;
  add.members = {a, b};
  ASSERT_TRUE(rig.call(add).completed());
  EXPECT_EQ(rig.look().find(group)->members, (std::vector{b, a}));
  DeleteGroupRequest remove;
  remove.group = group;
  EXPECT_FALSE(rig.call(remove).accepted());
  remove.remove_elements = true;
  EXPECT_TRUE(rig.call(remove).completed());
  EXPECT_EQ(rig.look().elements.size(), 4U);  // two volumes, two pools
}

}  // namespace
}  // namespace lockstep::replication::test
