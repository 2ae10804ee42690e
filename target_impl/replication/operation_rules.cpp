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

std::set<Operation> operations_in(const Rules& rules) {
  std::set<Operation> operations;
  for (const auto& [operation, states] : rules) operations.insert(operation);
  return operations;
}

}  // namespace

const std::set<Operation>& supported_operations(SyncType sync_type) {
  static const std::map<SyncType, std::set<Operation>> operations = [] {
    std::map<SyncType, std::set<Operation>> all;
    for (const SyncType kind :
         {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone, SyncType::TokenizedClone}) {
      all.emplace(kind, operations_in(rules_of(kind)));
    }
    return all;
  }();
  return operations.at(sync_type);
}

bool is_acceptable(SyncType sync_type, Operation operation, CopyState state) {
  const Rules& rules = rules_of(sync_type);
  const auto found = rules.find(operation);
  return found != rules.end() && found->second.contains(state);
}

std::set<CopyState> awaitable_states(Operation operation) {
  switch (operation) {
    case Operation::Abort:
      return {Aborted};
    case Operation::Activate:
    case Operation::ResyncReplica:
    case Operation::Resume:
      return {Unsynchronized, Synchronized};
    case Operation::Deactivate:
      return {Inactive};
    case Operation::Failover:
      return {Failedover};
    case Operation::Failback:
      return {Synchronized};
    case Operation::Fracture:
      return {Fractured};
    case Operation::RestoreFromReplica:
      return {Restored};
    case Operation::Split:
      return {CopyState::Split};
    case Operation::Suspend:
      return {Suspended};
    case Operation::Prepare:
      return {Prepared};
    case Operation::Unprepare:
      return {Initialized};
    default:
      return {};
  }
}

std::set<CopyState> awaitable_states(SyncType sync_type) {
  std::set<CopyState> states;
  for (const Operation operation : supported_operations(sync_type)) {
    states.merge(awaitable_states(operation));
  }
  return states;
}

std::set<CopyState> reachable_states(SyncType sync_type) {
  States states{Initialized, Unsynchronized, Synchronized, Broken, Inactive,
                Prepared,    Skewed,         Partitioned,  Invalid};
  if (sync_type != SyncType::Snapshot) states.insert({Suspended, Aborted});
  if (sync_type == SyncType::Mirror) states.insert(Failedover);
  if (sync_type != SyncType::TokenizedClone) states.insert({Fractured, CopyState::Split, Restored});
  return states;
}

}  // namespace lockstep::replication
