// Which relationships have appeared or are gone since the last look, and which request explains it.
#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"
#include "model/core/makers.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

// --- that appeared ---

// A relationship that ReverseRoles shows under another path.
const Relation* reversed(const Look& look, const RelationshipView& view) {
  for (const Task& task : look.world.tasks) {
    if (operation_of(task.request()) != Operation::ReverseRoles) continue;
    for (const RelationshipView* old : task.operated) {
      const bool swapped = old->source_element == view.target_element &&
                           old->target_element == view.source_element &&
                           old->source_group == view.target_group &&
                           old->target_group == view.source_group;
      if (swapped && look.now.find(old->ref) == nullptr) return look.world.relation(old->ref);
    }
  }
  return nullptr;
}

PlaceSet first_places(const Task* task) {
  constexpr PlaceSet kUnspecified{CopyState::Initialized, CopyState::Unsynchronized,
                                  CopyState::Synchronized, CopyState::Inactive,
                                  CopyState::Prepared};
  PlaceSet places = kUnspecified;
  if (task == nullptr) return places;
  const auto& info = task->info();
  if (info && info->wait) {
    places = PlaceSet::of(info->wait);
    // Until the job has ended, any state on the way.
    if (task->stage != Task::Stage::Completed) places |= kUnspecified;
  }
  if (task->stage == Task::Stage::Failed || task->stage == Task::Stage::Unknown) {
    places |= PlaceSet{CopyState::Broken, CopyState::Aborted};
  }
  return places;
}

void begin_relation(Look& look, const RelationshipView& view, const Task* task) {
  const CreateInfo* const info = task != nullptr && task->info() ? &*task->info() : nullptr;
  std::optional<Relation> old;
  if (const Relation* const found = reversed(look, view)) old = *found;
  const auto [at, inserted] = look.world.relations.add(view);
  Relation& relation = *at;
  // Of two under one path the first counts.
  const std::size_t twin = inserted ? Relation::kGone : relation.position;
  if (old) {
    relation = *old;
  } else {
    if (!inserted) relation = Relation{};
    relation.temporary = view.copy_type == CopyType::UnSyncUnAssoc ||
                         (info && info->copy_type == CopyType::UnSyncUnAssoc);
  }
  relation.view = &view;
  relation.fresh = true;
  relation.at_rest = false;
  relation.source = 0;
  if (!relation.states.known()) {
    relation.states = StateSet::of(view.sync_type, view.mode, first_places(task));
  }
  // The view is of this look; what it showed before is not known.
  relation.copy_state.reset();
  const auto position = static_cast<std::size_t>(&view - look.now.relationships.data());
  relation.position = std::min(position, twin);
  relation.appeared = look.at;
}

void judge_unasked(Look& look, const RelationshipView& view, const Refusal& refused) {
  const std::string state = view.copy_state ? to_text(*view.copy_state) : "no CopyState";
  if (refused.request != nullptr) {
    const auto info = create_info(*refused.request);
    const bool group =
        info && is_group(view) && info->method == Method::CreateGroupReplicaFromElements;
    if (info && (group || joins(*info, view))) {
      const bool unfinished = view.copy_state == CopyState::Broken ||
                              view.copy_state == CopyState::Aborted ||
                              info->method == Method::CreateListReplica ||
                              info->method == Method::CreateGroupReplicaFromElements;
      const bool stale =
          !refused.answer->cim_status && refused.answer->code == ReturnCode::CacheOutOfDate;
      const std::string_view clause = stale ? "MCR-34" : unfinished ? "GEN-08" : "GEN-07";
      look.report.breach(clause, subject_of(*refused.request),
                         "no new relationship after " + code_text(*refused.answer),
                         view.ref.path + ", " + state);
      return;
    }
  }
  look.report.breach("T-001", subject_of(view), "no relationship that nobody asked for",
                     "appeared, " + state);
}

