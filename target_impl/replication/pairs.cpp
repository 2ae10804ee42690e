#include "target_impl/replication/pairs.hpp"

#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/jobs.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {
namespace {

// States in which a host's write to the target is reported as Skewed.
bool skew_counts(SyncType sync_type, CopyState state) noexcept {
  if (sync_type == SyncType::Mirror) {
    return state == CopyState::Fractured || state == CopyState::Split;
  }
  return state == CopyState::Synchronized;
}

void leave_group_pair(World& world, Id group_pair_id, Id pair_id) {
  GroupPairRecord* group_pair = world.group_pairs.find(group_pair_id);
  if (group_pair == nullptr) return;
  std::erase(group_pair->pairs, pair_id);
  if (!group_pair->pairs.empty()) return;
  const Id ends[] = {group_pair->source_group, group_pair->target_group};
  world.group_pairs.erase(group_pair_id);
  for (const Id end : ends) {
    const GroupRecord* group = world.groups.find(end);
    if (group == nullptr || !group->delete_on_unassociated) continue;
    const bool still_associated =
        std::any_of(world.group_pairs.begin(), world.group_pairs.end(), [&](const auto& entry) {
          return entry.second.source_group == end || entry.second.target_group == end;
        });
    if (!still_associated) world.groups.erase(end);
  }
}

// Hosts' writes to the source are not answered for the peer's sake any more.
void let_go_of_peer(World& world, const PairRecord& pair) {
  const ElementRecord* target = world.elements.find(pair.target);
  if (!target->peer) return;
  world.elements.find(pair.source)->unit->remove_holder(*target->peer->holder());
}

}  // namespace

bool host_may_write_target(SyncType sync_type, CopyState state) noexcept {
  switch (state) {
    case CopyState::Skewed:
      return true;
    case CopyState::Synchronized:
      return sync_type != SyncType::Mirror;
    case CopyState::Fractured:
    case CopyState::Split:
    case CopyState::Failedover:
      return sync_type == SyncType::Mirror;
    default:
      return false;
  }
}

bool follows_each_write(Mode mode) noexcept { return mode != Mode::Asynchronous; }

void enter(World& world, PairRecord& pair, CopyState state, ProgressStatus progress) {
  pair.state = state;
  pair.progress = progress;
  pair.lagging = false;
  pair.ends_idle = false;
  if (pair.requested == state || pair.flow == 0) pair.requested = CopyState::NotApplicable;
  if (state != CopyState::Broken) pair.cause = BreakCause::None;
  if (const ElementRecord* target = world.elements.find(pair.target)) {
    pair.written_mark = target->unit->medium_changes();
    pair.entered.reset();
    if (skew_counts(pair.sync_type, state)) pair.entered = target->volume->snapshot();
  }
  update_host_access(world, pair.target);
  update_host_access(world, pair.source);
}

void notice_host_writes(World& world, PairRecord& pair) {
  if (!world.freedom.reports_skewed || !skew_counts(pair.sync_type, pair.state)) return;
  const ElementRecord* target = world.elements.find(pair.target);
  if (target == nullptr || target->unit->medium_changes() <= pair.written_mark) return;
  const ProgressStatus progress = pair.progress;
  enter(world, pair, CopyState::Skewed,
        progress == ProgressStatus::Restoring ? progress : ProgressStatus::Completed);
}

CopyState shown_state(const PairRecord& pair) noexcept {
  switch (pair.overlay) {
    case Overlay::Partitioned:
      return CopyState::Partitioned;
    case Overlay::Invalid:
      return CopyState::Invalid;
    case Overlay::None:
      break;
  }
  return pair.state;
}

void erase_pair(World& world, Id id) {
  PairRecord* pair = world.pairs.find(id);
  if (pair == nullptr) return;
  stop_copy(world, *pair);
  settle_jobs(world, *pair, JobState::Terminated, "the relationship was removed");
  detach_observer(world, *pair);
  let_go_of_peer(world, *pair);
  if (pair->token) world.tokens.discard(*pair->token);
  const Id group_pair = pair->group;
  const Id source = pair->source;
  const Id target = pair->target;
  world.pairs.erase(id);
  if (world.elements.find(target)->peer) remove_element(world, target);
  if (group_pair != 0) leave_group_pair(world, group_pair, id);
  update_host_access(world, source);
  update_host_access(world, target);
}

std::vector<PairRecord*> pairs_of(World& world, const RelationshipRef& ref) {
  if (PairRecord* pair = world.pairs.find(ref)) return {pair};
  std::vector<PairRecord*> members;
  if (const GroupPairRecord* group_pair = world.group_pairs.find(ref)) {
    for (const Id id : group_pair->pairs) {
      if (PairRecord* pair = world.pairs.find(id)) members.push_back(pair);
    }
  }
  return members;
}

}  // namespace lockstep::replication
