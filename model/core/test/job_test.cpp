#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

class Jobs : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef source = scene.volume("v1");

  JobView& job() { return scene.inventory.jobs.front(); }
  Findings start(std::optional<CopyState> wait = {}) {
    running();
    auto request = Scene::create(SyncType::Clone, std::nullopt, source);
    request.wait_for_copy_state = wait;
    return scene.judge.answered(request, started(), scene.window(), scene.inventory);
  }
  void succeed() {
    job().state = JobState::Completed;
    job().operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
    job().percent_complete = 100;
  }
  void running() {
    JobView view;
    view.ref = JobRef{"j1"};
    view.state = JobState::Running;
    view.operational_status = {OperationalStatus::OK};
    scene.inventory.jobs.push_back(view);
  }
  static Answer started() {
    Answer answer;
    answer.code = ReturnCode::JobStarted;
    answer.job = JobRef{"j1"};
    return answer;
  }
  // An attach without an association to stay, whose job copies under the path `name`.
  AttachReplicaRequest attach_for_a_while(const std::string& name, const ElementRef& target,
                                          std::optional<CopyType> shown) {
    AttachReplicaRequest attach;
    attach.source_element = source;
    attach.target_element = target;
    attach.copy_type = CopyType::UnSyncUnAssoc;
    running();
    scene.show(name, SyncType::Clone, std::nullopt, source, target, CopyState::Unsynchronized)
        .copy_type = shown;
    EXPECT_CLEAN(scene.judge.answered(attach, started(), scene.window(), scene.inventory));
    return attach;
  }
  void make_replica(CopyState state) {
    scene.inventory.elements.push_back(Scene::element("new"));
    scene.show("r1", SyncType::Clone, std::nullopt, source, volume_ref("new"), state);
  }
};

TEST_F(Jobs, AJobThatDoesWhatItPromised) {
  EXPECT_CLEAN(start());
  make_replica(CopyState::Unsynchronized);
  EXPECT_CLEAN(scene.observe());
  succeed();
  scene.relationship("r1").copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.observe());
}

TEST_F(Jobs, SuccessWithoutARelationship) {
  EXPECT_CLEAN(start());
  succeed();
  EXPECT_BREACH("CER-33", scene.observe());
}

TEST_F(Jobs, SuccessBeforeTheStateThatWasWaitedFor) {
  EXPECT_CLEAN(start(CopyState::Synchronized));
  make_replica(CopyState::Unsynchronized);
  EXPECT_CLEAN(scene.observe());
  succeed();
  EXPECT_BREACH("CER-34", scene.observe());
}

TEST_F(Jobs, APromiseLapsesForWhatWasAskedToEndMeanwhile) {
  const ElementRef target = scene.volume("v2");
  Answer started;
  started.code = ReturnCode::JobStarted;
  started.job = JobRef{"j1"};
  JobView view;
  view.ref = *started.job;
  view.state = JobState::Running;
  view.operational_status = {OperationalStatus::OK};
  scene.inventory.jobs.push_back(view);
  scene.show("r1", SyncType::Clone, std::nullopt, source, target, CopyState::Unsynchronized);
  AttachReplicaRequest attach;
  attach.source_element = source;
  attach.target_element = target;
  attach.copy_type = CopyType::UnSyncAssoc;
  EXPECT_CLEAN(scene.judge.answered(attach, started, scene.window(), scene.inventory));
  const Judge undecided = scene.judge;
  scene.drop_relationship("r1");
  const Window asked = scene.window();
  succeed();
  EXPECT_CLEAN(scene.judge.answered(Scene::modify("r1", Operation::Detach), Answer{}, asked,
                                    scene.inventory));
  // Nobody asked: then it is missed.
  scene.judge = undecided;
  EXPECT_BREACH("ATT-15", scene.observe());
}

TEST_F(Jobs, AFailedJobMayLeaveABrokenRelationship) {
  EXPECT_CLEAN(start());
  job().state = JobState::Exception;
  job().operational_status = {OperationalStatus::Completed, OperationalStatus::Error};
  job().error_code = 1;
  make_replica(CopyState::Broken);
  EXPECT_CLEAN(scene.observe());
}

TEST_F(Jobs, StartedWithoutAReference) {
  Answer answer;
  answer.code = ReturnCode::JobStarted;
  EXPECT_BREACH("GEN-05", scene.judge.answered(Scene::create(SyncType::Clone, std::nullopt, source),
                                               answer, scene.window(), scene.inventory));
}

