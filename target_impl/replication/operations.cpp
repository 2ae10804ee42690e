// Checks an operation and hands it to the part that carries it out.
#include "target_impl/replication/operations.hpp"

#include "target_impl/replication/operation_rules.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>

namespace lockstep::replication {
namespace {

bool parts_pairs(Operation operation) {
  return operation == Operation::Detach || operation == Operation::Dissolve ||
         operation == Operation::ReturnToResourcePool;
}

// A target may come out inconsistent (MRS-29).
bool may_need_force(Operation operation) {
  return operation == Operation::Fracture || operation == Operation::Failover ||
         operation == Operation::Abort || operation == Operation::ReverseRoles;
}

bool needs_link(Operation operation) {
  switch (operation) {
    case Operation::Activate:
    case Operation::ResyncReplica:
    case Operation::Resume:
    case Operation::RestoreFromReplica:
    case Operation::Failback:
      return true;
    default:
      return false;
  }
}

// T-019: halting a clone under way ends it.
bool ends_by_abort(const World& world, const Pairs& pairs) {
  return world.freedom.abort_ends_clones &&
         std::all_of(pairs.begin(), pairs.end(), [](const PairRecord* pair) {
           return pair->sync_type == SyncType::Clone && pair->state == CopyState::Unsynchronized;
         });
}

std::optional<Refusal> check_pair(World& world, const OperationRequest& request,
                                  const PairRecord& pair) {
  const Operation operation = request.operation;
  // What is not known cannot be worked with, only given up (MRS-29).
  if (pair.overlay != Overlay::None) {
    const bool given_up = parts_pairs(operation) && request.force;
    return given_up && operation != Operation::ReturnToResourcePool
               ? std::nullopt
               : std::optional(Refusal::WrongState);
  }
  if (!is_acceptable(world.freedom, pair.sync_type, operation, pair.state)) {
    return Refusal::WrongState;
  }
  const auto required = required_by(pair.progress);
  if (required && *required != operation && !parts_pairs(operation)) return Refusal::WrongState;
  if (world.freedom.wants_force && may_need_force(operation) && !request.force) {
    return Refusal::Failed;
  }
  const bool copying = pair.state == CopyState::Unsynchronized;
  // Restore or Failback. One that waits for its link is given up with the pair.
  const bool waits = is_cut_off(world, pair) || world.troubles.link_lost.touches(pair.id);
  const bool given_up = waits && parts_pairs(operation);
  if (copy_runs(world, pair) && !copying && !given_up) return Refusal::InUse;
  if (is_on_peer(world, pair)) {
    // A peer is written by its initiator, it writes nobody: roles cannot be reversed.
    if (operation == Operation::ReverseRoles) return Refusal::NotSupported;
    const GroupPairRecord* group = world.group_pairs.find(pair.group);
    const bool consistent = group != nullptr && group->consistency_enabled;
    // Only a group that was made so has a journal.
    if (operation == Operation::ResetToAsync && consistent && group->journal_id.empty()) {
      return Refusal::NotSupported;
    }
    const bool asks_peer = needs_link(operation) || operation == Operation::Failover;
    if (asks_peer && is_cut_off(world, pair)) return Refusal::Failed;
  }
  if (needs_link(operation) && world.troubles.link_lost.touches(pair.id)) return Refusal::Failed;
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_operation(World& world, const OperationRequest& request,
                                       const Pairs& pairs) {
  const SyncType sync_type = pairs.front()->sync_type;
  if (!is_supported(world.freedom, sync_type, request.operation)) return Refusal::NotSupported;
  if (request.wait &&
      !awaitable_states(world.freedom, sync_type, request.operation).contains(*request.wait)) {
    return Refusal::Invalid;
  }
  for (PairRecord* pair : pairs) {
    notice_host_writes(world, *pair);
    if (const auto refusal = check_pair(world, request, *pair)) return refusal;
  }
  return std::nullopt;
}

Answer operate(World& world, const OperationRequest& request, const Pairs& pairs) {
  if (const auto refusal = check_operation(world, request, pairs))
    return refused(world, request.method, *refusal);
  switch (request.operation) {
    case Operation::Activate:
    case Operation::ResyncReplica:
    case Operation::Resume:
    case Operation::RestoreFromReplica:
      return let_flow(world, request, pairs);
    case Operation::Abort:
      if (ends_by_abort(world, pairs)) return part(world, request, pairs);
      return hold_flow(world, request, pairs);
    case Operation::Deactivate:
    case Operation::Fracture:
    case Operation::Split:
    case Operation::Suspend:
    case Operation::Prepare:
    case Operation::Unprepare:
      return hold_flow(world, request, pairs);
    case Operation::Detach:
    case Operation::Dissolve:
    case Operation::ReturnToResourcePool:
      return part(world, request, pairs);
    case Operation::Failover:
    case Operation::Failback:
    case Operation::ReverseRoles:
      return change_roles(world, request, pairs);
    case Operation::ResetToSync:
    case Operation::ResetToAsync:
    case Operation::ResetToAdaptive:
      return change_mode(world, request, pairs);
    default:
      return refused(world, request.method, Refusal::NotSupported);
  }
}

}  // namespace lockstep::replication
