#include "model/core/follow.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::model {
namespace {

StateSet states_as_shown(const RelationshipView& view) {
  PlaceSet places;
  if (view.copy_state) places.add(view.copy_state);
  // A state that is not shown may be any.
  if (places.empty()) places = states_of(MachineKind::MirrorSync);
  return StateSet::of(view.sync_type, view.mode, places);
}

}  // namespace

void adopt_inventory(World& world, Content& content, const SharedInventory& taken) {
  world.relations.clear();
  world.tasks.clear();
  world.judged_creates.clear();
  world.stood = false;
  world.properties_fit = false;
  world.groups_fit = false;
  world.take(taken);
  const Inventory& inventory = *taken;
  for (const ElementView& element : inventory.elements) {
    content.know(element.ref, element.blocks, element.block_size, false);
  }
  for (std::size_t i = 0; i < inventory.relationships.size(); ++i) {
    const RelationshipView& view = inventory.relationships[i];
    const auto [at, inserted] = world.relations.add(view);
    if (inserted) {  // of two under one path the first counts
      at->copy_state = view.copy_state;
      at->position = i;
      at->states = states_as_shown(view);
      at->temporary = view.copy_type == CopyType::UnSyncUnAssoc;
      // What has happened before is not known.
      at->trouble = kAnyTrouble;
    }
    if (!view.source_element || !view.target_element) continue;
    CopyLook copy;
    copy.ref = &view.ref;
    copy.source = content.number_of(*view.source_element);
    copy.target = content.number_of(*view.target_element);
    copy.seen = view.copy_state;
    copy.was = view.copy_state;
    copy.fresh = true;
    copy.trouble = true;
    content.look(copy);
  }
}

void place_relations(Look& look) {
  if (look.aligned.relationships.same()) return;
  for (Relation& relation : look.world.relations) {
    relation.position = look.aligned.relationships.place(relation.position);
  }
}

namespace {

// Keeps the creates that end now, for as long as another is open that may have made what is taken
// for theirs.
void remember_creates(Look& look) {
  World& world = look.world;
  const auto may_be_of = [&](Instant judged) {
    return std::ranges::any_of(world.tasks, [&](const Task& task) {
      return task.info() && !task.has_ended() && task.window.issued <= judged;
    });
  };
  std::erase_if(world.judged_creates, [&](const Task& task) { return !may_be_of(*task.judged); });
  if (!may_be_of(look.at)) return;
  for (Task& task : world.tasks) {
    if (!task.info() || !task.has_ended() || task.relationships.size() == 0) continue;
    task.judged = look.at;
    world.judged_creates.push_back(std::move(task));
  }
  constexpr std::size_t kMost = 16;
  if (world.judged_creates.size() > kMost) {
    world.judged_creates.erase(world.judged_creates.begin(), world.judged_creates.end() - kMost);
  }
}

bool is_on_its_way(const RelationshipView& view) {
  return view.requested_copy_state && view.requested_copy_state != CopyState::NotApplicable &&
         view.requested_copy_state != view.copy_state;
}

// What a refused list has begun all the same has no job: that it goes on is seen by its
// relationships alone.
bool goes_on(const Look& look, const Task& task) {
  if (task.stage != Task::Stage::Failed || task.answer().accepted()) return false;
  return std::ranges::any_of(task.operated, [&](const RelationshipView* asked) {
    const RelationshipView* view = look.now.find(asked->ref);
    return view != nullptr && is_on_its_way(*view);
  });
}

}  // namespace

void follow(Look& look, const Refusal& refused) {
  World& world = look.world;
  place_relations(look);
  check_jobs(look);
  advance_tasks(look);
  explain_changes(look, refused);
  check_states(look, refused);
  check_properties(look);
  check_groups(look);
  for (Task& task : world.tasks) {
    if (task.stage == Task::Stage::Completed) check_effects(look, task);
    if (task.stage == Task::Stage::Failed) check_refused_list(look, task);
  }
  settle_relations(look);
  remember_creates(look);
  std::erase_if(world.tasks,
                [&](const Task& task) { return task.has_ended() && !goes_on(look, task); });
  // A request of unknown fate explains less the longer nothing comes of it; but it may still be
  // carried out, so only a bound on their number ends it.
  constexpr std::size_t kMostTasks = 64;
  if (world.tasks.size() > kMostTasks) {
    world.tasks.erase(world.tasks.begin(),
                      world.tasks.end() - static_cast<std::ptrdiff_t>(kMostTasks));
  }
  for (auto* const tasks : {&world.tasks, &world.judged_creates}) {
    for (Task& task : *tasks) task.keep(look.shared_now);
  }
  world.take(std::move(look.shared_now), look.aligned);
  world.restarted = false;
  world.stood = look.stands;
}

void check_effects(Look& look, Task& task) {
  switch (task.method) {
    case Method::CreateElementReplica:
    case Method::CreateListReplica:
    case Method::CreateReplica:
      check_create_effects(look, task);
      break;
    case Method::CreateGroupReplicaFromElements:
      check_group_create_effects(look, task);
      break;
    case Method::AttachReplica:
      check_attach_effects(look, task);
      break;
    case Method::ModifyReplicaSynchronization:
    case Method::ModifyListSynchronization:
      check_modify_effects(look, task);
      break;
    case Method::CreateGroup:
    case Method::DeleteGroup:
    case Method::AddMembers:
    case Method::RemoveMembers:
      check_collection_effects(look, task);
      break;
    case Method::CreateVolume:
    case Method::ReturnToStoragePool:
      check_volume_effects(look, task);
      break;
    case Method::RequestJobStateChange:
      break;
  }
}

}  // namespace lockstep::model