TEST_F(Jobs, LiesOfEveryKind) {
  struct Lie {
    std::string clause;
    void (*tell)(JobView&);
  };
  const Lie lies[] = {
      {"JOB-01", [](JobView& j) { j.state = JobState::New; }},
      {"JOB-01", [](JobView& j) { j.state = static_cast<JobState>(1); }},
      {"JOB-02", [](JobView& j) { j.percent_complete = 101; }},
      {"JOB-04", [](JobView& j) { j.error_text = "broken"; }},
      {"GEN-11",
       [](JobView& j) {
         j.state = JobState::Completed;
         j.operational_status = {OperationalStatus::OK};
       }},
      {"JOB-03",
       [](JobView& j) {
         j.state = JobState::Completed;
         j.operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
         j.error_code = 3;
       }},
  };
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.clause);
    scene = Scene();
    source = scene.volume("v1");
    EXPECT_CLEAN(start());
    lie.tell(job());
    EXPECT_BREACH(lie.clause, scene.observe());
  }
}

TEST_F(Jobs, ATerminalStateIsForGood) {
  EXPECT_CLEAN(start());
  make_replica(CopyState::Synchronized);
  succeed();
  EXPECT_CLEAN(scene.observe());
  job().state = JobState::Running;
  job().operational_status = {OperationalStatus::OK};
  EXPECT_BREACH("JOB-01", scene.observe());
}

// The temporary relationship of an attach is gone, and the same two are joined anew.
TEST_F(Jobs, AnAttachThatIsFollowedByAMirror) {
  const ElementRef spare = scene.volume("v2");
  attach_for_a_while("temporary", spare, CopyType::UnSyncUnAssoc);
  succeed();
  scene.drop_relationship("temporary");
  scene.show("r2", SyncType::Mirror, Mode::Synchronous, source, spare, CopyState::Synchronized);
  Answer answer;
  answer.target_element = spare;
  answer.synchronization = RelationshipRef{"r2"};
  EXPECT_CLEAN(
      scene.judge.answered(Scene::create(SyncType::Mirror, Mode::Synchronous, source, spare),
                           answer, scene.window(), scene.inventory));
  for (int look = 0; look < 5; ++look) EXPECT_CLEAN(scene.observe());
}

// Over CIM-XML the path of an association names its two ends: the next one bears the same.
TEST_F(Jobs, APathIsBorneByTheNextRelationshipOfTheSameTwo) {
  const ElementRef spare = scene.volume("v2");
  AttachReplicaRequest attach = attach_for_a_while("v1-v2", spare, CopyType::UnSyncUnAssoc);
  succeed();
  scene.drop_relationship("v1-v2");
  scene.show("v1-v2", SyncType::Mirror, Mode::Asynchronous, source, spare, CopyState::Synchronized)
      .copy_type = CopyType::Async;
  attach.copy_type = CopyType::Async;
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.judge.answered(attach, Answer{}, scene.window(), scene.inventory));
  for (int look = 0; look < 5; ++look) EXPECT_CLEAN(scene.observe());

  // One that nobody asked for is not the next.
  Inventory wrong = scene.inventory;
  wrong.relationships.back().mode = Mode::Synchronous;
  EXPECT_BREACH("CER-05", Judge(before).answered(attach, Answer{}, scene.window(), wrong));
}

TEST_F(Jobs, APathIsBorneAgainAfterADetach) {
  const ElementRef target = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  ModifyReplicaSynchronizationRequest detach;
  detach.operation = Operation::Detach;
  detach.synchronization = RelationshipRef{"r1"};
  running();
  EXPECT_CLEAN(scene.judge.answered(detach, started(), scene.window(), scene.inventory));
  succeed();
  Judge before = scene.judge;
  EXPECT_BREACH("MRS-14", Judge(before).observed(scene.inventory, scene.tick()));
  scene.relationship("r1").copy_state = CopyState::Unsynchronized;
  Answer answer;
  answer.target_element = target;
  answer.synchronization = RelationshipRef{"r1"};
  EXPECT_CLEAN(
      scene.judge.answered(Scene::create(SyncType::Mirror, Mode::Synchronous, source, target),
                           answer, scene.window(), scene.inventory));
  for (int look = 0; look < 5; ++look) EXPECT_CLEAN(scene.observe());
}

