#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

class Following : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef source = scene.volume("v1");
  ElementRef spare = scene.volume("v2");

  // A create answered 0; `shape` spoils what is shown or answered.
  template <class Shape>
  Findings create(CreateElementReplicaRequest request, Shape shape) {
    const Window asked = scene.window();
    const ElementRef target = request.target_element.value_or(volume_ref("new"));
    if (!request.target_element) {
      ElementView view = Scene::element("new");
      view.element_name = request.element_name;
      scene.inventory.elements.push_back(view);
    }
    scene.show("r1", request.sync_type.value_or(SyncType::Mirror), request.mode,
               request.source_element.value_or(source), target, CopyState::Synchronized);
    Answer answer;
    answer.target_element = target;
    answer.synchronization = RelationshipRef{"r1"};
    shape(answer, scene.relationship("r1"));
    return scene.judge.answered(request, answer, asked, scene.inventory);
  }
};

TEST_F(Following, AVolumeThatWasAskedForIsNoFinding) { EXPECT_CLEAN(scene.last); }

TEST_F(Following, ATruthfulCreateGivesNoFindings) {
  auto request = Scene::create(SyncType::Mirror, Mode::Synchronous, source);
  request.element_name = "copy";
  EXPECT_CLEAN(create(request, [](Answer&, RelationshipView&) {}));
  EXPECT_CLEAN(scene.observe());
}

TEST_F(Following, EveryLieAboutACreateIsNamed) {
  struct Lie {
    std::string clause;
    void (*tell)(Answer&, RelationshipView&);
  };
  const Lie lies[] = {
      {"CER-05", [](Answer&, RelationshipView& r) { r.sync_type = SyncType::Clone; }},
      {"CER-07", [](Answer&, RelationshipView& r) { r.mode = Mode::Asynchronous; }},
      {"CER-15", [](Answer& a, RelationshipView&) { a.target_element.reset(); }},
      {"CER-15", [](Answer& a, RelationshipView&) { a.target_element = volume_ref("nobody"); }},
      {"CER-31", [](Answer& a, RelationshipView&) { a.synchronization.reset(); }},
      {"CER-31", [](Answer& a, RelationshipView&) { a.synchronization = RelationshipRef{"r9"}; }},
      {"CER-33", [](Answer&, RelationshipView& r) { r.source_element = volume_ref("v2"); }},
      {"CER-33", [](Answer&, RelationshipView& r) { r.target_element = volume_ref("v2"); }},
      {"CER-34", [](Answer&, RelationshipView& r) { r.copy_state = CopyState::Unsynchronized; }},
      {"GEN-04", [](Answer& a, RelationshipView&) { a.job = JobRef{"j1"}; }},
      {"MRS-06",
       [](Answer&, RelationshipView& r) { r.requested_copy_state = CopyState::Synchronized; }},
      {"T-010", [](Answer&, RelationshipView& r) { r.percent_synced = 101; }},
  };
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.clause);
    Following::scene = Scene();
    source = scene.volume("v1");
    spare = scene.volume("v2");
    auto request = Scene::create(SyncType::Mirror, Mode::Synchronous, source);
    request.wait_for_copy_state = CopyState::Synchronized;
    EXPECT_BREACH(lie.clause, create(request, lie.tell));
  }
}

TEST_F(Following, ProgressThatDoesNotFitWarns) {
  EXPECT_WARNING("PS-01", create(Scene::create(SyncType::Mirror, Mode::Synchronous, source),
                                 [](Answer&, RelationshipView& r) {
                                   r.progress_status = ProgressStatus::Initializing;
                                 }));
}

TEST_F(Following, NamesAndPoolsAreKept) {
  auto request = Scene::create(SyncType::Clone, std::nullopt, source);
  request.element_name = "copy";
  request.target_pool = PoolRef{"p2"};
  const Findings findings = create(request, [&](Answer&, RelationshipView&) {
    scene.inventory.elements.back().element_name = "cop";
  });
  EXPECT_TRUE(names(findings, "CER-23")) << text(findings);
  EXPECT_TRUE(names(findings, "CER-21")) << text(findings);
}

