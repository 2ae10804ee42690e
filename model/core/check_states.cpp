// CopyStates: is what is seen something that the relationship can have come to, by what was asked
// and by what happens of itself?
#include "model/core/create_info.hpp"
#include "model/core/effects.hpp"
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

std::string_view clause_of(Event event) {
  switch (event) {
    case Event::Abort:
      return "MRS-08";
    case Event::Activate:
      return "MRS-10";
    case Event::Deactivate:
      return "MRS-13";
    case Event::Detach:
      return "MRS-14";
    case Event::Dissolve:
      return "MRS-15";
    case Event::Failover:
      return "MRS-16";
    case Event::Failback:
      return "MRS-17";
    case Event::Fracture:
      return "MRS-18";
    case Event::ResyncReplica:
      return "MRS-20";
    case Event::RestoreFromReplica:
      return "MRS-21";
    case Event::Resume:
      return "MRS-22";
    case Event::ResetToSync:
    case Event::ResetToAsync:
    case Event::ResetToAdaptive:
      return "MRS-23";
    case Event::ReturnToResourcePool:
      return "MRS-24";
    case Event::ReverseRoles:
      return "MRS-25";
    case Event::Split:
      return "MRS-26";
    case Event::Suspend:
      return "MRS-27";
    case Event::Unprepare:
    case Event::Prepare:
      return "MRS-28";
    default:
      return "MRS-04";
  }
}

// The transition that leads to what is seen, although nobody asked for it.
std::string_view culprit(const StateSet& from, Place seen) {
  std::string_view found = "T-001";
  from.for_each_kind([&](MachineKind kind, PlaceSet places) {
    (places | states_of(kind)).for_each([&](Place place) {
      for (int event = 0; event <= static_cast<int>(Event::ElementKnownAgain); ++event) {
        const auto id = transition_id(kind, place, static_cast<Event>(event), seen);
        if (id.empty()) continue;
        if (places.contains(place) || found == "T-001") found = id;
        if (places.contains(place)) return;
      }
    });
  });
  return found;
}

bool operation_listed(const World& world, const RelationshipView& view, Operation operation) {
  return std::ranges::any_of(world.capabilities.operations, [&](const auto& entry) {
    return entry.first.sync_type == view.sync_type && entry.second.contains(operation);
  });
}

// Everything that may be true of one relationship now, and what to say if none of it is.
struct Expectation {
  StateSet states;
  Trouble trouble;
  std::string_view clause;           // empty: nobody asked for anything
  const Request* request = nullptr;  // to which the clause belongs
  bool refused = false;              // that request
  std::optional<Event> operation;
  const Task* task = nullptr;
  const Task* wait_task = nullptr;  // ended well; its WaitForCopyState must have been reached
  bool created = false;
  bool wait_demanded = false;
  bool sure = true;  // success cannot have been a no-op
};

bool everywhere(const StateSet& states, Event event, Reaction reaction) {
  bool all = true;
  states.for_each_kind([&](MachineKind kind, PlaceSet places) {
    places.for_each([&](Place place) { all = all && reaction_of(kind, place, event) == reaction; });
  });
  return all;
}

void expect_operation(const World& world, Expectation& expected, const Task& task,
                      const Relation& relation, const RelationshipView& view,
                      const Trouble& trouble) {
  const auto operation = operation_of(task.request());
  const auto event = operation ? event_of(*operation) : std::nullopt;
  if (!event) return;
  expected.task = &task;
  expected.operation = event;
  expected.request = &task.request();
  expected.refused = false;
  expected.clause = clause_of(*event);
  StateSet precise = relation.states;
  Trouble own_writes_only = trouble;
  own_writes_only.target_writes = relation.target_written;
  precise.drift(own_writes_only);
  // What is seen now and was not possible before is evidence enough.
  expected.sure =
      everywhere(precise, *event, Reaction::Accept) || !precise.places().contains(view.copy_state);
  // Its effect may have been seen while its job still ran, so the state it was asked in counts,
  // too.
  for (const RelationshipView* asked : task.operated) {
    if (asked->ref != view.ref || !asked->copy_state) continue;
    StateSet then = StateSet::of(asked->sync_type, asked->mode, PlaceSet::of(asked->copy_state));
    then.drift(own_writes_only);
    expected.sure = expected.sure || everywhere(then, *event, Reaction::Accept) ||
                    (then.known() && !then.places().contains(view.copy_state));
  }
  if (everywhere(expected.states, *event, Reaction::Refuse)) expected.clause = "MRS-04";
  // Another operation that was asked for meanwhile may have moved it on.
  if (task.stage == Task::Stage::Completed && !overtaken(task, view.ref)) {
    expected.wait_task = &task;
    expected.states.carry_out(*event, operation_listed(world, view, *operation));
  } else {
    expected.states.operate(*event);
    if (task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown) {
      expected.states.add(PlaceSet{CopyState::Broken, CopyState::Aborted});
    }
  }
  // A resync that was seen on its way may end idle all the same (T-035).
  if (*event == Event::ResyncReplica && world.capabilities.has(Feature::ResyncRequiresActivate)) {
    expected.states.add(PlaceSet{CopyState::Inactive});
  }
  expected.states.drift(trouble);
}

