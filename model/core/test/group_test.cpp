#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

class Groups : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef a = scene.volume("a");
  ElementRef b = scene.volume("b");
  ElementRef a2 = volume_ref("a2");
  ElementRef b2 = volume_ref("b2");

  static RelationshipView& view(Inventory& inventory, const std::string& name) {
    for (RelationshipView& one : inventory.relationships) {
      if (one.ref.path == name) return one;
    }
    return inventory.relationships.front();
  }

  CreateGroupReplicaFromElementsRequest request(SyncType sync_type, std::optional<Mode> mode) {
    CreateGroupReplicaFromElementsRequest made;
    made.sync_type = sync_type;
    made.mode = mode;
    made.source_elements = {a, b};
    made.relationship_name = "copies";
    return made;
  }

  // A truthful group create; `shape` spoils what is shown or answered.
  template <class Shape>
  Findings create(const CreateGroupReplicaFromElementsRequest& asked_for, Shape shape) {
    const Instant issued = scene.tick();
    return create_since(issued, asked_for, shape);
  }
  template <class Shape>
  Findings create_since(Instant issued, const CreateGroupReplicaFromElementsRequest& asked_for,
                        Shape shape) {
    for (const auto& [target, name] : {std::pair(a2, "copies_1"), std::pair(b2, "copies_2")}) {
      ElementView element = Scene::element(target.path);
      element.element_name = name;
      scene.inventory.elements.push_back(element);
    }
    scene.copy(a, a2);
    scene.copy(b, b2);
    GroupView sources;
    sources.ref = GroupRef{"g1"};
    sources.members = {a, b};
    GroupView targets;
    targets.ref = GroupRef{"g2"};
    targets.members = {a2, b2};
    const auto* settings =
        asked_for.replication_setting_data
            ? std::get_if<ReplicationSettingData>(&*asked_for.replication_setting_data)
            : nullptr;
    targets.consistent_point_in_time =
        settings != nullptr && settings->consistent_point_in_time.value_or(false);
    scene.inventory.groups = {sources, targets};
    const SyncType sync_type = *asked_for.sync_type;
    scene.show("ra", sync_type, asked_for.mode, a, a2, CopyState::Synchronized);
    scene.show("rb", sync_type, asked_for.mode, b, b2, CopyState::Synchronized);
    RelationshipView group;
    group.ref = RelationshipRef{"rg"};
    group.relationship_class = RelationshipClass::GroupSynchronized;
    group.source_group = sources.ref;
    group.target_group = targets.ref;
    group.sync_type = sync_type;
    group.mode = asked_for.mode;
    group.copy_state = CopyState::Synchronized;
    group.name = "copies";
    group.consistency_enabled = asked_for.consistency == ConsistencyRequest::SequentialConsistency;
    scene.inventory.relationships.push_back(group);
    Answer answer;
    answer.synchronization = group.ref;
    answer.target_group = targets.ref;
    shape(answer, scene.inventory);
    return scene.judge.answered(asked_for, answer, Window{issued, scene.tick()}, scene.inventory);
  }
  std::vector<Judge::Image> images() { return {{a2, scene.bytes[a2]}, {b2, scene.bytes[b2]}}; }
  Findings read_group() {
    return scene.judge.read_group(images(), BlockSize{kBlockBytes}, scene.window());
  }
};

TEST_F(Groups, ATruthfulGroupCreate) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(read_group());
}