TEST_F(Following, ASuppliedTargetKeepsItsPool) {
  auto request = Scene::create(SyncType::Clone, std::nullopt, source, spare);
  request.target_pool = PoolRef{"p2"};
  EXPECT_BREACH("CER-19", create(request, [&](Answer&, RelationshipView&) {
                  for (ElementView& element : scene.inventory.elements) {
                    if (element.ref == spare) element.pool = PoolRef{"p2"};
                  }
                }));
}

TEST_F(Following, ARefusalLeavesNothing) {
  const auto request = Scene::create(SyncType::Mirror, Mode::Synchronous, source, spare);
  Answer refused;
  refused.code = ReturnCode::Failed;
  scene.show("r1", SyncType::Mirror, Mode::Synchronous, source, spare, CopyState::Synchronized);
  EXPECT_BREACH("GEN-07", scene.judge.answered(request, refused, scene.window(), scene.inventory));
}

TEST_F(Following, ANewElementAfterARefusalWarns) {
  Answer refused;
  refused.code = ReturnCode::Failed;
  scene.inventory.elements.push_back(Scene::element("left-over"));
  EXPECT_WARNING(
      "GEN-08", scene.judge.answered(Scene::create(SyncType::Mirror, std::nullopt, source), refused,
                                     scene.window(), scene.inventory));
}

// CLR-46: with Stop any prefix of the list may remain, with Continue all but the entry at fault.
TEST_F(Following, ARefusedListMayHaveBegunWithItsFirstEntries) {
  struct Remains {
    std::vector<int> made;
    OnError on_error;
    bool conforms;
  };
  const Remains remains[] = {
      {{}, OnError::Stop, true},         {{0}, OnError::Stop, true},
      {{0, 1}, OnError::Stop, true},     {{1}, OnError::Stop, false},
      {{0, 2}, OnError::Stop, false},    {{0, 1, 2}, OnError::Stop, false},
      {{0, 2}, OnError::Continue, true}, {{0, 1, 2}, OnError::Continue, false},
  };
  for (const Remains& one : remains) {
    Scene list;
    CreateListReplicaRequest request;
    request.sync_type = SyncType::Clone;
    request.source_elements = {list.volume("s0"), list.volume("s1"), list.volume("s2")};
    request.target_elements = {list.volume("t0"), list.volume("t1"), list.volume("t2")};
    ReplicationSettingData settings;
    settings.on_group_or_list_error = one.on_error;
    request.replication_setting_data = SettingDataParameter(settings);
    for (const int i : one.made) {
      const auto at = static_cast<std::size_t>(i);
      list.show("r" + std::to_string(i), SyncType::Clone, std::nullopt,
                (*request.source_elements)[at], (*request.target_elements)[at],
                CopyState::Unsynchronized);
    }
    Answer refused;
    refused.code = ReturnCode::InvalidParameter;
    const Findings findings = list.judge.answered(request, refused, list.window(), list.inventory);
    if (one.conforms) {
      EXPECT_CLEAN(findings);
    } else {
      EXPECT_BREACH("CLR-46", findings);
    }
  }
}

TEST_F(Following, WhatARefusedListHasBegunMayGoOn) {
  scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.replica("r2", SyncType::Clone, std::nullopt, source, CopyState::Unsynchronized);
  ModifyListSynchronizationRequest request;
  request.operation = Operation::RestoreFromReplica;
  request.synchronizations = {{RelationshipRef{"r1"}, RelationshipRef{"r2"}}};
  Answer refused;
  refused.code = ReturnCode::InvalidParameter;
  const Window asked = scene.window();
  scene.relationship("r1").requested_copy_state = CopyState::Restored;
  EXPECT_CLEAN(scene.judge.answered(request, refused, asked, scene.inventory));
  EXPECT_CLEAN(scene.observe());
  scene.relationship("r1").requested_copy_state = CopyState::NotApplicable;
  scene.relationship("r1").copy_state = CopyState::Restored;
  EXPECT_CLEAN(scene.observe());
  // Nothing of r2 was to be seen.
  scene.relationship("r2").copy_state = CopyState::Restored;
  EXPECT_BREACH("T-037", scene.observe());
}

TEST_F(Following, ARelationshipOutOfNowhere) {
  scene.show("r1", SyncType::Mirror, Mode::Synchronous, source, spare, CopyState::Synchronized);
  EXPECT_BREACH("T-001", scene.observe());
}

TEST_F(Following, ARelationshipThatVanishes) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.last);
  scene.drop_relationship("r1");
  EXPECT_BREACH("T-015", scene.observe());
}

