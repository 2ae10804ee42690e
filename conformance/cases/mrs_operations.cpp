// The operations of ModifyReplicaSynchronization: states and bytes before and after.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

Outcome apply(Session& session, const Pair& pair, Operation operation) {
  const Outcome outcome = carry_out(session, pair.relationship, operation);
  session.need(outcome);
  return outcome;
}

void reach(Session& session, const std::string& clause, const Pair& pair,
           const std::set<CopyState>& states) {
  const auto view = session.await_state(clause, pair.relationship, states);
  session.expect(clause, view.has_value(), "one of " + states_text(states), "no relationship");
}

// Stopped copies: source writes stay away; going on brings them over.
void stop_and_go(Session& session, const std::string& clause, Operation stop, CopyState stopped,
                 const std::string& go_clause, Operation go) {
  const Pair pair = synchronized_pair(session, SyncType::Mirror, Mode::Synchronous);
  apply(session, pair, stop);
  reach(session, clause, pair, {stopped});
  if (stopped != CopyState::Suspended) {
    session.write(pair.source, Lba{2}, BlockCount{6});
    session.expect_bytes(clause, "the target of a " + to_text(stopped) + " mirror",
                         pair.source_bytes, session.read_all(pair.target));
  }
  apply(session, pair, go);
  const auto view = resynchronized(session, go_clause, pair.relationship);
  session.expect(go_clause, view.has_value(), "the relationship to stay", "no relationship");
  session.expect_bytes(go_clause, "the target at Synchronized again", session.read_all(pair.source),
                       session.read_all(pair.target));
}

void ends(Session& session, const std::string& clause, Operation operation, SyncType kind) {
  const Pair pair = synchronized_pair(session, kind);
  const Outcome outcome = apply(session, pair, operation);
  session.expect(clause, outcome.after.find(pair.relationship) == nullptr,
                 "no association any more", "it is still there");
  session.expect(clause, outcome.after.find(pair.target) != nullptr, "the target to live on",
                 "it is gone");
  session.expect_bytes(clause, "the independent target", pair.source_bytes,
                       session.read_all(pair.target));
  session.write(pair.source, Lba{4}, BlockCount{4});
  session.expect_bytes(clause, "the target after a write to the former source", pair.source_bytes,
                       session.read_all(pair.target));
}

void returned_to_pool(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Snapshot);
  const Outcome outcome = apply(session, pair, Operation::ReturnToResourcePool);
  session.expect("MRS-24", outcome.after.find(pair.relationship) == nullptr, "no association",
                 "it is still there");
  session.expect("MRS-24", outcome.after.find(pair.target) == nullptr, "no target",
                 "it is still there");
  session.expect_bytes("MRS-24", "the source", pair.source_bytes, session.read_all(pair.source));
}

void restore(Session& session, SyncType kind) {
  const Pair pair = synchronized_pair(session, kind);
  if (kind == SyncType::Mirror) {
    apply(session, pair, Operation::Fracture);
    reach(session, "MRS-21", pair, {CopyState::Fractured});
  }
  session.write(pair.source, Lba{0}, BlockCount{16});
  apply(session, pair, Operation::RestoreFromReplica);
  static_cast<void>(session.await_state(
      "", pair.relationship,
      {CopyState::Restored, CopyState::Synchronized, CopyState::Fractured, CopyState::Split}));
  session.expect_bytes("MRS-21", "the source after Restore", pair.source_bytes,
                       session.read_all(pair.source));
}

void new_point_in_time(Session& session, SyncType kind) {
  const Pair pair = synchronized_pair(session, kind);
  session.write(pair.source, Lba{0}, BlockCount{32});
  const auto later = session.read_all(pair.source);
  apply(session, pair, Operation::ResyncReplica);
  const auto view = resynchronized(session, "MRS-20", pair.relationship);
  session.expect("MRS-20", view.has_value(), "the relationship to stay", "no relationship");
  session.expect_bytes("MRS-20", "the replica of the new point in time", later,
                       session.read_all(pair.target));
}

void failover_and_back(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Mirror, Mode::Synchronous);
  if (session.capabilities().has(Feature::PlannedFailoverRequiresFractured)) {
    apply(session, pair, Operation::Fracture);
    reach(session, "MRS-16", pair, {CopyState::Fractured});
  }
  apply(session, pair, Operation::Failover);
  reach(session, "MRS-16", pair, {CopyState::Failedover});
  session.expect_bytes("MRS-16", "the target after Failover", pair.source_bytes,
                       session.read_all(pair.target));
  session.expect("MRS-16", session.try_write(pair.target, Lba{1}, BlockCount{4}).good(),
                 "the target to accept writes", "a refusal");
  apply(session, pair, Operation::Failback);
  const Inventory present = session.look();
  const auto* view = present.find(pair.relationship);
  session.expect("MRS-17", view != nullptr && view->copy_state != CopyState::Failedover,
                 "a state after Failback", "still Failedover");
}