TEST_F(Groups, EveryLieAboutAGroupIsNamed) {
  struct Lie {
    std::string clause;
    void (*tell)(Answer&, Inventory&);
  };
  const Lie lies[] = {
      {"CGE-05", [](Answer&, Inventory& i) { view(i, "rb").sync_type = SyncType::Clone; }},
      {"CGE-07", [](Answer&, Inventory& i) { view(i, "rg").mode = Mode::Asynchronous; }},
      {"CGE-14",
       [](Answer&, Inventory& i) { std::swap(i.groups[0].members[0], i.groups[0].members[1]); }},
      {"CGE-19", [](Answer&, Inventory& i) { view(i, "rg").name = "other"; }},
      {"CGE-28", [](Answer& answer, Inventory&) { answer.target_group.reset(); }},
      {"CGE-36", [](Answer&, Inventory& i) { view(i, "rg").consistency_enabled = false; }},
      {"CGE-44",
       [](Answer& answer, Inventory&) { answer.synchronization = RelationshipRef{"ra"}; }},
      {"CGE-48",
       [](Answer&, Inventory& i) {
         std::erase_if(i.relationships,
                       [](const RelationshipView& r) { return r.ref.path == "rb"; });
       }},
      {"CGE-52", [](Answer&, Inventory& i) { i.groups[1].persistent = false; }},
      {"G-01", [](Answer&, Inventory& i) { view(i, "rg").copy_state = CopyState::Inactive; }},
  };
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.clause);
    scene = Scene();
    scene.volume("a");
    scene.volume("b");
    auto asked_for = request(SyncType::Mirror, Mode::Synchronous);
    asked_for.consistency = ConsistencyRequest::SequentialConsistency;
    const Findings findings = create(asked_for, lie.tell);
    const bool named =
        names(findings, lie.clause) || (lie.clause == "G-01" && names(scene.observe(), "G-01"));
    EXPECT_TRUE(named) << text(findings);
  }
}

TEST_F(Groups, MembersInDifferentStatesAreMixed) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  EXPECT_CLEAN(scene.operate("ra", Operation::Fracture, CopyState::Fractured));
  EXPECT_BREACH("G-02", scene.observe());
  scene.relationship("rg").copy_state = CopyState::Mixed;
  EXPECT_CLEAN(scene.observe());
}

TEST_F(Groups, AnOperationOnTheGroupMovesItsMembers) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  scene.relationship("ra").copy_state = CopyState::Split;
  scene.relationship("rb").copy_state = CopyState::Split;
  EXPECT_CLEAN(scene.operate("rg", Operation::Split, CopyState::Split));
  scene.write(a, 0);
  EXPECT_CLEAN(read_group());
}

TEST_F(Groups, AnOperationThatShowsNothingReachesItsPairs) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  for (int look = 0; look < 4; ++look) EXPECT_CLEAN(scene.observe());
  const Findings findings = scene.operate("rg", Operation::Split, CopyState::Synchronized);
  EXPECT_NE(text(findings).find("relationship ra;"), std::string::npos) << text(findings);
  EXPECT_NE(text(findings).find("relationship rb;"), std::string::npos) << text(findings);
}

TEST_F(Groups, TroubleOfTheGroupIsTroubleOfItsMembers) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  scene.judge.disturbed(Disturbance::Fault, RelationshipRef{"rg"}, scene.window());
  for (const char* name : {"ra", "rb", "rg"}) {
    scene.relationship(name).copy_state = CopyState::Partitioned;
  }
  EXPECT_CLEAN(scene.observe());
}

TEST_F(Groups, TroubleOfAMemberShowsOnTheGroup) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Synchronous), [](Answer&, Inventory&) {}));
  scene.judge.disturbed(Disturbance::Fault, RelationshipRef{"ra"}, scene.window());
  scene.relationship("ra").copy_state = CopyState::Broken;
  scene.relationship("rg").copy_state = CopyState::Mixed;
  EXPECT_CLEAN(scene.observe());
  scene.relationship("rb").copy_state = CopyState::Broken;
  EXPECT_BREACH("T-048", scene.observe());
}

