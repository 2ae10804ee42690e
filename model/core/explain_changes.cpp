// What has appeared or is gone since the last look, and which request explains it.
#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

template <class T>
bool has(const std::vector<T>& list, const T& wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

// --- relationships that appeared ---

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
  const auto info = create_info(task.request);
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
    const auto made = std::ranges::count_if(task.relationships, same_source);
    if (made >= std::ranges::count(info->sources, *view.source_element)) return false;
  }
  const std::size_t claimed = task.relationships.size() - groups;
  const std::size_t wanted = std::max(info->sources.size(), info->targets.size());
  // One source to a group of many targets makes more pairs than sources.
  const bool room = claimed < wanted || info->target_group.has_value();
  return room && (loosely || joins(*info, view));
}

// A relationship that ReverseRoles shows under another path.
const Relation* reversed(const Look& look, const RelationshipView& view) {
  for (const Task& task : look.world.tasks) {
    if (operation_of(task.request) != Operation::ReverseRoles) continue;
    for (const RelationshipView& old : task.operated) {
      const bool swapped =
          old.source_element == view.target_element && old.target_element == view.source_element &&
          old.source_group == view.target_group && old.target_group == view.source_group;
      if (swapped && look.now.find(old.ref) == nullptr) return look.world.relation(old.ref);
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
  const auto info = create_info(task->request);
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
  Relation relation;
  const auto info = task != nullptr ? create_info(task->request) : std::nullopt;
  relation.temporary = view.copy_type == CopyType::UnSyncUnAssoc ||
                       (info && info->copy_type == CopyType::UnSyncUnAssoc);
  if (const Relation* old = reversed(look, view)) relation = *old;
  relation.view = view;
  relation.fresh = true;
  if (!relation.states.known()) {
    relation.states = StateSet::of(view.sync_type, view.mode, first_places(task));
  }
  // The view is of this look; what it showed before is not known.
  relation.view.copy_state.reset();
  look.world.relations.insert_or_assign(view.ref, std::move(relation));
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

void new_relationships(Look& look, const Refusal& refused) {
  std::vector<const RelationshipView*> fresh;
  for (const RelationshipView& view : look.now.relationships) {
    if (!look.world.relations.contains(view.ref)) fresh.push_back(&view);
  }
  // Of several requests that may have made it, first one of its kind whose job has ended: some
  // services show a relationship only then (CER-50).
  enum class Choice : std::uint8_t { Ended, OfItsKind, Fitting, Any };
  for (const Choice choice : {Choice::Ended, Choice::OfItsKind, Choice::Fitting, Choice::Any}) {
    for (const RelationshipView*& view : fresh) {
      if (view == nullptr) continue;
      const auto task = std::ranges::find_if(look.world.tasks, [&](const Task& candidate) {
        const auto info = create_info(candidate.request);
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
    Relation& relation = look.world.relations.at(view->ref);
    if (relation.view.copy_state != view->copy_state) {
      // Nobody asked for it, which has been said; follow it from where it is.
      relation.states = StateSet::of(view->sync_type, view->mode, PlaceSet::of(view->copy_state));
      if (!view->copy_state) relation.states.reset(states_of(MachineKind::MirrorSync));
    }
  }
}

// --- relationships that are gone ---

bool ends_relationship(Operation operation) {
  return operation == Operation::Detach || operation == Operation::Dissolve ||
         operation == Operation::ReturnToResourcePool || operation == Operation::Abort ||
         operation == Operation::ReverseRoles;
}

bool explains_end(const Task& task, const RelationshipView& view) {
  const auto operation = operation_of(task.request);
  if (operation && ends_relationship(*operation) && works_on(task, view.ref)) return true;
  if (task.method == Method::ReturnToStoragePool) {
    const auto& element = std::get<ReturnToStoragePoolRequest>(task.request).element;
    return view.source_element == element || view.target_element == element;
  }
  // Halting a job may take its relationship along (JOB-10); a failed create may be undone.
  if (task.method == Method::RequestJobStateChange) return true;
  const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
  return undone && has(task.relationships, view.ref);
}

std::optional<Event> ending_event(const Look& look, const RelationshipView& view) {
  for (const Task& task : look.world.tasks) {
    const auto operation = operation_of(task.request);
    if (operation && works_on(task, view.ref)) return event_of(*operation);
  }
  return std::nullopt;
}

void tell_content(Look& look, const Relation& relation, std::optional<Event> event) {
  const RelationshipView& view = relation.view;
  if (!view.source_element || !view.target_element) return;
  CopyLook copy;
  copy.ref = view.ref;
  copy.kind = relation.states.single_kind();
  if (!copy.kind && relation.states.known()) copy.kind = MachineKind::MirrorAsync;
  copy.source = *view.source_element;
  copy.target = *view.target_element;
  copy.was = view.copy_state;
  copy.seen = machine::kNowhere;
  copy.operation = event;
  copy.asked = Window{look.previous_at, look.at};
  copy.immediate = false;
  for (const Task& task : look.world.tasks) {
    if (!works_on(task, view.ref)) continue;
    copy.asked = task.window;
    copy.immediate = task.answer.completed();
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
    const auto operation = operation_of(task.request);
    const auto event = operation ? event_of(*operation) : std::nullopt;
    if (!event || !works_on(task, relation.view.ref)) continue;
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
  const RelationshipRef ref = relation.view.ref;
  const auto event = ending_event(look, relation.view);
  cover(look, relation.states, relation.states.places(), machine::kNowhere, event);
  // To the bytes the deletion of an end is as a Dissolve: it waits for no copy.
  const bool deleted = std::ranges::any_of(
      look.world.tasks, [&](const Task& task) { return is_deletion_of_end(task, relation.view); });
  tell_content(look, relation, !event && deleted ? Event::Dissolve : event);
  look.world.relations.erase(ref);
}

// Whether what bore this path is at its end: its copy done, or its end asked for and achieved.
bool has_ended(const Look& look, const Relation& relation) {
  const RelationshipView& view = relation.view;
  const auto ended = [](const Task& task) {
    return task.stage == Task::Stage::Completed || task.stage == Task::Stage::Failed;
  };
  if (relation.temporary && std::ranges::none_of(look.world.tasks, [&](const Task& task) {
        return has(task.relationships, view.ref) && !ended(task);
      })) {
    return true;
  }
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    return operation_of(task.request) != Operation::ReverseRoles && ended(task) &&
           explains_end(task, view);
  });
}

// Whether a request for exactly these two elements has its relationship to come.
bool is_asked_anew(const Look& look, const RelationshipView& view) {
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto info = create_info(task.request);
    return info && view.target_element && has(info->targets, *view.target_element) &&
           !has(task.relationships, view.ref) && is_of_kind(*info, view) &&
           wants(look, task, view, false);
  });
}

// Where a path is made of the two elements, as that of an association is, one relationship may end
// and the next begin under it between two looks.
void replaced_relationships(Look& look) {
  for (const RelationshipView& view : look.now.relationships) {
    const Relation* const relation = look.world.relation(view.ref);
    if (relation == nullptr || is_group(view)) continue;
    if (!has_ended(look, *relation) || !is_asked_anew(look, view)) continue;
    for (Task& task : look.world.tasks) {
      std::erase(task.relationships, view.ref);
      if (works_on(task, view.ref)) task.overtaken.push_back(view.ref);
    }
    end_relation(look, *relation);
  }
}

void gone_relationships(Look& look) {
  std::vector<RelationshipRef> gone;
  for (const auto& [ref, relation] : look.world.relations) {
    if (look.now.find(ref) == nullptr) gone.push_back(ref);
  }
  for (const RelationshipRef& ref : gone) {
    const Relation& relation = look.world.relations.at(ref);
    const bool asked = std::ranges::any_of(
        look.world.tasks, [&](const Task& task) { return explains_end(task, relation.view); });
    const bool automatic = !relation.states.known() || relation.temporary ||
                           states_before_end(look, relation).places().contains(machine::kNowhere);
    // A group's relationship ends with the last of its members.
    const bool with_members = is_group(relation.view) && gone.size() > 1;
    if (!asked && !automatic && !with_members) {
      look.report.breach("T-015", subject_of(relation.view),
                         "to stay: nobody ended it, and nothing lets it end by itself",
                         "gone from " + text_of(relation.states.places()));
    }
    end_relation(look, relation);
  }
}

// --- elements ---

std::size_t elements_wanted(const Task& task) {
  if (task.method == Method::CreateVolume) return 1;
  const auto info = create_info(task.request);
  if (!info || info->method == Method::AttachReplica) return 0;
  // An empty target group may be filled.
  if (info->target_group && !task.given_targets.empty()) return 0;
  return info->sources.size() - std::min(info->sources.size(), info->targets.size());
}

void new_elements(Look& look, const Refusal& refused) {
  for (const ElementView& element : look.now.elements) {
    if (look.before.find(element.ref) != nullptr) continue;
    const auto task = std::ranges::find_if(look.world.tasks, [&](const Task& candidate) {
      return candidate.elements.size() < elements_wanted(candidate);
    });
    const bool asked = task != look.world.tasks.end();
    const bool zeros = asked && task->method == Method::CreateVolume;
    look.content.know(element.ref, element.blocks, element.block_size, zeros);
    if (asked) {
      task->elements.push_back(element.ref);
      continue;
    }
    const auto attach = std::ranges::find_if(look.world.tasks, [](const Task& candidate) {
      return candidate.method == Method::AttachReplica;
    });
    if (attach != look.world.tasks.end()) {
      look.report.breach("ATT-01", subject_of(attach->request), "no new element",
                         subject_of(element.ref) + " appeared");
    } else if (refused.request != nullptr) {
      look.report.breach("GEN-08", subject_of(*refused.request),
                         "no new element after " + code_text(*refused.answer),
                         subject_of(element.ref) + " appeared");
    } else {
      look.report.warn("GEN-08", subject_of(element.ref), "no element that nobody asked for",
                       "appeared");
    }
  }
}

bool explains_removal(const Look& look, const Task& task, const ElementRef& element) {
  if (task.method == Method::ReturnToStoragePool) return names(task.request, element);
  if (operation_of(task.request) == Operation::ReturnToResourcePool) {
    return std::ranges::any_of(task.operated, [&](const RelationshipView& view) {
      return view.target_element == element ||
             view.relationship_class == RelationshipClass::GroupSynchronized;
    });
  }
  const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
  if (undone && has(task.elements, element)) return true;
  // A job that made the element was stopped.
  return task.method == Method::RequestJobStateChange && look.before.find(element) != nullptr;
}

std::string_view clause_of_loss(const Look& look, const ElementRef& element) {
  for (const Task& task : look.world.tasks) {
    const bool end = std::ranges::any_of(task.operated, [&](const RelationshipView& view) {
      return view.target_element == element || view.source_element == element;
    });
    if (end && operation_of(task.request) == Operation::Detach) return "MRS-14";
    if (end && operation_of(task.request) == Operation::Dissolve) return "MRS-15";
    if (end && operation_of(task.request) == Operation::ReturnToResourcePool) return "DS-SN-10";
    if (task.method == Method::DeleteGroup) return "DLG-03";
  }
  return "DEL-3";
}

void gone_elements(Look& look) {
  for (const ElementView& element : look.before.elements) {
    if (look.now.find(element.ref) != nullptr) continue;
    const bool asked = std::ranges::any_of(look.world.tasks, [&](const Task& task) {
      return explains_removal(look, task, element.ref);
    });
    if (!asked) {
      look.report.breach(clause_of_loss(look, element.ref), subject_of(element.ref),
                         "to stay: nobody removed it", "gone");
    }
    look.content.forget(element.ref);
  }
}

// --- groups ---

std::size_t groups_wanted(const Task& task) {
  if (task.method == Method::CreateGroup) return 1;
  if (task.method != Method::CreateGroupReplicaFromElements) return 0;
  const auto& request = std::get<CreateGroupReplicaFromElementsRequest>(task.request);
  return request.target_group ? 1 : 2;
}

void new_groups(Look& look, const Refusal& refused) {
  for (const GroupView& group : look.now.groups) {
    if (look.before.find(group.ref) != nullptr) continue;
    const auto task = std::ranges::find_if(look.world.tasks, [](const Task& candidate) {
      return candidate.groups.size() < groups_wanted(candidate);
    });
    if (task != look.world.tasks.end()) {
      task->groups.push_back(group.ref);
    } else if (refused.request != nullptr) {
      look.report.breach("GEN-08", subject_of(*refused.request),
                         "no new group after " + code_text(*refused.answer),
                         subject_of(group.ref) + " appeared");
    } else {
      look.report.warn("CLR-40", subject_of(group.ref), "no group that nobody asked for",
                       "appeared");
    }
  }
}

bool may_vanish(const Look& look, const GroupView& group) {
  if (group.delete_on_empty_element || group.delete_on_unassociated || !group.persistent) {
    return true;  // DLG-06
  }
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto operation = operation_of(task.request);
    const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
    if (undone && has(task.groups, group.ref)) return true;
    if (const auto* remove = std::get_if<RemoveMembersRequest>(&task.request)) {
      return remove->group == group.ref;
    }
    if (const auto* erase = std::get_if<DeleteGroupRequest>(&task.request)) {
      return erase->group == group.ref;
    }
    if (operation == Operation::RemoveSyncPair || operation == Operation::ReturnToResourcePool) {
      return true;
    }
    return task.method == Method::ReturnToStoragePool ||
           task.method == Method::RequestJobStateChange;
  });
}

void gone_groups(Look& look, const Refusal& refused) {
  for (const GroupView& group : look.before.groups) {
    if (look.now.find(group.ref) != nullptr || may_vanish(look, group)) continue;
    const bool refused_delete =
        refused.request != nullptr && std::holds_alternative<DeleteGroupRequest>(*refused.request);
    look.report.breach(refused_delete ? "DLG-02" : "DLG-06", subject_of(group.ref),
                       "to stay: nobody deleted it", "gone");
  }
}

bool may_change_members(const Task& task, const GroupView& group) {
  const auto operation = operation_of(task.request);
  if (operation == Operation::AddSyncPair || operation == Operation::RemoveSyncPair ||
      operation == Operation::ReturnToResourcePool || operation == Operation::ReverseRoles) {
    return true;
  }
  return std::visit(
      [&](const auto& one) {
        if constexpr (requires { one.target_group; }) {
          return one.target_group == group.ref;
        } else if constexpr (requires { one.group; }) {
          return one.group == group.ref;
        } else {
          return task.method == Method::ReturnToStoragePool;
        }
      },
      task.request);
}

void changed_groups(Look& look, const Refusal& refused) {
  for (const GroupView& group : look.now.groups) {
    const GroupView* earlier = look.before.find(group.ref);
    if (earlier == nullptr || earlier->members == group.members) continue;
    const bool asked = std::ranges::any_of(
        look.world.tasks, [&](const Task& task) { return may_change_members(task, *earlier); });
    if (asked) continue;
    std::string_view clause = "CRG-05";
    if (refused.request != nullptr) {
      if (std::holds_alternative<RemoveMembersRequest>(*refused.request)) clause = "RMB-03";
      if (std::holds_alternative<AddMembersRequest>(*refused.request)) clause = "AMB-01";
      if (std::holds_alternative<DeleteGroupRequest>(*refused.request)) clause = "DLG-04";
    }
    look.report.breach(clause, subject_of(group.ref), "the members it had",
                       std::to_string(group.members.size()) + " members, changed");
  }
}

}  // namespace

void explain_changes(Look& look, const Refusal& refused) {
  new_elements(look, refused);
  replaced_relationships(look);
  new_relationships(look, refused);
  gone_relationships(look);
  gone_elements(look);
  new_groups(look, refused);
  gone_groups(look, refused);
  changed_groups(look, refused);
}

}  // namespace lockstep::model