TEST_F(Jobs, AnAttachThatStaysAfterItsJob) {
  const ElementRef spare = scene.volume("v2");
  attach_for_a_while("temporary", spare, std::nullopt);
  succeed();
  scene.relationship("temporary").copy_state = CopyState::Synchronized;
  EXPECT_BREACH("ATT-12", scene.observe());
}

// ATT-24: an attach may find done what an earlier one of the same two is still doing.
TEST_F(Jobs, TheSameTwoAreAttachedAgainWhileTheirJobRuns) {
  AttachReplicaRequest attach;
  attach.source_element = source;
  attach.target_element = scene.volume("v2");
  attach.copy_type = CopyType::Sync;
  running();
  scene.show("r1", SyncType::Mirror, Mode::Synchronous, source, *attach.target_element,
             CopyState::Unsynchronized);
  EXPECT_CLEAN(scene.judge.answered(attach, started(), scene.window(), scene.inventory));
  Judge before = scene.judge;
  EXPECT_CLEAN(scene.judge.answered(attach, Answer{}, scene.window(), scene.inventory));
  scene.drop_relationship("r1");
  EXPECT_BREACH("ATT-15", before.answered(attach, Answer{}, scene.window(), scene.inventory));
}

// CLR-47: at the call the second source was the target of an attach, of which nothing is left when
// the list is done.
TEST_F(Jobs, AListLeavesOutWhatWasAtFaultAtItsCall) {
  const ElementRef spare = scene.volume("v2");
  const ElementRef sound = scene.volume("v3");
  attach_for_a_while("temporary", spare, CopyType::UnSyncUnAssoc);
  JobView second = job();
  second.ref = JobRef{"j2"};
  scene.inventory.jobs.push_back(second);
  Answer answer = started();
  answer.job = second.ref;
  ReplicationSettingData settings;
  settings.on_group_or_list_error = OnError::Continue;
  CreateListReplicaRequest list;
  list.sync_type = SyncType::Clone;
  list.replication_setting_data = SettingDataParameter(settings);
  for (const bool suspect : {true, false}) {
    Scene here = scene;
    list.source_elements = {source, suspect ? spare : sound};
    EXPECT_CLEAN(here.judge.answered(list, answer, here.window(), here.inventory));
    here.drop_relationship("temporary");
    for (JobView& ended : here.inventory.jobs) {
      ended.state = JobState::Completed;
      ended.operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
    }
    ElementView made = Scene::element("made");
    here.inventory.elements.push_back(made);
    here.show("r1", SyncType::Clone, std::nullopt, source, made.ref, CopyState::Synchronized);
    if (suspect) {
      EXPECT_CLEAN(here.observe());
    } else {
      EXPECT_BREACH("CLR-25", here.observe());
    }
  }
}

// CLR-47, CLR-49: either entry of the same target may be the one at fault.
TEST_F(Jobs, AListLeavesOutWhatClashesWithAnotherEntry) {
  const ElementRef second = scene.volume("v2");
  const ElementRef target = scene.volume("v3");
  const ElementRef other = scene.volume("v4");
  running();
  ReplicationSettingData settings;
  settings.on_group_or_list_error = OnError::Continue;
  CreateListReplicaRequest list;
  list.sync_type = SyncType::Clone;
  list.source_elements = {source, second};
  list.replication_setting_data = SettingDataParameter(settings);
  for (const bool clash : {true, false}) {
    list.target_elements = {target, clash ? target : other};
    for (const ElementRef& made : *list.source_elements) {
      Scene here = scene;
      const bool first = made == source;
      EXPECT_FALSE(
          has_violation(here.judge.answered(list, started(), here.window(), here.inventory)));
      for (JobView& ended : here.inventory.jobs) {
        ended.state = JobState::Completed;
        ended.operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
      }
      here.show("r1", SyncType::Clone, std::nullopt, made, (*list.target_elements)[first ? 0 : 1],
                CopyState::Synchronized);
      if (clash) {
        EXPECT_CLEAN(here.observe());
      } else {
        EXPECT_BREACH("CLR-25", here.observe());
      }
    }
  }
}

TEST_F(Jobs, AJobRemovedEarlyWarns) {
  EXPECT_CLEAN(start());
  EXPECT_CLEAN(scene.observe());
  scene.inventory.jobs.clear();
  EXPECT_WARNING("GEN-12", scene.observe());
}

}  // namespace
}  // namespace lockstep::model::test