TEST_F(Following, ACloneMayDetachByItselfOnlyWithTheFeature) {
  Capabilities capabilities = everything();
  capabilities.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
  Scene detaching(capabilities);
  const ElementRef volume = detaching.volume("v1");
  detaching.replica("r1", SyncType::Clone, std::nullopt, volume);
  detaching.drop_relationship("r1");
  EXPECT_CLEAN(detaching.observe());
  scene.replica("r1", SyncType::Clone, std::nullopt, source);
  scene.drop_relationship("r1");
  EXPECT_BREACH("T-015", scene.observe());
}

TEST_F(Following, StatesMoveByThemselvesOnlyWhereTheyMay) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source, CopyState::Initialized);
  EXPECT_CLEAN(scene.last);
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  scene.relationship("r1").copy_state = CopyState::Fractured;
  EXPECT_BREACH("T-029", scene.observe());
}

TEST_F(Following, FaultsExplainBrokenAndRepairsExplainTheWayBack) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  scene.judge.disturbed(Disturbance::Fault, RelationshipRef{"r1"}, scene.window());
  scene.relationship("r1").copy_state = CopyState::Broken;
  EXPECT_CLEAN(scene.observe());
  scene.judge.disturbed(Disturbance::Repair, RelationshipRef{"r1"}, scene.window());
  EXPECT_CLEAN(scene.observe());
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  scene.relationship("r1").copy_state = CopyState::Broken;
  EXPECT_BREACH("T-048", scene.observe());
}

TEST_F(Following, OperationsLeadWhereTheyShould) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Split, CopyState::Split));
  EXPECT_CLEAN(scene.operate("r1", Operation::ResyncReplica, CopyState::Unsynchronized));
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
  EXPECT_BREACH("MRS-26", scene.operate("r1", Operation::Split, CopyState::Synchronized));
}

TEST_F(Following, ARefusedOperationChangesNothing) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  Answer refused;
  refused.code = ReturnCode::InvalidParameter;
  scene.relationship("r1").copy_state = CopyState::Failedover;
  EXPECT_BREACH("MRS-04", scene.judge.answered(Scene::modify("r1", Operation::Failback), refused,
                                               scene.window(), scene.inventory));
}

TEST_F(Following, SuccessInTheWrongStateIsANoOpOrALie) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_WARNING("MRS-04", scene.operate("r1", Operation::Failback, CopyState::Synchronized));
  EXPECT_BREACH("MRS-04", scene.operate("r1", Operation::Failback, CopyState::Split));
}

TEST_F(Following, DetachKeepsBothElements) {
  const ElementRef target = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  scene.drop_element(target);
  EXPECT_BREACH("MRS-14", scene.judge.answered(Scene::modify("r1", Operation::Detach), Answer{},
                                               asked, scene.inventory));
}

TEST_F(Following, DetachThatDoesNothing) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_BREACH("MRS-14", scene.operate("r1", Operation::Detach, CopyState::Synchronized));
}

TEST_F(Following, ReturnToResourcePoolRemovesTheTarget) {
  const ElementRef target = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  EXPECT_BREACH("MRS-24", scene.judge.answered(Scene::modify("r1", Operation::ReturnToResourcePool),
                                               Answer{}, asked, scene.inventory));
}

TEST_F(Following, RolesAreReversedForReal) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_BREACH("MRS-25", scene.operate("r1", Operation::ReverseRoles, CopyState::Synchronized));
  std::swap(scene.relationship("r1").source_element, scene.relationship("r1").target_element);
  EXPECT_CLEAN(scene.operate("r1", Operation::ReverseRoles, CopyState::Synchronized));
}

TEST_F(Following, ModeChangesOnlyWhenAsked) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  scene.relationship("r1").mode = Mode::Asynchronous;
  EXPECT_CLEAN(scene.operate("r1", Operation::ResetToAsync, CopyState::Synchronized));
  scene.relationship("r1").mode = Mode::Synchronous;
  EXPECT_BREACH("CER-07", scene.observe());
  EXPECT_BREACH("MRS-23", scene.operate("r1", Operation::ResetToAsync, CopyState::Synchronized));
}

