// Operations that start, stop or end the flow of data.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/group_journal.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/operation_rules.hpp"
#include "target_impl/replication/operations.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <iterator>

namespace lockstep::replication {
namespace {

// Moves data in the background; the job, if any is waited for, ends when it has arrived.
Answer copy_in_background(World& world, const OperationRequest& request, const Pairs& pairs,
                          Purpose purpose) {
  Answer answer;
  if (request.wait != CopyState::Unsynchronized) {
    answer.code = ReturnCode::JobStarted;
    answer.job = start_job(world, pairs).ref;
  }
  for (const Pairs& step : in_step(world, pairs)) {
    start_copy(world, step, purpose, step.size() > 1);
  }
  return answer;
}

// T-035: what is resynchronized waits for Activate.
bool ends_idle(const World& world, const OperationRequest& request, const PairRecord& pair) {
  if (request.operation != Operation::ResyncReplica ||
      !world.freedom.has(Feature::ResyncRequiresActivate) ||
      pair.sync_type == SyncType::TokenizedClone) {
    return false;
  }
  return pair.state == CopyState::Fractured || pair.state == CopyState::Split ||
         pair.state == CopyState::Broken || pair.state == CopyState::Aborted;
}

Answer synchronize(World& world, const OperationRequest& request, const Pairs& pairs) {
  Pairs leaders;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(leaders),
               [](const PairRecord* pair) { return pair->target_leads; });
  // Asked to, what hosts wrote on the peer is given up; they stop before it is overwritten.
  if (!set_open_to_hosts(world, leaders, false))
    return refused(world, request.method, Refusal::Failed);
  for (PairRecord* pair : leaders) pair->target_leads = false;
  const bool first = request.operation == Operation::Activate;
  for (PairRecord* pair : pairs) {
    // Renewed first, it is on its way already.
    const bool idle = pair->ends_idle || ends_idle(world, request, *pair);
    enter(world, *pair, CopyState::Unsynchronized,
          first ? ProgressStatus::Synchronizing : ProgressStatus::Resyncing);
    pair->requested = CopyState::Synchronized;
    pair->ends_idle = idle;
  }
  return copy_in_background(
      world, request, pairs,
      pairs.front()->sync_type == SyncType::Mirror ? Purpose::Synchronize : Purpose::PointInTime);
}

// MRS-20: a new point in time for all that stands for one.
Answer renew(World& world, const OperationRequest& request, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    const bool idle = ends_idle(world, request, *pair);
    // No host write to the target may come in between.
    enter(world, *pair, CopyState::Unsynchronized, ProgressStatus::Resyncing);
    pair->ends_idle = idle;
  }
  for (const Pairs& step : in_step(world, pairs)) {
    const bool together = step.size() > 1 || step.front()->settings.consistent_point_in_time;
    take_points_in_time(world, step, together);
  }
  if (pairs.front()->sync_type != SyncType::Snapshot) return synchronize(world, request, pairs);
  return show_snapshots(world, request, pairs);
}

Answer restore(World& world, const OperationRequest& request, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    pair->progress = ProgressStatus::Restoring;
    pair->requested =
        world.freedom.restore_keeps_state ? CopyState::Synchronized : CopyState::Restored;
  }
  return copy_in_background(world, request, pairs, Purpose::Restore);
}

}  // namespace

Answer show_snapshots(World& world, const OperationRequest& request, const Pairs& pairs) {
  bool shown = true;
  for (PairRecord* pair : pairs) {
    const bool fits = show_point_in_time(world, *pair);
    const bool idle = pair->ends_idle;
    if (!fits) {
      enter(world, *pair, CopyState::Broken, ProgressStatus::NotApplicable);
    } else if (idle) {
      enter(world, *pair, CopyState::Inactive, ProgressStatus::RequiresActivate);
    } else {
      enter(world, *pair, CopyState::Synchronized, ProgressStatus::Completed);
    }
    shown = shown && fits;
  }
  return shown ? Answer{} : refused(world, request.method, Refusal::NoSpace);
}

Answer let_flow(World& world, const OperationRequest& request, const Pairs& pairs) {
  if (request.operation == Operation::RestoreFromReplica) return restore(world, request, pairs);
  const bool mirror = pairs.front()->sync_type == SyncType::Mirror;
  // A suspended copy goes on towards the point in time that it had.
  if (mirror || request.operation == Operation::Resume) return synchronize(world, request, pairs);
  return renew(world, request, pairs);
}

Answer hold_flow(World& world, const OperationRequest& request, const Pairs& all) {
  const Operation operation = request.operation;
  const CopyState held = held_state(world.freedom, operation).value();
  // What is there already stays untouched.
  Pairs pairs;
  std::copy_if(all.begin(), all.end(), std::back_inserter(pairs),
               [&](const PairRecord* pair) { return pair->state != held; });
  if (pairs.empty()) return {};
  for (PairRecord* pair : pairs) {
    if (!copy_runs(world, *pair)) continue;
    stop_copy(world, *pair);
    settle_jobs(world, *pair, JobState::Terminated, "the copy was stopped by request");
  }
  // Split promises a consistent target, Deactivate and the others only a whole one (MRS-26).
  // What a journal is for is not left half done either.
  const bool drain = operation == Operation::Split || operation == Operation::Deactivate ||
                     journal_of(world, *pairs.front()) != nullptr;
  if (pairs.front()->sync_type == SyncType::Mirror && !separate(world, pairs, drain)) {
    const BreakCause cause = cause_of_failure(world, *pairs.front());
    const std::string reason = reason_of_failure(world, *pairs.front());
    for (PairRecord* pair : pairs) break_pair(world, *pair, cause, reason);
    return refused(world, request.method, refusal_of(cause));
  }
  for (PairRecord* pair : pairs) {
    enter(world, *pair, held);
    if (operation == Operation::Deactivate && pair->sync_type == SyncType::Snapshot) {
      // MRS-13: what hosts wrote to a snapshot is lost.
      static_cast<void>(show_point_in_time(world, *pair));
    }
  }
  for (const Pairs& step : in_step(world, pairs)) {
    take_points_ahead(world, step, step.front()->settings.consistent_point_in_time);
  }
  return {};
}

Answer part(World& world, const OperationRequest& request, const Pairs& pairs) {
  for (PairRecord* pair : pairs) stop_copy(world, *pair);
  if (pairs.front()->sync_type == SyncType::Mirror) {
    // A peer that is not there is not waited for.
    const auto may_deliver = [&] {
      return journal_of(world, *pairs.front()) != nullptr && !is_cut_off(world, *pairs.front());
    };
    static_cast<void>(separate(world, pairs, may_deliver()));
    // Those that stay may be whole only by what is in force.
    if (may_deliver() && make_whole(world, with_companions(world, pairs))) {
      static_cast<void>(close_journal(world, pairs));
    }
  }
  std::vector<std::pair<Id, Id>> ends;
  for (const PairRecord* pair : pairs) ends.emplace_back(pair->id, pair->target);
  for (const auto& [pair, target] : ends) {
    erase_pair(world, pair);
    if (request.operation == Operation::ReturnToResourcePool) remove_element(world, target);
  }
  return {};
}

}  // namespace lockstep::replication
