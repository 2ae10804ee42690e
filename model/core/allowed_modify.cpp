// ModifyReplicaSynchronization (MRS) and ModifyListSynchronization (MLS): the verdict matrix, as
// narrowed by features and by what the service reports.
#include "model/core/allowed.hpp"

#include <algorithm>
#include <span>

namespace lockstep::model {
namespace {

constexpr Outcomes kAccepted = "0,J~1,5"_outcomes;
constexpr Outcomes kEither = "0,J,5,4,6,1~2"_outcomes;
constexpr Outcomes kRefused = "5,4,6,1~2,0,J"_outcomes;  // success only as a no-op
constexpr Outcomes kForeign = "1,5~2,4"_outcomes;

bool is_group_operation(Operation operation) {
  return operation == Operation::ActivateConsistency || operation == Operation::AddSyncPair ||
         operation == Operation::DeactivateConsistency || operation == Operation::RemoveSyncPair;
}

// GetSupportedOperations of every reported kind the relationship may be.
Sure operation_reported(const World& world, const Relation& relation, Operation operation) {
  bool listed = false;
  bool missing = false;
  const auto& table = world.capabilities.operations;
  const auto& sync_type = relation.view->sync_type;
  // In the order of SyncTypes.
  const ReplicationKind first{sync_type.value_or(SyncType{}), Mode{}, Locality{}};
  for (auto row = sync_type ? table.lower_bound(first) : table.begin(); row != table.end(); ++row) {
    const auto& [kind, operations] = *row;
    if (sync_type && kind.sync_type != *sync_type) break;
    const auto mode = relation.view->mode;
    if (mode && *mode != Mode::Unknown && kind.mode != *mode) continue;
    (operations.contains(operation) ? listed : missing) = true;
  }
  if (listed == missing) return Sure::Maybe;
  return certain(listed);
}

// Features that forbid what the matrix leaves open.
bool feature_forbids(const Capabilities& capabilities, MachineKind kind, CopyState from,
                     Operation operation) {
  const auto requires_state = [&](Feature feature, CopyState state) {
    return capabilities.has(feature) && from != state;
  };
  if (capabilities.has(Feature::FailoverRequiresFailback) && from == CopyState::Failedover &&
      operation != Operation::Failback && operation != Operation::Detach) {
    return true;
  }
  switch (operation) {
    case Operation::Detach:
      return kind == MachineKind::Snapshot && capabilities.has(Feature::TargetMustRemainAssociated);
    case Operation::Failover:
      return capabilities.has(Feature::PlannedFailoverRequiresFractured) &&
             from != CopyState::Fractured && from != CopyState::Broken &&
             from != CopyState::Partitioned;
    case Operation::ReverseRoles:
      return requires_state(Feature::ReverseRolesRequiresSynchronized, CopyState::Synchronized) ||
             requires_state(Feature::ReverseRolesRequiresFractured, CopyState::Fractured) ||
             requires_state(Feature::ReverseRolesRequiresSplit, CopyState::Split) ||
             requires_state(Feature::ReverseRolesRequiresFailedover, CopyState::Failedover) ||
             requires_state(Feature::ReverseRolesRequiresSuspended, CopyState::Suspended);
    default:
      return false;
  }
}

// The operations of which a target may come out inconsistent: without Force they may be refused.
bool may_need_force(Operation operation) {
  return operation == Operation::Fracture || operation == Operation::Failover ||
         operation == Operation::Abort || operation == Operation::ReverseRoles;
}

// "Requires ..." stands: every operation but the named one may be refused until it has been done.
bool blocked_by_progress(const RelationshipView& view, Operation operation) {
  if (!view.progress_status) return false;
  switch (*view.progress_status) {
    case ProgressStatus::RequiresFracture:
      return operation != Operation::Fracture;
    case ProgressStatus::RequiresResync:
      return operation != Operation::ResyncReplica;
    case ProgressStatus::RequiresActivate:
      return operation != Operation::Activate;
    case ProgressStatus::RequiresDetach:
      return operation != Operation::Detach;
    case ProgressStatus::RequiresSplit:
      return operation != Operation::Split;
    case ProgressStatus::RequiresResume:
      return operation != Operation::Resume;
    default:
      return false;
  }
}

struct Reactions {
  bool accept = false;
  bool either = false;
  bool refuse = false;
  bool unsupported = false;
};

Reactions reactions(const World& world, const Relation& relation, Operation operation) {
  Reactions seen;
  const auto event = event_of(operation);
  if (!event) return seen;
  world.now(relation).for_each_kind([&](MachineKind kind, PlaceSet places) {
    places.for_each([&](Place place) {
      if (!place) return;
      if (feature_forbids(world.capabilities, kind, *place, operation)) {
        seen.refuse = true;
        return;
      }
      switch (reaction_of(kind, place, *event)) {
        case Reaction::Accept:
          seen.accept = true;
          break;
        case Reaction::Either:
          seen.either = true;
          break;
        case Reaction::Unsupported:
          seen.unsupported = true;
          break;
        default:
          seen.refuse = true;
          break;
      }
    });
  });
  return seen;
}

// What the state says. States that are only possible let every reaction of theirs stand.
void tally_state(Tally& out, const World& world, const Relation& relation, Operation operation,
                 Sure reported) {
  const Reactions seen = reactions(world, relation, operation);
  const bool open = seen.either || (seen.accept && (seen.refuse || seen.unsupported));
  if (open || (!seen.accept && !seen.refuse && !seen.unsupported)) {
    out.apply("MRS-04", kEither);
  } else if (seen.refuse) {
    out.apply("MRS-04", kRefused);
  } else if (seen.unsupported) {
    // Not an operation of this kind of copy, unless the service reports it all the same.
    out.apply("MRS-03", reported == Sure::Yes ? kEither : kForeign);
  } else {
    out.apply("MRS-04", kAccepted);
  }
}

void tally_group_operation(Tally& out, const Relation& relation, Operation operation,
                           bool pair_given) {
  if (relation.view->relationship_class != RelationshipClass::GroupSynchronized) {
    out.apply(operation == Operation::ActivateConsistency ? "MRS-09" : "MRS-11",
              "1,5~2,4"_outcomes);
    return;
  }
  switch (operation) {
    case Operation::ActivateConsistency:
      out.apply("MRS-09", "0,J,1,5"_outcomes);
      break;
    case Operation::DeactivateConsistency:
      out.apply("MRS-12", "0,J,1,5"_outcomes);
      break;
    case Operation::AddSyncPair:
    case Operation::RemoveSyncPair: {
      const auto clause = operation == Operation::AddSyncPair ? "MRS-11" : "MRS-19";
      if (pair_given) {
        out.apply(clause, "0,J,5,1,4"_outcomes);
      } else {
        out.apply(clause, "5,1,4"_outcomes);
      }
      break;
    }
    default:
      break;
  }
}

// One operation on one relationship, leaving out what belongs to the method itself.
void tally_operation(Tally& out, const World& world, const Relation& relation, Operation operation,
                     bool force, bool pair_given) {
  if (!relation.states.known()) {
    // A vendor's own kind of copy: nothing is known of its life.
    out.apply("MRS-03", "0,J,5,4,6,1~2"_outcomes);
    return;
  }
  if (is_group_operation(operation)) {
    tally_group_operation(out, relation, operation, pair_given);
    return;
  }
  const Sure reported = operation_reported(world, relation, operation);
  if (reported == Sure::No) out.apply("MRS-03", kForeign);
  if (reported == Sure::Maybe) out.apply("MRS-03", "0,J,1,5~2,4"_outcomes);
  if (relation.copy_state == CopyState::Mixed) {
    out.apply("MRS-32", kEither);
  } else {
    tally_state(out, world, relation, operation, reported);
  }
  if (operation == Operation::Abort) out.apply("MRS-08", "0,J,4,5,1"_outcomes);
  if (operation == Operation::ResetToSync || operation == Operation::ResetToAsync ||
      operation == Operation::ResetToAdaptive) {
    out.apply("MRS-23", "0,J,1,5"_outcomes);
  }
  if (operation == Operation::Prepare || operation == Operation::Unprepare) {
    out.apply("MRS-28", "0,J,1,5"_outcomes);
  }
  const bool copying = world.now(relation).places().contains(CopyState::Unsynchronized);
  const bool leaves = operation == Operation::Detach || operation == Operation::Dissolve;
  if (!force && (may_need_force(operation) || (leaves && copying))) {
    out.apply("MRS-29", "4,5,1,0,J"_outcomes);
  }
  if (blocked_by_progress(*relation.view, operation)) {
    out.apply("MRS-04", "0,J,5,4,6,1"_outcomes);
  }
  if (world.worked_on(relation.view->ref)) out.apply("GEN-18", "0,J,6,5,4"_outcomes);
}

void tally_operation_value(Tally& out, const World& world, Method method, std::string_view required,
                           std::string_view reserved, const std::optional<Operation>& operation) {
  if (!operation) {
    out.apply(required, "5,1,E4~2,4"_outcomes);
    return;
  }
  switch (classify(method, world.capabilities.level, *operation)) {
    case ValueClass::Defined:
      break;
    case ValueClass::Reserved:
      out.apply(reserved, "5,1,E4~2,4"_outcomes);
      break;
    case ValueClass::Vendor:
      out.apply(reserved, "0,J,1,5~2,4"_outcomes);
      break;
  }
}

void tally_modify_wait(Tally& out, const World& world, Method method,
                       std::span<const Relation* const> relations,
                       const std::optional<CopyState>& wait, std::string_view clause) {
  if (!wait) return;
  if (classify_wait(*wait) == ValueClass::Reserved) {
    out.apply(clause, "5,1~2,4"_outcomes);
    return;
  }
  bool listed = false;
  bool missing = false;
  const auto& table = world.capabilities.wait_for_copy_states;
  const ReplicationKind first{SyncType{}, Mode{}, Locality{}};
  for (auto row = table.lower_bound({method, first}); row != table.end(); ++row) {
    const auto& [key, states] = *row;
    if (key.first != method) break;
    const bool meant =
        std::ranges::any_of(relations, [type = key.second.sync_type](const Relation* relation) {
          return relation->view->sync_type == type;
        });
    if (!meant) continue;
    (states.contains(*wait) ? listed : missing) = true;
  }
  if (missing && !listed) {
    out.apply(clause, "5,1~2,4"_outcomes);
  } else {
    // Waiting for a state that the operation does not lead to ends in a time-out or a refusal.
    out.apply(clause, "0,J,5,1,3,4~6,2"_outcomes);
  }
}

bool defined_operation(const World& world, Method method,
                       const std::optional<Operation>& operation) {
  return operation && classify(method, world.capabilities.level, *operation) == ValueClass::Defined;
}

void tally_list_uniformity(Tally& out, const std::vector<const Relation*>& relations) {
  const auto differ = [&](auto RelationshipView::*property) {
    return std::ranges::any_of(relations, [&](const Relation* relation) {
      return relation->view->*property != relations.front()->view->*property;
    });
  };
  if (differ(&RelationshipView::relationship_class)) out.apply("MLS-03", "5~1,4"_outcomes);
  if (differ(&RelationshipView::sync_type)) out.apply("MLS-04", "5~1,4"_outcomes);
  if (differ(&RelationshipView::mode)) out.apply("MLS-05", "5~1,4"_outcomes);
}

}  // namespace

void tally(Tally& out, const World& world, const ModifyReplicaSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyReplicaSynchronization;
  tally_operation_value(out, world, kMethod, "MRS-01", "MRS-01", request.operation);
  if (!request.synchronization) {
    out.apply("MRS-02", "5,E4,E6~4,2,1"_outcomes);
    return;
  }
  apply_if(out, negated(world.exists(*request.synchronization)), "MRS-02",
           "5,E4,E6~4,2,1"_outcomes);
  const bool pair_used =
      request.operation == Operation::AddSyncPair || request.operation == Operation::RemoveSyncPair;
  if (request.sync_pair && !pair_used) out.apply("MRS-30", "0,J,5"_outcomes);
  if (request.replication_setting_data) out.apply("CER-29", "0,J,1,5~2,4"_outcomes);
  const Relation* relation = world.relation(*request.synchronization);
  if (relation == nullptr) return;
  if (defined_operation(world, kMethod, request.operation)) {
    tally_operation(out, world, *relation, *request.operation, request.force.value_or(false),
                    request.sync_pair.has_value());
  }
  tally_modify_wait(out, world, kMethod, {&relation, 1}, request.wait_for_copy_state, "MRS-07");
}

void tally(Tally& out, const World& world, const ModifyListSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyListSynchronization;
  tally_operation_value(out, world, kMethod, "MLS-01", "MLS-02", request.operation);
  if (!request.synchronizations) {
    out.apply("MLS-01", "5,E4~1,2,4"_outcomes);
    return;
  }
  if (request.synchronizations->empty()) {
    out.apply("MLS-01", "5,1,0"_outcomes);
    return;
  }
  std::vector<const Relation*> relations;
  const std::vector<RelationshipRef>& named = *request.synchronizations;
  for (auto at = named.begin(); at != named.end(); ++at) {
    const RelationshipRef& ref = *at;
    if (std::find(named.begin(), at, ref) != at) {
      out.apply("MLS-11", "5,0,J,4"_outcomes);
      continue;
    }
    apply_if(out, negated(world.exists(ref)), "MRS-02", "5,E4,E6~4,2,1"_outcomes);
    if (const Relation* relation = world.relation(ref)) relations.push_back(relation);
  }
  tally_list_uniformity(out, relations);
  if (request.replication_setting_data) out.apply("CER-29", "0,J,1,5~2,4"_outcomes);
  if (defined_operation(world, kMethod, request.operation)) {
    for (const Relation* relation : relations) {
      tally_operation(out, world, *relation, *request.operation, request.force.value_or(false),
                      false);
    }
  }
  tally_modify_wait(out, world, kMethod, relations, request.wait_for_copy_state, "MLS-10");
}

}  // namespace lockstep::model