void expect_creation(Expectation& expected, const Task& task) {
  const EffectClauses& clauses = effect_clauses(task.method);
  const auto& info = task.info();
  expected.task = &task;
  expected.created = true;
  expected.request = &task.request();
  expected.refused = false;
  expected.wait_demanded = info && info->wait && task.stage == Task::Stage::Completed;
  expected.clause = expected.wait_demanded ? clauses.wait : clauses.first_state;
}

Expectation expectation(const Look& look, const Relation& relation, const RelationshipView& view,
                        const Refusal& refused) {
  const World& world = look.world;
  Expectation expected;
  const Trouble& trouble = expected.trouble = world.trouble_of(relation);
  expected.states = relation.states;
  expected.states.drift(trouble);
  if (refused.request != nullptr && names(*refused.request, view.ref)) {
    expected.clause = "MRS-04";
    expected.request = refused.request;
    expected.refused = true;
  }
  if (!relation.concerned) return expected;
  for (const Task& task : world.tasks) {
    if (works_on(task, view.ref)) expect_operation(world, expected, task, relation, view, trouble);
    const bool made = task.relationships.contains(view.ref);
    if (made && task.stage == Task::Stage::Failed) {
      expected.states.add(PlaceSet{CopyState::Broken, CopyState::Aborted});
    }
    if (made && !relation.copy_state) expect_creation(expected, task);
    if (made && task.stage == Task::Stage::Completed) expected.wait_task = &task;
  }
  return expected;
}

std::string asked_subject(const Expectation& expected, const RelationshipView& view) {
  if (expected.request == nullptr) return subject_of(view);
  return subject_of(*expected.request) + (expected.refused ? ", refused" : "");
}

bool listed_as_supported(const World& world, const RelationshipView& view) {
  return std::ranges::any_of(world.capabilities.copy_states, [&](const auto& entry) {
    return entry.first.sync_type == view.sync_type && view.copy_state &&
           entry.second.contains(*view.copy_state);
  });
}

void report_state(Look& look, const Expectation& expected, const Relation& relation,
                  const RelationshipView& view) {
  const Place seen = view.copy_state;
  const std::string shown = text_of(seen);
  const std::string possible = text_of(expected.states.places() - PlaceSet::nowhere());
  if (expected.clause.empty()) {
    look.report.breach(culprit(relation.states, seen), subject_of(view),
                       possible + "; nobody asked for anything else", shown);
    return;
  }
  constexpr PlaceSet kNeverAtFirst{CopyState::Broken, CopyState::Aborted, CopyState::Failedover,
                                   CopyState::Partitioned, CopyState::Invalid};
  // Without WaitForCopyState a service may report further first states of its own (CER-37).
  if (expected.created && !expected.wait_demanded && !kNeverAtFirst.contains(seen) &&
      listed_as_supported(look.world, view)) {
    look.report.warn(expected.clause, asked_subject(expected, view), possible, shown);
    return;
  }
  look.report.breach(expected.clause, asked_subject(expected, view) + ", " + subject_of(view),
                     possible, shown);
}

std::optional<CopyState> wait_of(const Request& request) {
  return std::visit(
      [](const auto& one) -> std::optional<CopyState> {
        if constexpr (requires { one.wait_for_copy_state; }) {
          return one.wait_for_copy_state;
        } else {
          return std::nullopt;
        }
      },
      request);
}

std::string_view wait_clause(Method method) {
  if (method == Method::ModifyReplicaSynchronization) return "MRS-07";
  if (method == Method::ModifyListSynchronization) return "MLS-10";
  return effect_clauses(method).wait;
}

