// After-effects of ModifyReplicaSynchronization and ModifyListSynchronization beside CopyState.
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

bool swapped(const RelationshipView& before, const RelationshipView& now) {
  return before.source_element == now.target_element &&
         before.target_element == now.source_element && before.source_group == now.target_group &&
         before.target_group == now.source_group;
}

void check_mode_reset(Look& look, const std::string& subject, const RelationshipView& now,
                      Mode wanted) {
  if (now.sync_type != SyncType::Mirror || !now.mode) return;
  // Adaptive may show that it acts synchronously (T-014).
  if (*now.mode == wanted || (wanted == Mode::Adaptive && *now.mode == Mode::Synchronous)) return;
  look.report.breach("MRS-23", subject, "Mode " + to_text(wanted), to_text(*now.mode));
}

void check_roles(Look& look, const std::string& subject, const Task& task,
                 const RelationshipView& before) {
  const RelationshipView* now = look.now.find(before.ref);
  if (now == nullptr && task.answer().updated_synchronization) {
    now = look.now.find(*task.answer().updated_synchronization);
  }
  if (now == nullptr) {
    for (const RelationshipView& view : look.now.relationships) {
      if (swapped(before, view)) now = &view;
    }
  }
  if (now == nullptr || !swapped(before, *now)) {
    look.report.breach("MRS-25", subject, "the two ends swapped",
                       now == nullptr ? "no such relationship" : "the ends it had");
  }
}

void check_target_returned(Look& look, const std::string& subject, const RelationshipView& before) {
  if (before.target_element && look.now.find(*before.target_element) != nullptr) {
    look.report.breach("MRS-24", subject, "the target " + before.target_element->path + " gone",
                       "still there");
  }
}

void check_one(Look& look, const Task& task, Operation operation, const RelationshipView& before) {
  const auto subject = [&] { return subject_of(task.request()) + ", " + subject_of(before); };
  const RelationshipView* now = look.now.find(before.ref);
  const bool own_state = before.relationship_class == RelationshipClass::StorageSynchronized;
  switch (operation) {
    case Operation::Detach:
    case Operation::Dissolve:
      if (now != nullptr && (before.sync_type != SyncType::Snapshot || own_state)) {
        // Whether it was refused without saying so is judged by its CopyState; here it still
        // exists.
        look.report.breach(operation == Operation::Detach ? "MRS-14" : "MRS-15", subject(),
                           "the relationship gone", "still there");
      }
      break;
    case Operation::ReturnToResourcePool:
      if (now != nullptr) {
        look.report.breach("MRS-24", subject(), "the relationship gone", "still there");
      }
      check_target_returned(look, subject(), before);
      break;
    case Operation::ReverseRoles:
      check_roles(look, subject(), task, before);
      break;
    case Operation::ResetToSync:
      if (now != nullptr) check_mode_reset(look, subject(), *now, Mode::Synchronous);
      break;
    case Operation::ResetToAsync:
      if (now != nullptr) check_mode_reset(look, subject(), *now, Mode::Asynchronous);
      break;
    case Operation::ResetToAdaptive:
      if (now != nullptr) check_mode_reset(look, subject(), *now, Mode::Adaptive);
      break;
    case Operation::ActivateConsistency:
      if (now != nullptr && now->consistency_enabled == false) {
        look.report.breach("MRS-09", subject(), "ConsistencyEnabled true", "false");
      }
      break;
    case Operation::DeactivateConsistency:
      if (now != nullptr && now->consistency_enabled == true) {
        look.report.breach("MRS-12", subject(), "ConsistencyEnabled false", "true");
      }
      break;
    default:
      break;
  }
}

// The operation was to be refused wherever the relationship was; success then is a no-op.
bool was_no_op(const RelationshipView& before, Operation operation) {
  const auto event = event_of(operation);
  if (!event) return false;
  const StateSet states =
      StateSet::of(before.sync_type, before.mode, PlaceSet::of(before.copy_state));
  bool refused = states.known();
  states.for_each_kind([&](MachineKind kind, PlaceSet places) {
    places.for_each([&](Place place) {
      const Reaction reaction = reaction_of(kind, place, *event);
      refused = refused && (reaction == Reaction::Refuse || reaction == Reaction::Unsupported);
    });
  });
  return refused;
}

bool holds(const Inventory& inventory, const std::optional<GroupRef>& ref,
           const std::optional<ElementRef>& element) {
  const GroupView* group = ref ? inventory.find(*ref) : nullptr;
  return group != nullptr && element &&
         std::ranges::find(group->members, *element) != group->members.end();
}

void check_pair(Look& look, const Task& task, Operation operation) {
  const auto* request = std::get_if<ModifyReplicaSynchronizationRequest>(&task.request());
  if (request == nullptr || !request->sync_pair || !request->synchronization) return;
  const RelationshipView* group = look.now.find(*request->synchronization);
  const RelationshipView* pair = look.now.find(*request->sync_pair);
  const bool add = operation == Operation::AddSyncPair;
  const auto subject = [&] { return subject_of(task.request()); };
  if (pair == nullptr) {
    look.report.breach(add ? "MRS-11" : "MRS-19", subject(), "the pair still related",
                       request->sync_pair->path + " is gone");
    return;
  }
  if (group == nullptr) return;
  const bool source = holds(look.now, group->source_group, pair->source_element);
  const bool target = holds(look.now, group->target_group, pair->target_element);
  if (add && (!source || !target)) {
    look.report.breach("MRS-11", subject(), "the pair in both groups", "not in both");
  } else if (!add && (source || target)) {
    look.report.breach("MRS-19", subject(), "the pair in neither group", "still a member");
  }
}

}  // namespace

void check_modify_effects(Look& look, Task& task) {
  const auto operation = operation_of(task.request());
  if (!operation) return;
  if (*operation == Operation::AddSyncPair || *operation == Operation::RemoveSyncPair) {
    check_pair(look, task, *operation);
    return;
  }
  for (const RelationshipView* before : task.operated) {
    if (overtaken(task, before->ref)) continue;
    if (!was_no_op(*before, *operation)) check_one(look, task, *operation, *before);
  }
}

}  // namespace lockstep::model