void mode_changes(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Mirror, Mode::Synchronous);
  const auto change = [&](Operation operation, Mode wanted) {
    Outcome outcome = modify(session, pair.relationship, operation);
    session.expect_code("MRS-23", outcome);
    if (!outcome.succeeded()) return;
    reach(session, "MRS-23", pair, {CopyState::Synchronized});
    const Inventory present = session.look();
    const auto* view = present.find(pair.relationship);
    session.expect("MRS-23", view != nullptr && view->mode == wanted, "Mode " + to_text(wanted),
                   view != nullptr && view->mode ? to_text(*view->mode) : "NULL");
  };
  change(Operation::ResetToAsync, Mode::Asynchronous);
  change(Operation::ResetToSync, Mode::Synchronous);
}

void roles(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Mirror, Mode::Synchronous);
  const Capabilities& capabilities = session.capabilities();
  if (capabilities.has(Feature::ReverseRolesRequiresFailedover)) {
    apply(session, pair, Operation::Failover);
  } else if (capabilities.has(Feature::ReverseRolesRequiresSplit)) {
    apply(session, pair, Operation::Split);
  } else if (capabilities.has(Feature::ReverseRolesRequiresFractured)) {
    apply(session, pair, Operation::Fracture);
  } else if (capabilities.has(Feature::ReverseRolesRequiresSuspended)) {
    apply(session, pair, Operation::Suspend);
  }
  const Outcome outcome = apply(session, pair, Operation::ReverseRoles);
  const auto found = relationships_of(outcome.after, pair.target);
  session.expect("MRS-25",
                 found.size() == 1 && found.front().source_element == pair.target &&
                     found.front().target_element == pair.source,
                 "the ends swapped", "the ends as before");
  session.expect_bytes("MRS-25", "the new target", pair.source_bytes,
                       session.read_all(pair.source));
}

void requested_state(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Mirror, Mode::Synchronous);
  const Outcome outcome = apply(session, pair, Operation::Fracture);
  reach(session, "MRS-06", pair, {CopyState::Fractured});
  const Inventory present = session.look();
  const auto* view = present.find(pair.relationship);
  const bool outstanding = view != nullptr && view->requested_copy_state &&
                           *view->requested_copy_state != CopyState::NotApplicable;
  session.expect("MRS-06", !outstanding, "RequestedCopyState NotApplicable at rest",
                 outstanding ? to_text(*view->requested_copy_state) : "");
  session.expect("MRS-05", outcome.answer.started_job() == outcome.answer.job.has_value(),
                 "a job exactly with 4096", outcome_text(outcome));
}

void aborted(Session& session) {
  session.fault(FaultKind::CopyHeld);
  Recipe recipe = fresh(session, Method::CreateElementReplica, SyncType::Mirror, kSmallVolume);
  // The call must not wait for a copy that is held.
  if (can_wait(session, recipe.method, SyncType::Mirror, CopyState::Unsynchronized)) {
    recipe.wait = CopyState::Unsynchronized;
  }
  Outcome create = session.call(request_of(recipe));
  session.need(create);
  const auto found = relationships_of(create.after, recipe.sources.front());
  if (found.empty()) session.not_testable("the relationship cannot be found while it copies");
  Outcome outcome = carry_out(session, found.front().ref, Operation::Abort);
  session.expect_code("MRS-08", outcome);
  session.fault(FaultKind::CopyReleased);
  session.await_job(create);
  if (!outcome.succeeded()) return;
  const Inventory present = session.look();
  const auto* view = present.find(found.front().ref);
  if (view == nullptr) return;
  session.expect("MRS-08", view->copy_state == CopyState::Aborted, "Aborted", state_text(*view));
}

}  // namespace

