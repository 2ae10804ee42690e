// ModifyListSynchronization.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

RelationshipRef relationship_of(Session& session, SyncType kind,
                                std::optional<Mode> mode = std::nullopt) {
  return synchronized_pair(session, kind, mode).relationship;
}

ModifyListSynchronizationRequest list_of(std::vector<RelationshipRef> relationships,
                                         Operation operation) {
  ModifyListSynchronizationRequest request;
  request.operation = operation;
  request.synchronizations = std::move(relationships);
  return request;
}

void required(Session& session) {
  auto request = list_of({relationship_of(session, SyncType::Snapshot)}, Operation::Deactivate);
  request.operation.reset();
  Outcome outcome = session.perform(request);
  session.expect_code("MLS-01", outcome);
  request.operation = Operation::Deactivate;
  request.synchronizations.reset();
  outcome = session.perform(request);
  session.expect_code("MLS-01", outcome);
}

void reserved(Session& session) {
  const RelationshipRef ref = relationship_of(session, SyncType::Mirror);
  for (const Operation operation : {Operation::ActivateConsistency, Operation::AddSyncPair,
                                    Operation::DeactivateConsistency, Operation::RemoveSyncPair}) {
    Outcome outcome = session.perform(list_of({ref}, operation));
    session.expect_code("MLS-02", outcome);
  }
}

void mixed_kinds(Session& session) {
  const RelationshipRef a = relationship_of(session, SyncType::Mirror);
  const RelationshipRef b = relationship_of(session, SyncType::Snapshot);
  Outcome outcome = session.perform(list_of({a, b}, Operation::Deactivate));
  session.expect_code("MLS-04", outcome);
}

void mixed_modes(Session& session) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    if (!session.capabilities().kinds.contains({SyncType::Mirror, mode, Locality::Local})) {
      session.not_supported("the provider makes no Mirror in Mode " + to_text(mode));
    }
  }
  const RelationshipRef a = relationship_of(session, SyncType::Mirror, Mode::Synchronous);
  const RelationshipRef b = relationship_of(session, SyncType::Mirror, Mode::Asynchronous);
  Outcome outcome = session.perform(list_of({a, b}, Operation::Fracture));
  session.expect_code("MLS-05", outcome);
}

void all_of_them(Session& session) {
  const RelationshipRef a = relationship_of(session, SyncType::Mirror);
  const RelationshipRef b = relationship_of(session, SyncType::Mirror);
  auto request = list_of({a, b}, Operation::Fracture);
  request.force = true;
  Outcome outcome = session.perform(request);
  session.need(outcome);
  for (const RelationshipRef& ref : {a, b}) {
    const auto view = session.await_state("MLS-07", ref, {CopyState::Fractured});
    session.expect("MLS-07", view && view->copy_state == CopyState::Fractured, "Fractured",
                   state_text(view));
  }
  session.expect("MLS-08", outcome.answer.started_job() == outcome.answer.job.has_value(),
                 "one job exactly with 4096", outcome_text(outcome));
}

void foreign(Session& session) {
  const RelationshipRef a = relationship_of(session, SyncType::Snapshot);
  Outcome outcome = session.perform(list_of({a}, Operation::Failover));
  session.expect_code("MLS-06", outcome);
}

void twice(Session& session) {
  const RelationshipRef a = relationship_of(session, SyncType::Mirror);
  Outcome outcome = session.perform(list_of({a, a}, Operation::Fracture));
  session.expect_code("MLS-11", outcome);
}

}  // namespace

void add_mls_lists(std::vector<Case>& cases) {
  const auto add = [&](const std::string& name, std::vector<std::string> clauses,
                       const std::string& does, const std::string& requires_text,
                       std::set<SyncType> kinds, void (*run)(Session&)) {
    Needs needs;
    needs.kinds = std::move(kinds);
    needs.methods = {Method::CreateElementReplica};
    needs.data = true;
    cases.push_back(
        make_case("MLS/" + name, std::move(clauses), does, requires_text, std::move(needs), run));
  };
  using enum SyncType;
  add("required", {"MLS-01"}, "gives no Operation, then no list", "the calls are refused",
      {Snapshot}, required);
  add("reserved", {"MLS-02"}, "gives the operations that lists reserve", "each call is refused",
      {Mirror}, reserved);
  add("mixed-kinds", {"MLS-04"}, "gives a Mirror and a Snapshot", "the call is refused",
      {Mirror, Snapshot}, mixed_kinds);
  add("mixed-modes", {"MLS-05"}, "gives a synchronous and an asynchronous Mirror",
      "the call is refused", {Mirror}, mixed_modes);
  add("all-entries", {"MLS-07", "MLS-08"}, "fractures two Mirrors", "both are fractured", {Mirror},
      all_of_them);
  add("foreign-operation", {"MLS-06"}, "fails a Snapshot over", "the call is refused", {Snapshot},
      foreign);
  add("entry-twice", {"MLS-11"}, "gives the same relationship twice", "carried out once or refused",
      {Mirror}, twice);
}

}  // namespace lockstep::conformance