TEST_F(Groups, ASplitGroupHoldsOneCut) {
  auto asked_for = request(SyncType::Mirror, Mode::Synchronous);
  asked_for.consistency = ConsistencyRequest::SequentialConsistency;
  EXPECT_CLEAN(create(asked_for, [](Answer&, Inventory&) {}));
  // Two dependent writes while the group is being split: b's follows a's.
  const Instant issued = scene.tick();
  scene.write(a, 0);
  scene.write(b, 0);
  for (const char* name : {"ra", "rb", "rg"}) {
    scene.relationship(name).copy_state = CopyState::Split;
  }
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("rg", Operation::Split), Answer{},
                                    Window{issued, scene.tick()}, scene.inventory));
  const Judge undecided = scene.judge;
  EXPECT_CLEAN(read_group());  // neither
  scene.judge = undecided;
  scene.copy(a, a2);
  EXPECT_CLEAN(read_group());  // the first alone
  scene.judge = undecided;
  scene.copy(b, b2);
  EXPECT_CLEAN(read_group());  // both
  scene.judge = undecided;
  std::memset(scene.block(a2, 0).data(), 0, kBlockBytes);
  EXPECT_BREACH("DS-GR-07", read_group());
}

TEST_F(Groups, MembersSplitOneByOneOweNoCommonCut) {
  auto asked_for = request(SyncType::Mirror, Mode::Synchronous);
  asked_for.consistency = ConsistencyRequest::SequentialConsistency;
  EXPECT_CLEAN(create(asked_for, [](Answer&, Inventory&) {}));
  scene.relationship("rg").copy_state = CopyState::Mixed;
  EXPECT_CLEAN(scene.operate("ra", Operation::Split, CopyState::Split));
  // The target of b still follows, that of a does not.
  scene.write(a, 0);
  scene.write(b, 0);
  scene.copy(b, b2);
  scene.relationship("rg").copy_state = CopyState::Split;
  EXPECT_CLEAN(scene.operate("rb", Operation::Split, CopyState::Split));
  EXPECT_CLEAN(read_group());
  scene.put(a2, 1, a, 1, 17);  // of a write that never was
  EXPECT_BREACH("DS-MS-14", read_group());
}

TEST_F(Groups, WhatWasDoneToEachPairIsDoneToTheGroup) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Asynchronous), [](Answer&, Inventory&) {}));
  scene.relationship("ra").mode = Mode::Synchronous;
  EXPECT_CLEAN(scene.operate("ra", Operation::ResetToSync, CopyState::Synchronized));
  scene.relationship("rb").mode = Mode::Synchronous;
  scene.relationship("rg").mode = Mode::Synchronous;
  EXPECT_CLEAN(scene.operate("rb", Operation::ResetToSync, CopyState::Synchronized));
  ModifyListSynchronizationRequest reversal;
  reversal.operation = Operation::ReverseRoles;
  reversal.synchronizations = {RelationshipRef{"ra"}, RelationshipRef{"rb"}};
  for (const char* name : {"ra", "rb"}) {
    RelationshipView& pair = scene.relationship(name);
    std::swap(pair.source_element, pair.target_element);
  }
  RelationshipView& group = scene.relationship("rg");
  std::swap(group.source_group, group.target_group);
  EXPECT_CLEAN(scene.judge.answered(reversal, Answer{}, scene.window(), scene.inventory));
  std::swap(group.source_group, group.target_group);
  EXPECT_BREACH("CER-33", scene.observe());
  group.mode = Mode::Asynchronous;
  EXPECT_BREACH("CER-07", scene.observe());
}

TEST_F(Groups, TheModeOfAGroupIsThatOfThePairsThatAreLeft) {
  EXPECT_CLEAN(create(request(SyncType::Mirror, Mode::Asynchronous), [](Answer&, Inventory&) {}));
  scene.relationship("ra").mode = Mode::Synchronous;
  EXPECT_CLEAN(scene.operate("ra", Operation::ResetToSync, CopyState::Synchronized));
  const Window asked = scene.window();
  scene.drop_relationship("rb");
  scene.relationship("rg").mode = Mode::Synchronous;
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("rb", Operation::Detach), Answer{}, asked,
                                    scene.inventory));
}