// After success with WaitForCopyState, the state waited for or one that follows by itself.
void check_wait(Look& look, const Expectation& expected, const RelationshipView& view) {
  if (expected.wait_task == nullptr || !view.copy_state) return;
  const auto wait = wait_of(expected.wait_task->request());
  if (!wait || *view.copy_state == CopyState::Mixed) return;
  if (overtaken(*expected.wait_task, view.ref)) return;
  const StateSet reached = reached_after(view, *wait, expected.trouble);
  if (!reached.known() || reached.places().contains(view.copy_state)) return;
  look.report.breach(wait_clause(expected.wait_task->method),
                     subject_of(expected.wait_task->request()) + ", " + subject_of(view),
                     text_of(reached.places() - PlaceSet::nowhere()), text_of(view.copy_state));
}

// Mirrors whose Mode is not shown count as asynchronous, of which the least is promised.
std::optional<MachineKind> kind_for_content(const StateSet& states) {
  if (const auto kind = states.single_kind()) return kind;
  return states.known() && !states.empty() ? std::optional(MachineKind::MirrorAsync) : std::nullopt;
}

// False: it is no news to them.
bool tell_content(Look& look, Relation& relation, const Expectation& expected,
                  const RelationshipView& view, bool fresh, Place was) {
  if (!view.source_element || !view.target_element) return false;
  CopyLook copy;
  copy.ref = &view.ref;
  copy.place = &relation.pair;
  copy.kind = kind_for_content(relation.states);
  const bool same_ends =
      relation.shown_again || (relation.view->source_element == view.source_element &&
                               relation.view->target_element == view.target_element);
  if (!same_ends || relation.source == 0) {
    relation.source = look.content.number_of(*view.source_element);
    relation.target = look.content.number_of(*view.target_element);
  }
  copy.source = relation.source;
  copy.target = relation.target;
  copy.was = was;
  copy.seen = view.copy_state;
  copy.fresh = fresh;
  copy.operation = expected.operation;
  copy.asked = Window{look.previous_at, look.at};
  copy.immediate = false;
  if (expected.task != nullptr) {
    copy.asked = expected.task->window;
    copy.done = expected.task->stage == Task::Stage::Completed;
    copy.immediate = expected.task->answer().completed();
  }
  copy.sure = expected.sure;
  const Trouble& trouble = expected.trouble;
  copy.trouble = trouble.faults || trouble.restarts;
  copy.only_restarted = !trouble.faults && trouble.restarts;
  copy.previous = look.previous_at;
  copy.at = look.at;
  return look.content.look(copy);
}

std::optional<Event> create_event(const Task& task) {
  const auto& info = task.info();
  if (!info) return std::nullopt;
  if (!info->wait) return Event::CreateUnspecified;
  switch (*info->wait) {
    case CopyState::Initialized:
      return Event::CreateInitialized;
    case CopyState::Inactive:
      return Event::CreateInactive;
    case CopyState::Unsynchronized:
      return Event::CreateUnsynchronized;
    case CopyState::Synchronized:
      return Event::CreateSynchronized;
    case CopyState::Prepared:
      return Event::CreatePrepared;
    default:
      return std::nullopt;
  }
}

// Groups are judged by their members where these are seen (G-01, G-02); 15 says that there is no
// replication state to speak of (MCR-37).
bool says_nothing(const RelationshipView& view, bool has_members) {
  if (view.copy_state == CopyState::NotApplicable) return true;
  if (view.relationship_class != RelationshipClass::GroupSynchronized) return false;
  return view.copy_state == CopyState::Mixed || has_members;
}

bool is_pair(const RelationshipView& view) {
  return view.relationship_class == RelationshipClass::StorageSynchronized;
}

// As long as there is no trouble, nothing but time can have moved it.
bool is_left_alone(const Relation& relation) {
  return relation.states.known() && relation.trouble == kNoTrouble && !relation.concerned;
}

// Where it is is known for sure, and it is shown there: its states can tell nothing new, only its
// bytes may.
bool stands_still(const Relation& relation, const RelationshipView& view) {
  return is_pair(view) && view.copy_state && !relation.states.empty() &&
         relation.states.places() == PlaceSet::of(view.copy_state);
}

// A group counts as before, by its members or by itself.
bool has_as_many_members(const Look& look, const Relation& relation, const RelationshipView& view) {
  return is_pair(view) || look.world.stood || look.world.has_members(view) == relation.with_members;
}