void new_relationships(Look& look, const Refusal& refused, bool replaced) {
  // What was there before is known, unless it has just been replaced.
  Views fresh;
  for (std::size_t i = 0; i < look.now.relationships.size(); ++i) {
    const RelationshipView& view = look.now.relationships[i];
    const bool known = look.aligned.relationships.earlier(i) != nullptr &&
                       (!replaced || look.world.relation(view.ref) != nullptr);
    if (!known) fresh.push_back(&view);
  }
  const Makers makers = find_makers(look, fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (makers[i] != nullptr) begin_relation(look, *fresh[i], makers[i]);
  }
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const RelationshipView* const view = fresh[i];
    if (makers[i] != nullptr) continue;
    if (reversed(look, *view) == nullptr) judge_unasked(look, *view, refused);
    begin_relation(look, *view, nullptr);
    Relation& relation = *look.world.relations.find(view->ref);
    if (relation.copy_state != view->copy_state) {
      // Nobody asked for it, which has been said; follow it from where it is.
      relation.states = StateSet::of(view->sync_type, view->mode, PlaceSet::of(view->copy_state));
      if (!view->copy_state) relation.states.reset(states_of(MachineKind::MirrorSync));
    }
  }
}

// --- that are gone ---

bool ends_relationship(Operation operation) {
  return operation == Operation::Detach || operation == Operation::Dissolve ||
         operation == Operation::ReturnToResourcePool || operation == Operation::Abort ||
         operation == Operation::ReverseRoles;
}

bool explains_end(const Task& task, const RelationshipView& view) {
  const auto operation = operation_of(task.request());
  if (operation && ends_relationship(*operation) && works_on(task, view.ref)) return true;
  if (task.method == Method::ReturnToStoragePool) {
    const auto& element = std::get<ReturnToStoragePoolRequest>(task.request()).element;
    return view.source_element == element || view.target_element == element;
  }
  // Halting a job may take its relationship along (JOB-10); a failed create may be undone.
  if (task.method == Method::RequestJobStateChange) return true;
  const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
  return undone && task.relationships.contains(view.ref);
}

std::optional<Event> ending_event(const Look& look, const RelationshipView& view) {
  for (const Task& task : look.world.tasks) {
    const auto operation = operation_of(task.request());
    if (operation && works_on(task, view.ref)) return event_of(*operation);
  }
  return std::nullopt;
}

void tell_content(Look& look, const Relation& relation, std::optional<Event> event) {
  const RelationshipView& view = *relation.view;
  if (!view.source_element || !view.target_element) return;
  CopyLook copy;
  copy.ref = &view.ref;
  copy.kind = relation.states.single_kind();
  if (!copy.kind && relation.states.known()) copy.kind = MachineKind::MirrorAsync;
  copy.source = look.content.number_of(*view.source_element);
  copy.target = look.content.number_of(*view.target_element);
  copy.was = view.copy_state;
  copy.seen = machine::kNowhere;
  copy.operation = event;
  copy.asked = Window{look.previous_at, look.at};
  copy.immediate = false;
  for (const Task& task : look.world.tasks) {
    if (!works_on(task, view.ref)) continue;
    copy.asked = task.window;
    copy.immediate = task.answer().completed();
  }
  copy.trouble = look.world.trouble_of(relation).faults;
  copy.previous = look.previous_at;
  copy.at = look.at;
  look.content.look(copy);
}

// Where it may have come to, unseen, before it was gone.
StateSet states_before_end(const Look& look, const Relation& relation) {
  const Trouble trouble = look.world.trouble_of(relation);
  StateSet states = relation.states;
  states.drift(trouble);
  for (const Task& task : look.world.tasks) {
    const auto operation = operation_of(task.request());
    const auto event = operation ? event_of(*operation) : std::nullopt;
    if (!event || !works_on(task, relation.view->ref)) continue;
    states.operate(*event);
    states.drift(trouble);
  }
  return states;
}