TEST_F(Groups, TroubleOfOneStopsAllOfAConsistentGroup) {
  auto asked_for = request(SyncType::Mirror, Mode::Synchronous);
  asked_for.consistency = ConsistencyRequest::SequentialConsistency;
  EXPECT_CLEAN(create(asked_for, [](Answer&, Inventory&) {}));
  scene.judge.disturbed(Disturbance::Fault, RelationshipRef{"ra"}, scene.window());
  for (const char* name : {"ra", "rb", "rg"}) {
    scene.relationship(name).copy_state = CopyState::Broken;
  }
  EXPECT_CLEAN(scene.observe());
  scene.judge.disturbed(Disturbance::Repair, RelationshipRef{"ra"}, scene.window());
  for (const char* name : {"ra", "rb", "rg"}) {
    scene.relationship(name).copy_state = CopyState::Synchronized;
  }
  EXPECT_CLEAN(scene.observe());
  // Nothing is wrong any more.
  for (const char* name : {"ra", "rb", "rg"}) {
    scene.relationship(name).copy_state = CopyState::Broken;
  }
  EXPECT_BREACH("T-048", scene.observe());
}

TEST_F(Groups, OnePointInTimeForAllMembers) {
  auto asked_for = request(SyncType::Snapshot, std::nullopt);
  ReplicationSettingData settings;
  settings.consistent_point_in_time = true;
  asked_for.replication_setting_data = settings;
  const Instant issued = scene.tick();
  scene.write(a, 0);
  scene.write(b, 0);
  EXPECT_CLEAN(create_since(issued, asked_for, [](Answer&, Inventory&) {}));
  EXPECT_CLEAN(read_group());
  std::memset(scene.block(a2, 0).data(), 0, kBlockBytes);
  EXPECT_TRUE(has_violation(read_group()));
}

TEST_F(Groups, WithoutConsistencyMembersMayDiffer) {
  const Instant issued = scene.tick();
  scene.write(a, 0);
  scene.write(b, 0);
  EXPECT_CLEAN(
      create_since(issued, request(SyncType::Snapshot, std::nullopt), [](Answer&, Inventory&) {}));
  std::memset(scene.block(a2, 0).data(), 0, kBlockBytes);
  EXPECT_CLEAN(read_group());
}

// --- groups as such ---

TEST_F(Groups, CollectionsDoWhatTheyWereAskedFor) {
  CreateGroupRequest create_group;
  create_group.members = {a, b};
  create_group.group_name = "pair";
  GroupView group;
  group.ref = GroupRef{"g"};
  group.element_name = "pair";
  group.members = {a, b};
  Answer answer;
  answer.group = group.ref;
  scene.inventory.groups = {group};
  EXPECT_CLEAN(scene.judge.answered(create_group, answer, scene.window(), scene.inventory));

  AddMembersRequest add;
  add.group = group.ref;
  add.members = {a};
  scene.inventory.groups[0].members = {a, b, a};
  EXPECT_BREACH("AMB-03", scene.judge.answered(add, Answer{}, scene.window(), scene.inventory));
  scene.inventory.groups[0].members = {a, b};
  EXPECT_BREACH("CRG-05", scene.observe());

  RemoveMembersRequest remove;
  remove.group = group.ref;
  remove.members = {a};
  scene.inventory.groups[0].members = {b};
  EXPECT_CLEAN(scene.judge.answered(remove, Answer{}, scene.window(), scene.inventory));

  DeleteGroupRequest erase;
  erase.group = group.ref;
  erase.remove_elements = true;
  EXPECT_BREACH("DLG-03", scene.judge.answered(erase, Answer{}, scene.window(), scene.inventory));
  scene.inventory.groups.clear();
  EXPECT_BREACH("DLG-06", scene.observe());
}

