// Operations that change who leads, and how the other follows.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/group_journal.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/operations.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lockstep::replication {
namespace {

Answer break_all(World& world, const OperationRequest& request, const Pairs& pairs) {
  const BreakCause cause = cause_of_failure(world, *pairs.front());
  const std::string reason = reason_of_failure(world, *pairs.front());
  for (PairRecord* pair : pairs) break_pair(world, *pair, cause, reason);
  return refused(world, request.method, refusal_of(cause));
}

Answer failover(World& world, const OperationRequest& request, const Pairs& pairs) {
  if (!separate(world, pairs, true) || !make_whole(world, pairs) || !close_journal(world, pairs) ||
      !set_open_to_hosts(world, pairs, true)) {
    return break_all(world, request, pairs);
  }
  for (PairRecord* pair : pairs) {
    pair->target_leads = is_on_peer(world, *pair);
    enter(world, *pair, CopyState::Failedover, ProgressStatus::Completed);
  }
  return {};
}

Answer failback(World& world, const OperationRequest& request, const Pairs& pairs) {
  // Hosts on a peer stop writing before what they wrote is read.
  if (!set_open_to_hosts(world, pairs, false))
    return refused(world, request.method, Refusal::Failed);
  Answer answer;
  answer.code = ReturnCode::JobStarted;
  answer.job = start_job(world, pairs).ref;
  for (PairRecord* pair : pairs) {
    pair->progress = ProgressStatus::FailingBack;
    pair->requested = CopyState::Synchronized;
  }
  for (const Pairs& step : in_step(world, pairs)) {
    start_copy(world, step, Purpose::Failback, step.size() > 1);
  }
  return answer;
}

// The old source may not stay a source for others: it is about to be a replica. A group changes
// roles as a whole.
std::optional<Refusal> check_reversal(World& world, const Pairs& pairs) {
  std::set<Id> reversed;
  for (const PairRecord* pair : pairs) reversed.insert(pair->id);
  for (const PairRecord* pair : pairs) {
    for (const auto& [id, other] : world.pairs) {
      if (id != pair->id && other.source == pair->source) return Refusal::InUse;
    }
    const GroupPairRecord* group = world.group_pairs.find(pair->group);
    if (group == nullptr) continue;
    for (const Id member : group->pairs) {
      if (!reversed.contains(member)) return Refusal::Invalid;
    }
  }
  return std::nullopt;
}

void swap_groups(World& world, const Pairs& pairs) {
  std::set<Id> swapped;
  for (const PairRecord* pair : pairs) {
    GroupPairRecord* group = world.group_pairs.find(pair->group);
    if (group == nullptr || !swapped.insert(group->id).second) continue;
    std::swap(group->source_group, group->target_group);
  }
}

// A relationship's path may be made of its ends (MRS-25).
void rename(World& world, const Pairs& pairs) {
  std::set<Id> renamed;
  for (PairRecord* pair : pairs) {
    world.pairs.rename(*pair, pair_path(world.new_id()));
    GroupPairRecord* group = world.group_pairs.find(pair->group);
    if (group == nullptr || !renamed.insert(group->id).second) continue;
    world.group_pairs.rename(*group, group_pair_path(world.new_id()));
  }
}

Answer reverse_roles(World& world, const OperationRequest& request, const Pairs& pairs) {
  if (const auto refusal = check_reversal(world, pairs))
    return refused(world, request.method, *refusal);
  Pairs flowing;
  for (PairRecord* pair : pairs) {
    if (pair->state == CopyState::Synchronized) flowing.push_back(pair);
  }
  for (const PairRecord* pair : flowing) {
    world.elements.find(pair->source)->unit->set_host_access(scsi::HostAccess::ReadOnly);
  }
  if (!separate(world, flowing, true)) return break_all(world, request, flowing);
  for (PairRecord* pair : pairs) {
    std::swap(pair->source, pair->target);
    std::swap(pair->common.source, pair->common.target);
  }
  swap_groups(world, pairs);
  if (!join_again(world, flowing)) return break_all(world, request, flowing);
  for (PairRecord* pair : pairs) enter(world, *pair, pair->state, pair->progress);
  if (world.freedom.reversal_renames) rename(world, pairs);
  return {};
}

Mode wanted_mode(Operation operation) {
  switch (operation) {
    case Operation::ResetToSync:
      return Mode::Synchronous;
    case Operation::ResetToAsync:
      return Mode::Asynchronous;
    default:
      return Mode::Adaptive;
  }
}

}  // namespace

Answer change_roles(World& world, const OperationRequest& request, const Pairs& pairs) {
  switch (request.operation) {
    case Operation::Failover:
      return failover(world, request, pairs);
    case Operation::Failback:
      return failback(world, request, pairs);
    default:
      return reverse_roles(world, request, pairs);
  }
}

Answer change_mode(World& world, const OperationRequest& request, const Pairs& pairs) {
  const Mode mode = wanted_mode(request.operation);
  Pairs flowing;
  for (PairRecord* pair : pairs) {
    const bool flows = pair->state == CopyState::Synchronized || pair->lagging;
    if (flows && follows_each_write(pair->mode) != follows_each_write(mode)) {
      flowing.push_back(pair);
    }
  }
  // Nothing owed at the moment of change; the new mode is what join_again then follows.
  if (!flowing.empty() && !separate(world, flowing, true)) {
    return break_all(world, request, flowing);
  }
  for (PairRecord* pair : pairs) {
    pair->mode = mode;
    pair->copy_type = mode == Mode::Asynchronous ? CopyType::Async : CopyType::Sync;
    if (mode != Mode::Asynchronous) pair->settings.recovery_point_objective.reset();
  }
  if (!flowing.empty() && !join_again(world, flowing)) return break_all(world, request, flowing);
  for (PairRecord* pair : flowing) {
    enter(world, *pair, CopyState::Synchronized, ProgressStatus::Completed);
  }
  return {};
}

}  // namespace lockstep::replication