void add_mrs_operations(std::vector<Case>& cases) {
  const auto needs_of = [](SyncType kind, std::set<Operation> operations) {
    Needs needs = of_kind(kind);
    needs.methods = {Method::CreateElementReplica};
    needs.operations = std::move(operations);
    needs.data = true;
    return needs;
  };
  const auto stops = [&](const std::string& name, const std::string& clause, Operation stop,
                         CopyState stopped, const std::string& go_clause, Operation go) {
    cases.push_back(make_case(
        "MRS/" + name, {clause, go_clause},
        to_text(stop) + " of a synchronous Mirror, writes, then " + to_text(go),
        "the target stands still, then catches up", needs_of(SyncType::Mirror, {stop, go}),
        [=](Session& session) { stop_and_go(session, clause, stop, stopped, go_clause, go); }));
  };
  stops("fracture-resync", "MRS-18", Operation::Fracture, CopyState::Fractured, "MRS-20",
        Operation::ResyncReplica);
  stops("split-resync", "MRS-26", Operation::Split, CopyState::Split, "MRS-20",
        Operation::ResyncReplica);
  stops("deactivate-activate", "MRS-13", Operation::Deactivate, CopyState::Inactive, "MRS-10",
        Operation::Activate);
  stops("suspend-resume", "MRS-27", Operation::Suspend, CopyState::Suspended, "MRS-22",
        Operation::Resume);
  const auto add = [&](const std::string& name, std::vector<std::string> clauses,
                       const std::string& does, const std::string& requires_text, Needs needs,
                       std::function<void(Session&)> run) {
    cases.push_back(make_case("MRS/" + name, std::move(clauses), does, requires_text,
                              std::move(needs), std::move(run)));
  };
  for (const SyncType kind : {SyncType::Mirror, SyncType::Clone}) {
    const std::string name = kind == SyncType::Mirror ? "mirror" : "clone";
    add("detach-" + name, {"MRS-14"}, "detaches a synchronised " + name, "two independent volumes",
        needs_of(kind, {Operation::Detach}),
        [=](Session& session) { ends(session, "MRS-14", Operation::Detach, kind); });
    add("dissolve-" + name, {"MRS-15"}, "dissolves a synchronised " + name, "the target lives on",
        needs_of(kind, {Operation::Dissolve}),
        [=](Session& session) { ends(session, "MRS-15", Operation::Dissolve, kind); });
  }
  add("return-to-pool", {"MRS-24"}, "returns a Snapshot to its pool",
      "relationship and target are gone, the source is untouched",
      needs_of(SyncType::Snapshot, {Operation::ReturnToResourcePool}), returned_to_pool);
  add("restore-mirror", {"MRS-21"}, "restores a fractured Mirror", "the source holds the replica",
      needs_of(SyncType::Mirror, {Operation::RestoreFromReplica, Operation::Fracture}),
      [](Session& session) { restore(session, SyncType::Mirror); });
  add("restore-snapshot", {"MRS-21"}, "restores a Snapshot", "the source holds the point in time",
      needs_of(SyncType::Snapshot, {Operation::RestoreFromReplica}),
      [](Session& session) { restore(session, SyncType::Snapshot); });
  add("resync-snapshot", {"MRS-20"}, "resyncs a Snapshot after writes",
      "it holds the new point in time", needs_of(SyncType::Snapshot, {Operation::ResyncReplica}),
      [](Session& session) { new_point_in_time(session, SyncType::Snapshot); });
  add("resync-clone", {"MRS-20"}, "resyncs a Clone after writes", "it holds the new point in time",
      needs_of(SyncType::Clone, {Operation::ResyncReplica}),
      [](Session& session) { new_point_in_time(session, SyncType::Clone); });
  add("failover-failback", {"MRS-16", "MRS-17"}, "fails a Mirror over and back",
      "the target is live in between",
      needs_of(SyncType::Mirror, {Operation::Failover, Operation::Failback}), failover_and_back);
  add("reset-mode", {"MRS-23"}, "makes a Mirror asynchronous, then synchronous",
      "Mode changes, or the operation is refused", needs_of(SyncType::Mirror, {}), mode_changes);
  add("reverse-roles", {"MRS-25"}, "reverses the roles of a Mirror", "the ends are swapped",
      needs_of(SyncType::Mirror, {Operation::ReverseRoles}), roles);
  add("requested-state", {"MRS-05", "MRS-06"}, "fractures a Mirror and reads it at rest",
      "nothing is outstanding", needs_of(SyncType::Mirror, {Operation::Fracture}), requested_state);
  Needs held = needs_of(SyncType::Mirror, {Operation::Abort});
  held.faults = {FaultKind::CopyHeld};
  add("abort", {"MRS-08"}, "aborts a copy that is held back", "Aborted, or refused", held, aborted);
}

}  // namespace lockstep::conformance
