// Which request made what appears, where several may have.
#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

namespace lockstep::model::test {
namespace {

// A relationship between a group of the sources and one of the targets, which appear with it.
void show_group(Scene& scene, const std::string& name, SyncType sync_type, CopyState state,
                const std::vector<ElementRef>& sources, const std::vector<ElementRef>& targets) {
  RelationshipView view;
  view.ref = RelationshipRef{name};
  view.relationship_class = RelationshipClass::GroupSynchronized;
  view.source_group = GroupRef{name + " sources"};
  view.target_group = GroupRef{name + " targets"};
  view.sync_type = sync_type;
  view.mode = Mode::Synchronous;
  view.copy_state = state;
  view.name = name;
  for (const auto& [ref, members] :
       {std::pair(*view.source_group, sources), std::pair(*view.target_group, targets)}) {
    GroupView group;
    group.ref = ref;
    group.members = members;
    scene.inventory.groups.push_back(group);
  }
  scene.inventory.relationships.push_back(view);
}

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
    test::show_group(scene, "copies", SyncType::Mirror, CopyState::Synchronized, {a, b}, targets);
  }
  // What has been seen while its job ran; the next look is to show the job's end.
  void see_all_of_the_group() {
    show_pair(a, a2, "copies a");
    show_pair(b, b2, "copies b");
    show_group({a2, b2});
    EXPECT_CLEAN(scene.observe());
    scene.end("of the group");
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
  see_all_of_the_group();
  const Scene shown = scene;
  for (const char* name : {"copies", "a2", "b2"}) scene.drop_relationship(name);
  Scene unasked = scene;
  EXPECT_CLEAN(scene.operate("copies", Operation::Detach, CopyState::Synchronized));
  EXPECT_BREACH("CGE-44", unasked.observe());
  scene = shown;
  scene.drop_relationship("b2");
  unasked = scene;
  EXPECT_CLEAN(scene.operate("b2", Operation::Detach, CopyState::Synchronized));
  EXPECT_BREACH("CGE-48", unasked.observe());
}

TEST_F(GroupBesideAnother, LosesASourceThatIsDeletedBeforeItsJobEnds) {
  see_all_of_the_group();
  Scene spoiled = scene;
  spoiled.inventory.groups.front().members = {a};
  EXPECT_BREACH("CGE-14", spoiled.observe());
  scene.drop_relationship("b2");
  scene.drop_element(b);
  ReturnToStoragePoolRequest deletion;
  deletion.element = b;
  const auto find = [&](const std::vector<ElementRef>& left) {
    scene.inventory.groups.front().members = left;
    Scene deleted = scene;
    return deleted.judge.answered(deletion, Answer{}, deleted.window(), deleted.inventory);
  };
  EXPECT_CLEAN(find({a}));
  EXPECT_TRUE(names(find({}), "CGE-14"));
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

// Which of two mirrors of one source is whose shows by the state that one was to be waited for in.
TEST(MirrorsOfOneSource, AreToldApartByTheirStates) {
  Scene scene;
  const ElementRef source = scene.volume("source");
  const auto show = [&](const std::string& name, CopyState state) {
    scene.inventory.elements.push_back(Scene::element(name));
    scene.show(name, SyncType::Mirror, Mode::Synchronous, source, volume_ref(name), state);
  };
  auto request = Scene::create(SyncType::Mirror, Mode::Synchronous, source);
  EXPECT_CLEAN(scene.start(request, "of the first"));
  request.wait_for_copy_state = CopyState::Inactive;
  EXPECT_CLEAN(scene.start(request, "of the second"));
  show("first", CopyState::Synchronized);
  show("second", CopyState::Inactive);
  scene.end("of the second");
  Scene spoiled = scene;
  EXPECT_CLEAN(scene.observe());
  spoiled.relationship("second").copy_state = CopyState::Synchronized;
  EXPECT_BREACH("CER-34", spoiled.observe());
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
    std::vector<ElementRef> targets;
    for (const ElementRef& source : {a, b}) {
      targets.push_back(volume_ref(name + " of " + source.path));
      scene.inventory.elements.push_back(Scene::element(targets.back().path));
      scene.show(targets.back().path, SyncType::Clone, Mode::Synchronous, source, targets.back(),
                 CopyState::Unsynchronized);
    }
    show_group(scene, name, SyncType::Clone, CopyState::Unsynchronized, {a, b}, targets);
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