TEST_F(Following, VolumesStayAndGoAsAsked) {
  ReturnToStoragePoolRequest back;
  back.element = spare;
  EXPECT_WARNING("LCS-13", scene.judge.answered(back, Answer{}, scene.window(), scene.inventory));
  scene.drop_element(spare);
  EXPECT_BREACH("DEL-3", scene.observe());
}

TEST_F(Following, NonsenseFromTheProviderIsSurvived) {
  RelationshipView odd;
  odd.ref = RelationshipRef{"odd"};
  scene.inventory.relationships.push_back(odd);
  odd.ref = RelationshipRef{};
  odd.copy_state = static_cast<CopyState>(65535);
  odd.sync_type = static_cast<SyncType>(0);
  odd.progress_status = static_cast<ProgressStatus>(999);
  for (int i = 0; i < 500; ++i) scene.inventory.relationships.push_back(odd);
  JobView job;
  job.state = static_cast<JobState>(0);
  job.percent_complete = 65535;
  scene.inventory.jobs.push_back(job);
  Answer answer;
  answer.code = static_cast<ReturnCode>(0xFFFFFFFF);
  answer.synchronizations = {std::nullopt};
  answer.job = JobRef{};
  const Findings findings =
      scene.judge.answered(Scene::create(SyncType::Mirror, std::nullopt, source), answer,
                           scene.window(), scene.inventory);
  EXPECT_TRUE(names(findings, "GEN-02")) << text(findings);
  scene.inventory = Inventory{};
  EXPECT_TRUE(has_violation(scene.observe()));
  EXPECT_FALSE(scene.judge.describe().size() > 10);
}

TEST_F(Following, CoverageNamesWhatWasTaken) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Fracture, CopyState::Fractured));
  const auto coverage = scene.judge.coverage();
  EXPECT_TRUE(coverage.contains({"MirrorSync", "T-001", "nowhere", "Synchronized"}));
  EXPECT_TRUE(coverage.contains({"MirrorSync", "T-029", "Synchronized", "Fractured"}));
}

TEST_F(Following, ACopyOfTheJudgeLooksBack) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.operate("r1", Operation::Fracture, CopyState::Fractured));
  EXPECT_NE(before.describe(), scene.judge.describe());
}

TEST(Endings, AnActivatedCloneMayEndBeforeItIsSeen) {
  Capabilities capabilities = everything();
  capabilities.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
  Scene scene(capabilities);
  const ElementRef source = scene.volume("v1");
  scene.replica("r1", SyncType::Clone, std::nullopt, source, CopyState::Inactive);
  const Judge idle = scene.judge;
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("r1", Operation::Activate), Answer{}, asked,
                                    scene.inventory));
  // Nobody activated it.
  scene.judge = idle;
  EXPECT_BREACH("T-015", scene.observe());
}

TEST(Endings, ACopyEndedByDeletionNeedNotBeComplete) {
  Scene scene;
  const ElementRef source = scene.volume("v1");
  scene.write(source, 0);
  const ElementRef target =
      scene.replica("r1", SyncType::Clone, std::nullopt, source, CopyState::Unsynchronized);
  std::ranges::fill(scene.bytes[target], std::byte{0});
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  scene.drop_element(source);
  EXPECT_CLEAN(
      scene.judge.answered(ReturnToStoragePoolRequest{source}, Answer{}, asked, scene.inventory));
  EXPECT_CLEAN(scene.read(target));
}

TEST(Endings, ADeletionLetsThePromiseOfTheCreateLapse) {
  Scene scene;
  const ElementRef source = scene.volume("v1");
  JobView job;
  job.ref = JobRef{"j1"};
  job.state = JobState::Running;
  job.operational_status = {OperationalStatus::OK};
  scene.inventory.jobs.push_back(job);
  scene.inventory.elements.push_back(Scene::element("new"));
  scene.show("r1", SyncType::Clone, std::nullopt, source, volume_ref("new"),
             CopyState::Unsynchronized);
  Answer started;
  started.code = ReturnCode::JobStarted;
  started.job = job.ref;
  EXPECT_CLEAN(scene.judge.answered(Scene::create(SyncType::Clone, std::nullopt, source), started,
                                    scene.window(), scene.inventory));
  const Judge running = scene.judge;
  const Window asked = scene.window();
  scene.drop_relationship("r1");
  scene.drop_element(source);
  scene.inventory.jobs.front().state = JobState::Completed;
  scene.inventory.jobs.front().operational_status = {OperationalStatus::Completed,
                                                     OperationalStatus::OK};
  EXPECT_CLEAN(
      scene.judge.answered(ReturnToStoragePoolRequest{source}, Answer{}, asked, scene.inventory));
  scene.judge = running;  // without the deletion
  EXPECT_BREACH("CER-33", scene.observe());
}