// Whether the judge knows more of it than before.
bool check_state(Look& look, Relation& relation, const RelationshipView& view,
                 const Refusal& refused) {
  const Place was = relation.copy_state;
  const bool fresh = !relation.copy_state;
  Expectation expected = expectation(look, relation, view, refused);
  const StateSet before = relation.states;
  const bool has_members = relation.with_members = look.world.has_members(view);
  if (relation.states.known() && view.copy_state && !says_nothing(view, has_members)) {
    const PlaceSet seen = PlaceSet::of(view.copy_state);
    if (!expected.states.filter(seen)) {
      report_state(look, expected, relation, view);
      expected.states = StateSet::of(view.sync_type, view.mode, seen);
    } else {
      check_wait(look, expected, view);
      const auto made_by = expected.created ? create_event(*expected.task) : expected.operation;
      const PlaceSet from = expected.created ? PlaceSet::nowhere() : PlaceSet::of(was);
      cover(look, before, from, view.copy_state, made_by);
    }
  }
  const bool by_members = has_members && view.copy_state != CopyState::Mixed;
  if (by_members && view.copy_state) {
    expected.states = StateSet::of(view.sync_type, view.mode, PlaceSet::of(view.copy_state));
  }
  relation.states = expected.states;
  relation.states.show_kind(view.sync_type, view.mode);
  const bool told = tell_content(look, relation, expected, view, fresh, was);
  return told || relation.states != before;
}

const RelationshipView* seen_now(const Look& look, const Relation& relation) {
  const bool gone = relation.position == Relation::kGone;
  return gone ? nullptr : &look.now.relationships[relation.position];
}

void settle(Look& look, Relation& relation, const RelationshipView& view) {
  const bool synchronized = view.copy_state == CopyState::Synchronized;
  relation.looks_synchronized = synchronized ? relation.looks_synchronized + 1 : 0;
  // A mirror between the same two is another, later relationship.
  if (relation.temporary && view.sync_type != SyncType::Mirror &&
      relation.looks_synchronized >= 3 && !look.world.worked_on(view.ref) &&
      !look.world.being_made(view.ref) && !look.world.in_trouble()) {
    look.report.breach("ATT-12", subject_of(view), "no relationship once the copy is complete",
                       "still Synchronized");
  }
  relation.copy_state = view.copy_state;
  relation.view = &view;
  constexpr PlaceSet kTroubled{CopyState::Broken, CopyState::Partitioned, CopyState::Invalid};
  Trouble left;
  // A repair may show its effect late, as long as what it repairs is still to be seen.
  left.repairs = relation.trouble.repairs && kTroubled.contains(view.copy_state);
  relation.trouble = left;
}

}  // namespace

StateSet reached_after(const RelationshipView& view, CopyState wait, const Trouble& trouble) {
  StateSet reached = StateSet::of(view.sync_type, view.mode, PlaceSet::of(wait));
  if (reached.known()) reached.drift(trouble);
  return reached;
}

void cover(Look& look, const StateSet& from, PlaceSet was, Place to,
           std::optional<Event> preferred) {
  const auto kind = from.single_kind();
  if (!kind) return;
  was.for_each([&](Place place) {
    if (preferred && look.coverage.note(*kind, place, *preferred, to)) return;
    if (place != to) look.coverage.note_unasked(*kind, place, to);
  });
}

void check_states(Look& look, const Refusal& refused) {
  const bool trouble = look.world.in_trouble();
  look.world.note_concerned();
  for (Relation& relation : look.world.relations) {
    const RelationshipView* const view = seen_now(look, relation);
    if (view == nullptr) continue;
    relation.shown_again = relation.copy_state == view->copy_state && *relation.view == *view;
    look.shown_again[relation.position] = relation.shown_again && !relation.fresh;
    look.stands = look.stands && relation.shown_again;
    const bool left_alone = !trouble && relation.shown_again && is_left_alone(relation);
    // Every look at what rests is the same, so one of them has been judged for all.
    if (left_alone && relation.at_rest && has_as_many_members(look, relation, *view)) continue;
    if (left_alone && stands_still(relation, *view)) {
      relation.at_rest =
          !tell_content(look, relation, Expectation{}, *view, false, view->copy_state);
      continue;
    }
    const bool legal =
        !view->copy_state || classify_wait(*view->copy_state) != ValueClass::Reserved ||
        *view->copy_state == CopyState::Mixed || *view->copy_state == CopyState::NotApplicable;
    if (!legal) {
      look.report.breach("T-001", subject_of(*view), "a CopyState of 2 to 18",
                         to_text(*view->copy_state));
    }
    const bool news = check_state(look, relation, *view, refused);
    relation.at_rest = left_alone && legal && !news && view->copy_state;
  }
}

void settle_relations(Look& look) {
  for (Relation& relation : look.world.relations) {
    relation.fresh = false;
    if (const RelationshipView* view = seen_now(look, relation)) settle(look, relation, *view);
  }
}

}  // namespace lockstep::model
