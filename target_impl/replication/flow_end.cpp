// How flows end: what arrives where, and what the pairs are afterwards.
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/operation_rules.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lockstep::replication {
namespace {

using store::WriteResult;

constexpr const char* kPoolFull = "the target's pool is full";

void reached(World& world, PairRecord& pair, CopyState state,
             ProgressStatus progress = ProgressStatus::Completed) {
  enter(world, pair, state, progress);
  settle_jobs(world, pair, JobState::Completed, {});
}

void reached_synchronized(World& world, const Pairs& pairs) {
  Pairs idle;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(idle),
               [](const PairRecord* pair) { return pair->ends_idle; });
  if (!idle.empty() && idle.front()->sync_type == SyncType::Mirror) {
    static_cast<void>(separate(world, idle, false));
  }
  for (PairRecord* pair : pairs) {
    if (pair->ends_idle) {
      reached(world, *pair, CopyState::Inactive, ProgressStatus::RequiresActivate);
    } else {
      reached(world, *pair, CopyState::Synchronized);
    }
  }
}

bool ends_when_complete(const World& world, const PairRecord& pair) {
  if (pair.detach_when_done) return true;
  if (pair.sync_type != SyncType::Clone && pair.sync_type != SyncType::TokenizedClone) return false;
  return pair.group != 0 ? world.freedom.has(GroupFeature::SynchronizedCloneDetachesAutomatically)
                         : world.freedom.has(Feature::SynchronizedCloneDetachesAutomatically);
}

// The states of T-036 and T-037.
CopyState state_after_restore(const World& world, const PairRecord& pair) {
  if (!world.freedom.restore_keeps_state) return CopyState::Restored;
  if (pair.sync_type != SyncType::Mirror) return CopyState::Synchronized;
  return pair.state == CopyState::Split ? CopyState::Split : CopyState::Fractured;
}

// What was shipped is on the peer; what hosts have written since follows with the observers.
void finish_on_peer(World& world, Flow& flow) {
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  for (Leg& leg : flow.legs) {
    PairRecord& pair = *world.pairs.find(leg.pair);
    static_cast<void>(target_volume(world, pair).assign(leg.image));
    pair.common = {leg.image, leg.image};
    pair.current_at = flow.cut_at;
    settle(world, pair);
  }
  if (!arrive_on_peer(world, pairs)) {
    const PairRecord& first = *pairs.front();
    fail_flow(world, id, cause_of_failure(world, first), reason_of_failure(world, first));
    return;
  }
  close_flow(world, id);
  reached_synchronized(world, pairs);
}

void finish_synchronize(World& world, Flow& flow) {
  if (is_on_peer(world, *world.pairs.find(flow.legs.front().pair))) {
    finish_on_peer(world, flow);
    return;
  }
  std::vector<Arrival> arrivals;
  for (Leg& leg : flow.legs) {
    arrivals.push_back({world.pairs.find(leg.pair), leg.staging, leg.image, {}});
  }
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  if (!arrive(world, arrivals)) {
    fail_flow(world, id, BreakCause::Space, kPoolFull);
    return;
  }
  close_flow(world, id);
  reached_synchronized(world, pairs);
}

void finish_point_in_time(World& world, Flow& flow) {
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  for (Leg& leg : flow.legs) {
    PairRecord& pair = *world.pairs.find(leg.pair);
    const store::Image content = leg.staging->snapshot();
    if (target_volume(world, pair).assign(content) == WriteResult::OutOfSpace) {
      fail_flow(world, id, BreakCause::Space, kPoolFull);
      return;
    }
    pair.common = {leg.image, content};
    if (pair.token) world.tokens.discard(*pair.token);
    pair.token.reset();
  }
  close_flow(world, id);
  reached_synchronized(world, pairs);
  for (PairRecord* pair : pairs) {
    if (ends_when_complete(world, *pair)) erase_pair(world, pair->id);  // T-015
  }
}

void finish_restore(World& world, Flow& flow) {
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  for (Leg& leg : flow.legs) {
    PairRecord& pair = *world.pairs.find(leg.pair);
    const store::Image content = leg.staging->snapshot();
    if (!assign_to_source(world, pair.source, content)) {
      fail_flow(world, id, BreakCause::Space, kPoolFull);
      return;
    }
    pair.common = {content, leg.image};
  }
  close_flow(world, id);
  for (PairRecord* pair : pairs) {
    const CopyState state = state_after_restore(world, *pair);
    reached(world, *pair, state, progress_after_restore(world.freedom, pair->sync_type, state));
  }
}

// What hosts have written to the target since the flow began, with those hosts shut out from now
// on.
bool fetch_last_writes(World& world, Leg& leg, store::Image& last) {
  const PairRecord& pair = *world.pairs.find(leg.pair);
  world.elements.find(pair.target)->unit->set_host_access(scsi::HostAccess::ReadOnly);
  last = target_volume(world, pair).snapshot();
  return apply_directly(last, diff(leg.image, last), *leg.staging);
}

// DS-OP-04: the source gets all that the target holds, whole, and leads again. No source changes
// before all of them can (DS-GR-03).
void finish_failback(World& world, Flow& flow) {
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  std::vector<store::Image> last(flow.legs.size());
  for (std::size_t i = 0; i < flow.legs.size(); ++i) {
    if (!fetch_last_writes(world, flow.legs[i], last[i])) {
      fail_flow(world, id, BreakCause::Space, kPoolFull);
      return;
    }
  }
  for (std::size_t i = 0; i < flow.legs.size(); ++i) {
    PairRecord& pair = *world.pairs.find(flow.legs[i].pair);
    const store::Image content = flow.legs[i].staging->snapshot();
    if (!assign_to_source(world, pair.source, content)) {
      fail_flow(world, id, BreakCause::Space, kPoolFull);
      return;
    }
    pair.common = {content, last[i]};
  }
  close_flow(world, id);
  for (PairRecord* pair : pairs) pair->target_leads = false;
  if (join_again(world, pairs)) {
    reached_synchronized(world, pairs);
    return;
  }
  for (PairRecord* pair : pairs) {
    break_pair(world, *pair, cause_of_failure(world, *pair), reason_of_failure(world, *pair));
  }
}

void finish_epoch(World& world, Flow& flow) {
  const Id id = flow.id;
  const Pairs pairs = pairs_in(world, flow);
  for (Leg& leg : flow.legs) {
    PairRecord& pair = *world.pairs.find(leg.pair);
    const store::Image content = leg.staging->snapshot();
    if (target_volume(world, pair).assign(content) == WriteResult::OutOfSpace) {
      fail_flow(world, id, BreakCause::Space, kPoolFull);
      return;
    }
    pair.common = {leg.image, content};
    pair.current_at = flow.cut_at;
    if (is_on_peer(world, pair)) settle(world, pair);
  }
  close_flow(world, id);
  for (PairRecord* pair : pairs) {
    if (pair->lagging) enter(world, *pair, CopyState::Synchronized, ProgressStatus::Completed);
  }
}

}  // namespace

void finish(World& world, Flow& flow) {
  switch (flow.purpose) {
    case Purpose::Synchronize:
      return finish_synchronize(world, flow);
    case Purpose::PointInTime:
      return finish_point_in_time(world, flow);
    case Purpose::Restore:
      return finish_restore(world, flow);
    case Purpose::Failback:
      return finish_failback(world, flow);
    case Purpose::Epoch:
      return finish_epoch(world, flow);
  }
}

bool assign_to_source(World& world, Id element, const store::Image& image) {
  for (auto& [id, pair] : world.pairs) {
    if (pair.source == element && pair.observer) pair.observer->announce_assignment(image);
  }
  // A mirror that could not follow has told the mailbox; the source itself has changed.
  return world.elements.find(element)->volume->assign(image) != WriteResult::OutOfSpace;
}

}  // namespace lockstep::replication
