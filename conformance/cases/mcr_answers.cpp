// What CreateReplica answers: names, peers, details, codes, and the recovery point objective.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <limits>

namespace lockstep::conformance {
namespace {

CreateReplicaRequest replica_of(Session& session, SyncType kind = SyncType::Snapshot) {
  CreateReplicaRequest request;
  request.source = session.volume(kTinyVolume);
  request.sync_type = kind;
  return request;
}

std::string text_of(const std::optional<std::string>& text) {
  return text ? "\"" + *text + "\"" : "NULL";
}

void name_null(Session& session) {
  Outcome outcome = session.perform(replica_of(session));
  session.expect_code("MCR-10", outcome);
}

void name_given(Session& session) {
  CreateReplicaRequest request = replica_of(session, SyncType::Clone);
  request.target_storage_volume = session.volume(kTinyVolume);
  const Inventory before = session.look();
  request.element_name = session.unique_name();
  const Made made = make_needed(session, request);
  if (made.pairs.front() && made.pairs.front()->name) {
    session.expect("MCR-11", made.pairs.front()->name == request.element_name,
                   "the relationship named " + text_of(request.element_name),
                   text_of(made.pairs.front()->name));
  } else {
    session.note("no property of the relationship shows its name");
  }
  const ElementView* was = before.find(*request.target_storage_volume);
  const ElementView* is = made.outcome.after.find(*request.target_storage_volume);
  session.expect("MCR-11", was != nullptr && is != nullptr && was->element_name == is->element_name,
                 "the existing target volume to keep its name", "another name");
}

void peer_out(Session& session) {
  const Made made = make_needed(session, replica_of(session));
  if (!made.outcome.answer.completed()) {
    session.note("the provider answers with a job");
    return;
  }
  const auto& peer = made.outcome.answer.target_replica_peer;
  session.expect("MCR-27", peer && !peer->path.empty(), "a reference to the target's peer",
                 peer ? "an empty reference" : "NULL");
}

void details(Session& session) {
  CreateReplicaRequest bad = replica_of(session);
  bad.sync_type = static_cast<SyncType>(77);
  for (const CreateReplicaRequest& request : {replica_of(session), bad}) {
    const Outcome outcome = session.perform(request);
    const auto& status = outcome.answer.extended_status;
    if (!status) {
      session.note("no ExtendedStatus with " + outcome_text(outcome));
      continue;
    }
    session.expect("MCR-31", status->error_source <= 2, "an SMErrorSource of 0, 1 or 2",
                   std::to_string(status->error_source));
  }
}

// MCR-32, MCR-39: whatever is wrong, the answer is one of eleven codes.
void only_listed_codes(Session& session) {
  const CreateReplicaRequest good = replica_of(session);
  std::vector<CreateReplicaRequest> requests(8, good);
  requests[0].sync_type = static_cast<SyncType>(0x8000);
  requests[1].mode = static_cast<Mode>(0xFFFF);
  requests[2].target_storage_pool = PoolRef{"no pool has this path"};
  requests[3].target_storage_volume = ElementRef{"no volume has this path"};
  requests[4].target_storage_system = PeerRef{"no peer has this path"};
  requests[5].target_storage_volume = good.source;
  requests[6].source = ElementRef{"no volume has this path"};
  requests[7].sync_type.reset();
  for (const CreateReplicaRequest& request : requests) {
    const Outcome outcome = session.perform(request);
    if (outcome.answer.cim_status) {
      session.expect("MCR-39", false, "a return code", outcome_text(outcome));
      continue;
    }
    const std::uint32_t code = number_of(outcome.answer.code);
    session.expect("MCR-32", legal_return(Method::CreateReplica, code), "a listed code",
                   outcome_text(outcome));
    if (outcome.succeeded()) session.inconclusive("a spoiled request was carried out");
  }
}

void no_space(Session& session) {
  CreateReplicaRequest request = replica_of(session, SyncType::Clone);
  session.fill(request.source);  // what holds nothing may be copied without any space
  session.fault(FaultKind::SpaceExhausted);
  Outcome outcome = session.perform(request);
  for (const RelationshipView& view : relationships_of(outcome.after, request.source)) {
    if (outcome.answer.completed() && view.copy_state != CopyState::Synchronized) {
      session.not_testable("the call does not wait for the data: " + state_text(view));
    }
  }
  session.expect("MCR-33", !outcome.succeeded(), "a failure for lack of space",
                 outcome_text(outcome));
  if (!outcome.answer.started_job()) session.expect_code("MCR-33", outcome);
}

void objective(Session& session, Mode mode, std::optional<std::uint32_t> value,
               const std::string& clause) {
  CreateReplicaRequest request = replica_of(session, SyncType::Mirror);
  request.mode = mode;
  request.recovery_point_objective = value;
  const Made made = make(session, request);
  Outcome outcome = made.outcome;
  if (clause == "MCR-21" || clause == "MCR-22") {
    if (value.value_or(0) == 0 || mode == Mode::Asynchronous) session.need(outcome);
  } else {
    session.expect_code(clause, outcome);
  }
  if (!outcome.succeeded() || !made.pairs.front()) {
    session.note("the objective is refused: " + outcome_text(outcome));
    return;
  }
  const auto& effective = made.pairs.front()->recovery_point_objective;
  const std::string found = effective ? std::to_string(*effective) : "NULL";
  if (clause == "MCR-21") {
    session.expect(clause, effective == 0U, "a recovery point objective of 0", found);
  } else if (clause == "MCR-22") {
    session.expect(clause, effective.has_value(), "an effective recovery point objective", found);
    session.note("asked for " + std::to_string(value.value_or(0)) + ", effective " + found);
  } else {
    session.note("effective recovery point objective: " + found);
  }
}

}  // namespace

void add_mcr_answers(std::vector<Case>& cases) {
  const Needs snapshot = of_kind(SyncType::Snapshot);
  const Needs mirror = of_kind(SyncType::Mirror);
  const Needs clone = of_kind(SyncType::Clone);
  cases.push_back(make_case("MCR/name-null", {"MCR-10"}, "gives no ElementName",
                            "the call is not refused for it", snapshot, name_null));
  cases.push_back(make_case("MCR/name-given", {"MCR-11"},
                            "gives an ElementName together with an existing volume",
                            "it names the relationship and not the volume", clone, name_given));
  cases.push_back(make_case("MCR/peer-out", {"MCR-27"}, "copies a volume and reads the peer",
                            "TargetReplicaPeer is a reference after 0", snapshot, peer_out));
  cases.push_back(make_case("MCR/extended-status", {"MCR-31"},
                            "reads ExtendedStatus of a success and of a refusal",
                            "it is NULL or well formed", snapshot, details));
  cases.push_back(
      make_case("MCR/listed-codes-only", {"MCR-32", "MCR-39"}, "spoils the request in eight ways",
                "every answer is one of the eleven codes", snapshot, only_listed_codes));
  Needs space = clone;
  space.faults = {FaultKind::SpaceExhausted};
  space.data = true;
  cases.push_back(make_case("MCR/no-space", {"MCR-33"}, "copies while the target can take no data",
                            "the call or its job fails", space, no_space));
  const auto add = [&](const std::string& name, const std::string& clause, const std::string& does,
                       const std::string& requires_text, Mode mode,
                       std::optional<std::uint32_t> value) {
    cases.push_back(make_case("MCR/objective-" + name, {clause}, does, requires_text, mirror,
                              [=](Session& session) { objective(session, mode, value, clause); }));
  };
  add("synchronous", "MCR-21", "mirrors synchronously with an objective of 0",
      "the effective objective is 0", Mode::Synchronous, 0U);
  add("synchronous-nonzero", "MCR-21", "mirrors synchronously with an objective of 60",
      "refused, or the effective objective is 0", Mode::Synchronous, 60U);
  add("asynchronous", "MCR-22", "mirrors asynchronously with an objective of 60",
      "the association shows the effective one", Mode::Asynchronous, 60U);
  add("null", "MCR-23", "mirrors asynchronously without an objective",
      "the default applies, or the call is refused", Mode::Asynchronous, std::nullopt);
  add("extreme", "MCR-24", "mirrors asynchronously with the largest number", "refused or rounded",
      Mode::Asynchronous, std::numeric_limits<std::uint32_t>::max());
  add("zero-asynchronous", "MCR-25", "mirrors asynchronously with an objective of 0",
      "refused or the nearest possible", Mode::Asynchronous, 0U);
}

}  // namespace lockstep::conformance
