// Which request made what appears, where several may have.
#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

// A group create and a single create of one of its sources, both with a job.
class GroupBesideAnother : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef a = scene.volume("a");
  ElementRef b = scene.volume("b");
  ElementRef a2 = volume_ref("a2");
  ElementRef b2 = volume_ref("b2");

  GroupBesideAnother() {
    CreateGroupReplicaFromElementsRequest group;
    group.sync_type = SyncType::Mirror;
    group.mode = Mode::Synchronous;
    group.source_elements = {a, b};
    group.relationship_name = "copies";
    EXPECT_CLEAN(scene.start(group, "of the group"));
    EXPECT_CLEAN(
        scene.start(Scene::create(SyncType::Mirror, Mode::Synchronous, b), "of the other"));
  }
  void show_pair(const ElementRef& source, const ElementRef& target, const std::string& name) {
    ElementView element = Scene::element(target.path);
    element.element_name = name;
    scene.inventory.elements.push_back(element);
    scene.show(target.path, SyncType::Mirror, Mode::Synchronous, source, target,
               CopyState::Synchronized);
  }
  void show_group(const std::vector<ElementRef>& targets) {
    scene.inventory.groups.resize(2);
    scene.inventory.groups[0].ref = GroupRef{"g1"};
    scene.inventory.groups[0].members = {a, b};
    scene.inventory.groups[1].ref = GroupRef{"g2"};
    scene.inventory.groups[1].members = targets;
    RelationshipView group;
    group.ref = RelationshipRef{"rg"};
    group.relationship_class = RelationshipClass::GroupSynchronized;
    group.source_group = GroupRef{"g1"};
    group.target_group = GroupRef{"g2"};
    group.sync_type = SyncType::Mirror;
    group.mode = Mode::Synchronous;
    group.copy_state = CopyState::Synchronized;
    group.name = "copies";
    scene.inventory.relationships.push_back(group);
  }
};

TEST_F(GroupBesideAnother, ItsMembersTellWhichPairsAreIts) {
  show_pair(b, volume_ref("other"), "other");
  show_pair(a, a2, "copies a");
  show_pair(b, b2, "copies b");
  show_group({a2, b2});
  scene.end("of the group");
  scene.end("of the other");
  const Judge before = scene.judge;
  EXPECT_CLEAN(scene.observe());
  scene.judge = before;
  scene.inventory.groups.back().members.back() = a;
  EXPECT_BREACH("CGE-48", scene.observe());
  scene.judge = before;
  scene.inventory.groups.back().members.back() = b2;
  scene.inventory.elements.back().element_name = "something else";
  EXPECT_TRUE(names(scene.observe(), "CGE-21"));
}

// When the other is judged, either pair of b may be its.
TEST_F(GroupBesideAnother, MayShowItsPairsBeforeItself) {
  show_pair(b, b2, "copies b");
  show_pair(b, volume_ref("other"), "other");
  scene.end("of the other");
  EXPECT_CLEAN(scene.observe());
  EXPECT_CLEAN(scene.observe());
  show_pair(a, a2, "copies a");
  show_group({a2, b2});
  scene.end("of the group");
  EXPECT_CLEAN(scene.observe());
}

// What a judged request has got in exchange is remembered longer than the look that showed it.
TEST_F(GroupBesideAnother, ExchangesWithWhatIsJudgedWhileAThirdIsOpen) {
  EXPECT_CLEAN(scene.start(Scene::create(SyncType::Mirror, Mode::Synchronous, a), "of a third"));
  show_pair(b, b2, "copies b");
  show_pair(b, volume_ref("other"), "other");
  scene.end("of the other");
  EXPECT_CLEAN(scene.observe());
  show_pair(a, a2, "copies a");
  show_group({a2, b2});
  scene.end("of the group");
  for (int look = 0; look < 3; ++look) EXPECT_CLEAN(scene.observe());
  show_pair(a, volume_ref("third"), "third");
  scene.end("of a third");
  EXPECT_CLEAN(scene.observe());
}

