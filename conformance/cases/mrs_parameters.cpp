// Parameters of ModifyReplicaSynchronization, and operations in the wrong place.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

void operation_null(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Snapshot);
  ModifyReplicaSynchronizationRequest request;
  request.synchronization = pair.relationship;
  Outcome outcome = session.perform(request);
  session.expect_code("MRS-01", outcome);
}

void operation_reserved(Session& session) {
  const Pair pair = synchronized_pair(session, SyncType::Snapshot);
  for (const std::uint16_t value : std::array<std::uint16_t, 5>{0, 1, 26, 0x7FFE, 0x7FFF}) {
    Outcome outcome = modify(session, pair.relationship, static_cast<Operation>(value));
    session.expect_code("MRS-01", outcome);
  }
}

void relationship_missing(Session& session) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = Operation::Detach;
  Outcome outcome = session.perform(request);
  session.expect_code("MRS-02", outcome);
  request.synchronization = RelationshipRef{"no relationship has this path"};
  outcome = session.perform(request);
  session.expect_code("MRS-02", outcome);
}

void foreign_operations(Session& session, SyncType kind, const std::vector<Operation>& operations) {
  const Pair pair = synchronized_pair(session, kind);
  for (const Operation operation : operations) {
    bool declared = false;
    for (const auto& [known, list] : session.capabilities().operations) {
      declared = declared || (known.sync_type == kind && list.contains(operation));
    }
    if (declared) continue;
    Outcome outcome = modify(session, pair.relationship, operation);
    session.expect_code("MRS-03", outcome);
  }
}

// MRS-04: refused, and nothing changes.
void wrong_state(Session& session, SyncType kind, const std::vector<Operation>& operations) {
  const Pair pair = synchronized_pair(session, kind);
  for (const Operation operation : operations) {
    const Inventory before = session.look();
    Outcome outcome = modify(session, pair.relationship, operation);
    session.expect_code("MRS-04", outcome);
    const auto* was = before.find(pair.relationship);
    const auto* is = outcome.after.find(pair.relationship);
    session.expect("MRS-04", was != nullptr && is != nullptr && was->copy_state == is->copy_state,
                   "the CopyState unchanged", is == nullptr ? "no relationship" : state_text(*is));
  }
  session.expect_bytes("MRS-04", "the target", pair.source_bytes, session.read_all(pair.target));
}

}  // namespace

void add_mrs_parameters(std::vector<Case>& cases) {
  const auto needs_of = [](SyncType kind) {
    Needs needs = of_kind(kind);
    needs.methods = {Method::CreateElementReplica};
    needs.data = true;
    return needs;
  };
  const Needs snapshot = needs_of(SyncType::Snapshot);
  cases.push_back(make_case("MRS/operation-null", {"MRS-01"}, "gives no Operation",
                            "the call is refused", snapshot, operation_null));
  cases.push_back(make_case("MRS/operation-reserved", {"MRS-01"}, "gives reserved operations",
                            "each call is refused", snapshot, operation_reserved));
  cases.push_back(make_case("MRS/relationship-missing", {"MRS-02"},
                            "gives no relationship, then one that does not exist",
                            "the calls are refused", snapshot, relationship_missing));
  cases.push_back(make_case(
      "MRS/foreign-to-snapshot", {"MRS-03"}, "gives operations that do not belong to a Snapshot",
      "each call is refused", snapshot, [](Session& session) {
        foreign_operations(session, SyncType::Snapshot,
                           {Operation::Failover, Operation::Failback, Operation::ReverseRoles,
                            Operation::ResetToSync, Operation::ResetToAsync});
      }));
  cases.push_back(make_case(
      "MRS/foreign-to-mirror", {"MRS-03"}, "gives an operation that does not belong to a Mirror",
      "the call is refused", needs_of(SyncType::Mirror), [](Session& session) {
        foreign_operations(session, SyncType::Mirror, {Operation::ReturnToResourcePool});
      }));
  cases.push_back(make_case(
      "MRS/wrong-state-mirror", {"MRS-04"}, "fails back a Mirror that was not failed over",
      "refused, and nothing changes", needs_of(SyncType::Mirror),
      [](Session& session) { wrong_state(session, SyncType::Mirror, {Operation::Failback}); }));
}

}  // namespace lockstep::conformance