TEST_F(Groups, ListsPairByPosition) {
  const Window asked = scene.window();
  CreateListReplicaRequest list;
  list.sync_type = SyncType::Clone;
  list.source_elements = {a, b};
  list.element_names = {{std::optional<std::string>("first")}};
  for (const auto& [target, name] : {std::pair(a2, "first"), std::pair(b2, "system")}) {
    ElementView element = Scene::element(target.path);
    element.element_name = name;
    scene.inventory.elements.push_back(element);
  }
  scene.show("ra", SyncType::Clone, std::nullopt, a, a2, CopyState::Synchronized);
  scene.show("rb", SyncType::Clone, std::nullopt, b, b2, CopyState::Synchronized);
  Answer answer;
  answer.target_elements = {{a2, b2}};
  answer.synchronizations = {{RelationshipRef{"ra"}, RelationshipRef{"rb"}}};
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.judge.answered(list, answer, asked, scene.inventory));
  std::swap((*answer.synchronizations)[0], (*answer.synchronizations)[1]);
  EXPECT_BREACH("CLR-38", Judge(before).answered(list, answer, asked, scene.inventory));
  answer.target_elements = {{a2}};
  EXPECT_BREACH("CLR-27", Judge(before).answered(list, answer, asked, scene.inventory));
}

TEST_F(Groups, CreateReplicaHasItsOwnRules) {
  const Window asked = scene.window();
  CreateReplicaRequest replica;
  replica.source = a;
  replica.sync_type = SyncType::Mirror;
  replica.mode = Mode::Synchronous;
  replica.target_storage_volume = b;
  replica.recovery_point_objective = 0;
  RelationshipView& made =
      scene.show("ra", SyncType::Mirror, Mode::Synchronous, a, b, CopyState::Synchronized);
  made.recovery_point_objective = 0;
  Answer answer;
  answer.target_element = b;
  answer.target_replica_peer = PeerRef{"peer"};
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.judge.answered(replica, answer, asked, scene.inventory));
  Answer without_peer = answer;
  without_peer.target_replica_peer.reset();
  EXPECT_BREACH("MCR-27", Judge(before).answered(replica, without_peer, asked, scene.inventory));
  Answer with_job = answer;
  with_job.job = JobRef{"j"};
  EXPECT_BREACH("MCR-30", Judge(before).answered(replica, with_job, asked, scene.inventory));
  made.recovery_point_objective = 60;
  EXPECT_BREACH("MCR-21", Judge(before).answered(replica, answer, asked, scene.inventory));
  Answer reserved;
  reserved.code = ReturnCode::InUse;
  EXPECT_BREACH("MCR-32",
                Judge(before).answered(replica, reserved, asked, Inventory(scene.inventory)));
}

TEST_F(Groups, AttachReplicaMakesNoElement) {
  const Window asked = scene.window();
  AttachReplicaRequest attach;
  attach.source_element = a;
  attach.target_element = b;
  attach.copy_type = CopyType::Sync;
  RelationshipView& made =
      scene.show("ra", SyncType::Mirror, Mode::Synchronous, a, b, CopyState::Synchronized);
  made.copy_type = CopyType::Sync;
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.judge.answered(attach, Answer{}, asked, scene.inventory));
  made.copy_type = CopyType::Async;
  EXPECT_BREACH("ATT-10", Judge(before).answered(attach, Answer{}, asked, scene.inventory));
  made.copy_type = CopyType::Sync;
  scene.inventory.elements.push_back(Scene::element("extra"));
  EXPECT_BREACH("ATT-01", Judge(before).answered(attach, Answer{}, asked, scene.inventory));
  scene.inventory.elements.pop_back();
  scene.inventory.relationships.clear();
  EXPECT_BREACH("ATT-15", Judge(before).answered(attach, Answer{}, asked, scene.inventory));
}

}  // namespace
}  // namespace lockstep::model::test