// Of a job that completes while its relationships are ended, nothing but that is seen.
TEST_F(GroupBesideAnother, IsNotMissedOnceSomebodyHasEndedIt) {
  show_pair(a, a2, "copies a");
  show_pair(b, b2, "copies b");
  show_group({a2, b2});
  EXPECT_CLEAN(scene.observe());
  scene.end("of the group");
  const Judge before = scene.judge;
  const Inventory shown = scene.inventory;
  const auto drop = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) scene.drop_relationship(name);
  };
  drop({"rg", "a2", "b2"});
  EXPECT_CLEAN(scene.operate("rg", Operation::Detach, CopyState::Synchronized));
  scene.judge = before;
  EXPECT_BREACH("CGE-44", scene.observe());
  scene.judge = before;
  scene.inventory = shown;
  drop({"b2"});
  EXPECT_CLEAN(scene.operate("b2", Operation::Detach, CopyState::Synchronized));
  scene.judge = before;
  EXPECT_BREACH("CGE-48", scene.observe());
}

TEST_F(GroupBesideAnother, LosesASourceThatIsDeletedBeforeItsJobEnds) {
  show_pair(a, a2, "copies a");
  show_pair(b, b2, "copies b");
  show_group({a2, b2});
  EXPECT_CLEAN(scene.observe());
  scene.end("of the group");
  const Judge before = scene.judge;
  scene.inventory.groups[0].members = {a};
  EXPECT_BREACH("CGE-14", scene.observe());
  scene.judge = before;
  scene.drop_relationship("b2");
  scene.drop_element(b);
  ReturnToStoragePoolRequest deletion;
  deletion.element = b;
  const Findings findings =
      scene.judge.answered(deletion, Answer{}, scene.window(), scene.inventory);
  EXPECT_FALSE(names(findings, "CGE-14")) << text(findings);
}

// What was first taken for the group's.
TEST_F(GroupBesideAnother, LeavesTheOtherItsPair) {
  show_pair(b, volume_ref("other"), "other");
  EXPECT_CLEAN(scene.observe());
  scene.end("of the other");
  EXPECT_CLEAN(scene.observe());
  show_pair(a, a2, "copies a");
  scene.end("of the group");
  EXPECT_BREACH("CGE-48", [&] {
    show_group({a2, volume_ref("other")});
    return scene.observe();
  }());
}

// Clones that detach by themselves are gone with the look that shows those of the next request.
TEST(GroupsOfClones, AreNotTakenForThoseThatAreGone) {
  Capabilities capabilities = everything();
  capabilities.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
  capabilities.group_features.insert(GroupFeature::SynchronizedCloneDetachesAutomatically);
  Scene scene(capabilities);
  const ElementRef a = scene.volume("a");
  const ElementRef b = scene.volume("b");
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Clone;
  request.source_elements = {a, b};
  const auto show_clones = [&](const std::string& name) {
    GroupView sources;
    sources.ref = GroupRef{name + " sources"};
    sources.members = {a, b};
    GroupView targets;
    targets.ref = GroupRef{name + " targets"};
    for (const ElementRef& source : {a, b}) {
      const ElementRef target = volume_ref(name + " of " + source.path);
      scene.inventory.elements.push_back(Scene::element(target.path));
      targets.members.push_back(target);
      scene.show(target.path, SyncType::Clone, Mode::Synchronous, source, target,
                 CopyState::Unsynchronized);
    }
    scene.inventory.groups.push_back(sources);
    scene.inventory.groups.push_back(targets);
    RelationshipView group;
    group.ref = RelationshipRef{name};
    group.relationship_class = RelationshipClass::GroupSynchronized;
    group.source_group = sources.ref;
    group.target_group = targets.ref;
    group.sync_type = SyncType::Clone;
    group.mode = Mode::Synchronous;
    group.copy_state = CopyState::Unsynchronized;
    group.requested_copy_state = CopyState::NotApplicable;
    scene.inventory.relationships.push_back(group);
  };
  show_clones("first");
  CreateGroupReplicaFromElementsRequest waiting = request;
  waiting.wait_for_copy_state = CopyState::Synchronized;
  EXPECT_CLEAN(scene.start(waiting, "of the first"));
  scene.end("of the first");
  scene.inventory.relationships.clear();
  show_clones("second");
  EXPECT_CLEAN(scene.start(request, "of the second"));
}

}  // namespace
}  // namespace lockstep::model::test
