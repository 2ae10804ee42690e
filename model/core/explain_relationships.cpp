// Which relationships have appeared or are gone since the last look, and which request explains it.
#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

template <class List, class T>
bool has(const List& list, const T& wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

// --- that appeared ---

// The request's own kind of copy. A mirror may act, and show, synchronously where it was asked to
// be adaptive (T-014).
bool is_of_kind(const CreateInfo& info, const RelationshipView& view) {
  if (info.sync_type && view.sync_type && info.sync_type != view.sync_type) return false;
  if (info.copy_type && view.copy_type && info.copy_type != view.copy_type) return false;
  // What an attach leaves to the service is a snapshot or a clone (ATT-11, ATT-12).
  if (info.copy_type && !info.sync_type && view.sync_type == SyncType::Mirror) return false;
  const bool said = info.mode && view.mode && view.mode != Mode::Unknown;
  return !said || info.mode == view.mode || info.mode == Mode::Adaptive;
}

bool joins(const CreateInfo& info, const RelationshipView& view) {
  if (!view.source_element || !has(info.sources, *view.source_element)) return false;
  if (info.targets.empty() || !view.target_element) return true;
  return has(info.targets, *view.target_element);
}

bool is_group(const RelationshipView& view) {
  return view.relationship_class == RelationshipClass::GroupSynchronized;
}

// Whether the task wants one more relationship like this. `loosely`: any ends will do, so that
// wrong ends are reported as such and not as a relationship out of nowhere.
bool wants(const Look& look, const Task& task, const RelationshipView& view, bool loosely) {
  const auto& info = task.info();
  if (!info) return false;
  std::size_t groups = 0;
  for (const RelationshipRef& ref : task.relationships) {
    const RelationshipView* claimed = look.now.find(ref);
    if (claimed != nullptr && is_group(*claimed)) ++groups;
  }
  if (is_group(view)) {
    return info->method == Method::CreateGroupReplicaFromElements && groups == 0;
  }
  // Each entry of a list makes one pair, so that two requests for the same sources share them out.
  const bool entry_by_entry = !info->target_group && info->targets.size() <= info->sources.size();
  if (!loosely && entry_by_entry && view.source_element) {
    const auto same_source = [&](const RelationshipRef& ref) {
      const RelationshipView* pair = look.now.find(ref);
      return pair != nullptr && pair->source_element == view.source_element;
    };
    const auto made =
        std::count_if(task.relationships.begin(), task.relationships.end(), same_source);
    if (made >= std::ranges::count(info->sources, *view.source_element)) return false;
  }
  const std::size_t claimed = task.relationships.size() - groups;
  const std::size_t wanted = std::max(info->sources.size(), info->targets.size());
  // One source to a group of many targets makes more pairs than sources.
  const bool room = claimed < wanted || info->target_group != nullptr;
  return room && (loosely || joins(*info, view));
}

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

void begin_relation(Look& look, const RelationshipView& view, Task* task) {
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
  if (task != nullptr) task->relationships.push_back(view.ref);
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
  std::vector<const RelationshipView*> fresh;
  for (std::size_t i = 0; i < look.now.relationships.size(); ++i) {
    const RelationshipView& view = look.now.relationships[i];
    const bool known = look.aligned.relationships.earlier(i) != nullptr &&
                       (!replaced || look.world.relation(view.ref) != nullptr);
    if (!known) fresh.push_back(&view);
  }
  // Of several requests that may have made it, first one of its kind whose job has ended: some
  // services show a relationship only then (CER-50).
  enum class Choice : std::uint8_t { Ended, OfItsKind, Fitting, Any };
  for (const Choice choice : {Choice::Ended, Choice::OfItsKind, Choice::Fitting, Choice::Any}) {
    for (const RelationshipView*& view : fresh) {
      if (view == nullptr) continue;
      const auto task = std::ranges::find_if(look.world.tasks, [&](const Task& candidate) {
        const auto& info = candidate.info();
        if (!info || (choice <= Choice::OfItsKind && !is_of_kind(*info, *view))) return false;
        const bool ended =
            candidate.stage == Task::Stage::Completed || candidate.stage == Task::Stage::Failed;
        if (choice == Choice::Ended && !ended) return false;
        return wants(look, candidate, *view, choice == Choice::Any);
      });
      if (task != look.world.tasks.end()) {
        begin_relation(look, *view, &*task);
        view = nullptr;
      }
    }
  }
  for (const RelationshipView* view : fresh) {
    if (view == nullptr) continue;
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
  const auto ended = [](const Task& task) {
    return task.stage == Task::Stage::Completed || task.stage == Task::Stage::Failed;
  };
  if (relation.temporary && std::ranges::none_of(look.world.tasks, [&](const Task& task) {
        return task.relationships.contains(view.ref) && !ended(task);
      })) {
    return true;
  }
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    return operation_of(task.request()) != Operation::ReverseRoles && ended(task) &&
           explains_end(task, view);
  });
}

// Whether a request for exactly these two elements has its relationship to come.
bool is_asked_anew(const Look& look, const RelationshipView& view) {
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto& info = task.info();
    return info && view.target_element && has(info->targets, *view.target_element) &&
           !task.relationships.contains(view.ref) && is_of_kind(*info, view) &&
           wants(look, task, view, false);
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
  std::vector<const RelationshipView*> gone;
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
  if (look.aligned.relationships.same() && !replaced) return;
  new_relationships(look, refused, replaced);
  gone_relationships(look);
}

}  // namespace lockstep::model