TEST(Endings, AGroupMayBeFreeOfARelationshipThatEndsByItself) {
  Capabilities capabilities = everything();
  const auto deletion_is = [&capabilities] {
    Scene scene(capabilities);
    const ElementRef source = scene.volume("v1");
    const ElementRef target = scene.replica("r1", SyncType::Clone, std::nullopt, source);
    for (const auto& [name, member] : {std::pair("g1", source), std::pair("g2", target)}) {
      GroupView group;
      group.ref = GroupRef{name};
      group.members = {member};
      scene.inventory.groups.push_back(group);
    }
    RelationshipView view;
    view.ref = RelationshipRef{"rg"};
    view.relationship_class = RelationshipClass::GroupSynchronized;
    view.source_group = GroupRef{"g1"};
    view.target_group = GroupRef{"g2"};
    view.sync_type = SyncType::Clone;
    view.copy_state = CopyState::Synchronized;
    scene.inventory.relationships.push_back(view);
    scene.judge.adopt(scene.inventory);
    static_cast<void>(scene.observe());
    DeleteGroupRequest request;
    request.group = GroupRef{"g1"};
    request.remove_elements = true;
    return scene.judge.allowed(request).judge(Answer{});
  };
  EXPECT_EQ(deletion_is(), AllowedCodes::Verdict::Violation);
  capabilities.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
  EXPECT_NE(deletion_is(), AllowedCodes::Verdict::Violation);
}

TEST(Appearances, TwoListsOfTheSameSourcesShareOutWhatAppears) {
  Scene scene;
  const ElementRef a = scene.volume("a");
  const ElementRef b = scene.volume("b");
  CreateListReplicaRequest list;
  list.sync_type = SyncType::Mirror;
  list.source_elements = {a, b};
  for (const char* job : {"j1", "j2"}) EXPECT_CLEAN(scene.start(list, job));
  for (const auto& [name, source] :
       {std::pair("a1", a), std::pair("a2", a), std::pair("b1", b), std::pair("b2", b)}) {
    const ElementRef target = volume_ref(std::string(name) + "-target");
    scene.inventory.elements.push_back(Scene::element(target.path));
    scene.show(name, SyncType::Mirror, Mode::Asynchronous, source, target, CopyState::Synchronized);
  }
  scene.end("j1");
  scene.end("j2");
  EXPECT_CLEAN(scene.observe());
}

TEST(ContentAfterRestart, ASnapshotKeepsWhatWasWrittenToIt) {
  Scene scene;
  const ElementRef source = scene.volume("v1");
  const ElementRef target = scene.replica("r1", SyncType::Snapshot, std::nullopt, source);
  scene.write(target, 0);
  scene.judge.disturbed(Disturbance::Restart, std::nullopt, scene.window());
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(scene.read(target));
  // Nor does a restart let the source show through.
  scene.write(source, 1);
  scene.copy_block(source, target, 1);
  EXPECT_BREACH("DS-SN-03", scene.read(target));
}

TEST(ContentAfterResync, ThatEndsIdleIsOldOrNew) {
  Capabilities capabilities = everything();
  capabilities.features.insert(Feature::ResyncRequiresActivate);
  Scene scene(capabilities);
  const ElementRef source = scene.volume("v1");
  const ElementRef target = scene.replica("r1", SyncType::Clone, std::nullopt, source);
  EXPECT_CLEAN(scene.operate("r1", Operation::Split, CopyState::Split));
  scene.write(source, 0);
  EXPECT_CLEAN(scene.operate("r1", Operation::ResyncReplica, CopyState::Inactive));
  const Judge undecided = scene.judge;
  EXPECT_CLEAN(scene.read(target));
  scene.judge = undecided;
  scene.copy_block(source, target, 0);
  EXPECT_CLEAN(scene.read(target));
  scene.write(source, 1);
  scene.copy_block(source, target, 1);
  EXPECT_BREACH("DS-CL-05", scene.read(target));
}

}  // namespace
}  // namespace lockstep::model::test
