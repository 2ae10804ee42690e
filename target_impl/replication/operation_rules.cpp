#include "target_impl/replication/operation_rules.hpp"

#include <map>

namespace lockstep::replication {
namespace {

using enum CopyState;
using States = std::set<CopyState>;
using Rules = std::map<Operation, States>;

// Everywhere: a copy that has not arrived has not touched its target, so both are whole.
const States kParting{Initialized, Prepared, Inactive,  Unsynchronized, Synchronized,
                      Fractured,   Split,    Suspended, Failedover,     Aborted,
                      Broken,      Skewed,   Restored};

Rules mirror_rules() {
  // Not while a copy runs: what the pair was asked to become is still on its way.
  const States any_mode{Initialized, Prepared, Inactive, Synchronized, Fractured, Split, Suspended};
  return {
      {Operation::Abort, {Unsynchronized, Suspended}},
      {Operation::Activate, {Inactive, Prepared, Initialized}},
      {Operation::Deactivate, {Synchronized}},
      {Operation::Detach, kParting},
      {Operation::Dissolve, kParting},
      {Operation::Failover, {Synchronized, Fractured, Split, Skewed, Broken}},
      {Operation::Failback, {Failedover}},
      {Operation::Fracture, {Synchronized, Skewed, Restored}},
      {Operation::ResyncReplica, {Fractured, Split, Broken, Aborted, Skewed, Restored, Suspended}},
      {Operation::RestoreFromReplica, {Fractured, Split, Skewed, Restored}},
      {Operation::Resume, {Suspended, Restored}},
      {Operation::ResetToSync, any_mode},
      {Operation::ResetToAsync, any_mode},
      {Operation::ResetToAdaptive, any_mode},
      {Operation::ReverseRoles, {Synchronized, Fractured, Split}},
      {Operation::Split, {Synchronized, Restored}},
      {Operation::Suspend, {Unsynchronized, Synchronized}},
      {Operation::Prepare, {Initialized, Prepared, Inactive, Fractured, Split, Aborted}},
      {Operation::Unprepare, {Prepared, Initialized, Inactive}},
  };
}

Rules snapshot_rules() {
  return {
      {Operation::Activate, {Inactive, Prepared, Initialized}},
      {Operation::Deactivate, {Synchronized, Skewed}},
      {Operation::Detach, kParting},
      {Operation::Dissolve, kParting},
      {Operation::Fracture, {Synchronized, Skewed, Restored}},
      {Operation::ResyncReplica,
       {Synchronized, Fractured, Split, Broken, Aborted, Skewed, Restored}},
      {Operation::RestoreFromReplica, {Synchronized, Fractured, Split, Skewed, Restored}},
      {Operation::ReturnToResourcePool, kParting},
      {Operation::Split, {Synchronized, Skewed, Restored}},
      {Operation::Prepare, {Initialized, Prepared, Inactive, Fractured, Split}},
      {Operation::Unprepare, {Prepared, Initialized, Inactive}},
  };
}

Rules tokenized_clone_rules() {
  return {
      {Operation::Abort, {Unsynchronized, Suspended}},
      {Operation::Activate, {Inactive, Prepared, Initialized}},
      {Operation::Deactivate, {Synchronized, Skewed}},
      {Operation::Detach, kParting},
      {Operation::Dissolve, kParting},
      {Operation::ResyncReplica, {Synchronized, Broken, Aborted, Skewed}},
      {Operation::Resume, {Suspended}},
      {Operation::Suspend, {Unsynchronized}},
      {Operation::Prepare, {Initialized, Prepared, Inactive, Aborted}},
      {Operation::Unprepare, {Prepared, Initialized, Inactive}},
  };
}

Rules clone_rules() {
  Rules rules = tokenized_clone_rules();
  rules[Operation::Fracture] = {Synchronized, Skewed, Restored};
  rules[Operation::Split] = {Synchronized, Skewed, Restored};
  rules[Operation::ResyncReplica] = {Synchronized, Fractured, Split,   Broken,
                                     Aborted,      Skewed,    Restored};
  rules[Operation::RestoreFromReplica] = {Synchronized, Fractured, Split, Skewed, Restored};
  rules[Operation::Prepare] = {Initialized, Prepared, Inactive, Aborted, Fractured, Split};
  return rules;
}

const Rules& rules_of(SyncType sync_type) {
  static const Rules mirror = mirror_rules();
  static const Rules snapshot = snapshot_rules();
  static const Rules clone = clone_rules();
  static const Rules tokenized_clone = tokenized_clone_rules();
  switch (sync_type) {
    case SyncType::Mirror:
      return mirror;
    case SyncType::Snapshot:
      return snapshot;
    case SyncType::Clone:
      return clone;
    case SyncType::TokenizedClone:
      break;
  }
  return tokenized_clone;
}

// Features that forbid what the rules allow.
bool is_forbidden(const Freedom& freedom, Operation operation, CopyState state) {
  const auto only_from = [&](Feature feature, CopyState required) {
    return freedom.has(feature) && state != required;
  };
  if (state == Failedover && freedom.has(Feature::FailoverRequiresFailback)) {
    return operation != Operation::Failback && operation != Operation::Detach;
  }
  switch (operation) {
    case Operation::Failover:
      return freedom.has(Feature::PlannedFailoverRequiresFractured) && state != Fractured &&
             state != Broken;
    case Operation::ReverseRoles:
      return only_from(Feature::ReverseRolesRequiresSynchronized, Synchronized) ||
             only_from(Feature::ReverseRolesRequiresFractured, Fractured) ||
             only_from(Feature::ReverseRolesRequiresSplit, CopyState::Split);
    default:
      return false;
  }
}

}  // namespace

bool is_supported(const Freedom& freedom, SyncType sync_type, Operation operation) {
  if (!rules_of(sync_type).contains(operation)) return false;
  if (freedom.withheld_operations.contains(operation)) return false;
  // A snapshot that must stay associated can only be given back.
  const bool parts = operation == Operation::Detach || operation == Operation::Dissolve;
  if (parts && sync_type == SyncType::Snapshot &&
      freedom.has(Feature::TargetMustRemainAssociated)) {
    return false;
  }
  return classify(Method::ModifyReplicaSynchronization, freedom.level, operation) ==
         ValueClass::Defined;
}

std::set<Operation> supported_operations(const Freedom& freedom, SyncType sync_type) {
  std::set<Operation> operations;
  for (const auto& [operation, states] : rules_of(sync_type)) {
    if (is_supported(freedom, sync_type, operation)) operations.insert(operation);
  }
  return operations;
}

bool is_acceptable(const Freedom& freedom, SyncType sync_type, Operation operation,
                   CopyState state) {
  const Rules& rules = rules_of(sync_type);
  const auto found = rules.find(operation);
  if (found == rules.end() || is_forbidden(freedom, operation, state)) return false;
  if (found->second.contains(state)) return true;
  return freedom.repetition_succeeds && held_state(freedom, operation) == state;
}

std::optional<CopyState> held_state(const Freedom& freedom, Operation operation) {
  switch (operation) {
    case Operation::Abort:
      return Aborted;
    case Operation::Deactivate:
      return Inactive;
    case Operation::Fracture:
      return Fractured;
    case Operation::Split:
      return CopyState::Split;
    case Operation::Suspend:
      return Suspended;
    case Operation::Prepare:
      return Prepared;
    case Operation::Unprepare:
      return freedom.after_unprepare;
    default:
      return std::nullopt;
  }
}

std::optional<Operation> required_by(ProgressStatus progress) {
  switch (progress) {
    case ProgressStatus::RequiresActivate:
      return Operation::Activate;
    case ProgressStatus::RequiresFracture:
      return Operation::Fracture;
    case ProgressStatus::RequiresDetach:
      return Operation::Detach;
    case ProgressStatus::RequiresResume:
      return Operation::Resume;
    default:
      return std::nullopt;
  }
}

ProgressStatus progress_after_restore(const Freedom& freedom, SyncType sync_type, CopyState state) {
  const auto required = [&](Feature feature, Operation operation) {
    return freedom.has(feature) && is_supported(freedom, sync_type, operation) &&
           is_acceptable(freedom, sync_type, operation, state);
  };
  if (required(Feature::RestoreRequiresFracture, Operation::Fracture)) {
    return ProgressStatus::RequiresFracture;
  }
  if (required(Feature::RestoreRequiresDetach, Operation::Detach)) {
    return ProgressStatus::RequiresDetach;
  }
  if (required(Feature::RestoreRequiresResume, Operation::Resume)) {
    return ProgressStatus::RequiresResume;
  }
  return ProgressStatus::Completed;
}

std::set<CopyState> awaitable_states(const Freedom& freedom, SyncType sync_type,
                                     Operation operation) {
  switch (operation) {
    case Operation::ResyncReplica:
      if (freedom.has(Feature::ResyncRequiresActivate)) return {Unsynchronized, Inactive};
      return {Unsynchronized, Synchronized};
    case Operation::Activate:
    case Operation::Resume:
      return {Unsynchronized, Synchronized};
    case Operation::Failover:
      return {Failedover};
    case Operation::Failback:
      return {Synchronized};
    case Operation::RestoreFromReplica:
      if (freedom.restore_keeps_state) return {};
      return {Restored};
    case Operation::Abort:
      if (freedom.abort_ends_clones && sync_type == SyncType::Clone) return {};
      return {Aborted};
    default:
      break;
  }
  const auto held = held_state(freedom, operation);
  return held ? std::set<CopyState>{*held} : std::set<CopyState>{};
}

std::set<CopyState> awaitable_states(const Freedom& freedom, SyncType sync_type) {
  std::set<CopyState> states;
  for (const Operation operation : supported_operations(freedom, sync_type)) {
    states.merge(awaitable_states(freedom, sync_type, operation));
  }
  return states;
}

std::set<CopyState> reachable_states(const Freedom& freedom, SyncType sync_type) {
  States states{Initialized, Unsynchronized, Synchronized, Broken,
                Inactive,    Prepared,       Partitioned,  Invalid};
  if (freedom.reports_skewed) states.insert(Skewed);
  if (sync_type != SyncType::Snapshot) states.insert({Suspended, Aborted});
  if (sync_type == SyncType::Mirror) states.insert(Failedover);
  if (sync_type != SyncType::TokenizedClone) {
    states.insert({Fractured, CopyState::Split});
    if (!freedom.restore_keeps_state) states.insert(Restored);
  }
  return states;
}

}  // namespace lockstep::replication