bool is_deletion_of_end(const Task& task, const RelationshipView& view) {
  return task.method == Method::ReturnToStoragePool && explains_end(task, view);
}

// Forgets a relationship that is there no more.
void end_relation(Look& look, const Relation& relation) {
  const auto event = ending_event(look, *relation.view);
  cover(look, relation.states, relation.states.places(), machine::kNowhere, event);
  // To the bytes the deletion of an end is as a Dissolve: it waits for no copy.
  const bool deleted = std::ranges::any_of(
      look.world.tasks, [&](const Task& task) { return is_deletion_of_end(task, *relation.view); });
  tell_content(look, relation, !event && deleted ? Event::Dissolve : event);
  look.world.relations.erase(relation);
}

// Whether what bore this path is at its end: its copy done, or its end asked for and achieved.
bool has_ended(const Look& look, const Relation& relation) {
  const RelationshipView& view = *relation.view;
  if (relation.temporary && std::ranges::none_of(look.world.tasks, [&](const Task& task) {
        return task.relationships.contains(view.ref) && !task.has_ended();
      })) {
    return true;
  }
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    return operation_of(task.request()) != Operation::ReverseRoles && task.has_ended() &&
           explains_end(task, view);
  });
}

// Whether a request for exactly these two elements has its relationship to come.
bool is_asked_anew(const Look& look, const RelationshipView& view) {
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto& info = task.info();
    return info && view.target_element && !info->targets.empty() &&
           !task.relationships.contains(view.ref) && awaits(look, task, view);
  });
}

// Where a path is made of the two elements, as that of an association is, one relationship may end
// and the next begin under it between two looks.
// Whether there was one.
bool replaced_relationships(Look& look) {
  // Only a request that names the targets can come upon a path that is in use.
  const bool may_be = std::ranges::any_of(look.world.tasks, [](const Task& task) {
    const auto& info = task.info();
    return info && !info->targets.empty();
  });
  if (!may_be) return false;
  bool any = false;
  for (const RelationshipView& view : look.now.relationships) {
    const Relation* const relation = look.world.relation(view.ref);
    if (relation == nullptr || is_group(view)) continue;
    if (!has_ended(look, *relation) || !is_asked_anew(look, view)) continue;
    for (Task& task : look.world.tasks) {
      task.relationships.erase(view.ref);
      if (works_on(task, view.ref)) task.overtaken.push_back(view.ref);
    }
    end_relation(look, *relation);
    any = true;
  }
  return any;
}

void gone_relationships(Look& look) {
  Views gone;
  for (const Relation& relation : look.world.relations) {
    if (relation.position == Relation::kGone) gone.push_back(relation.view);
  }
  for (const RelationshipView* const view : gone) {
    const Relation& relation = *look.world.relations.find(view->ref);
    const bool asked = std::ranges::any_of(
        look.world.tasks, [&](const Task& task) { return explains_end(task, *relation.view); });
    const bool automatic = !relation.states.known() || relation.temporary ||
                           states_before_end(look, relation).places().contains(machine::kNowhere);
    // A group's relationship ends with the last of its members.
    const bool with_members = is_group(*relation.view) && gone.size() > 1;
    if (!asked && !automatic && !with_members) {
      look.report.breach("T-015", subject_of(*relation.view),
                         "to stay: nobody ended it, and nothing lets it end by itself",
                         "gone from " + text_of(relation.states.places()));
    }
    end_relation(look, relation);
  }
}

}  // namespace

void explain_relationships(Look& look, const Refusal& refused) {
  const bool replaced = replaced_relationships(look);
  const bool same = look.aligned.relationships.same() && !replaced;
  if (same) {
    // What has ended since may turn out to have made what is taken for another's.
    static_cast<void>(find_makers(look, {}));
    return;
  }
  new_relationships(look, refused, replaced);
  gone_relationships(look);
}

}  // namespace lockstep::model
