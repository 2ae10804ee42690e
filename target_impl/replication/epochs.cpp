// Asynchronous mirrors and recovery: what happens without anybody asking.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/operations.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {
namespace {

bool ships_epochs(const PairRecord& pair) {
  return pair.sync_type == SyncType::Mirror && !follows_each_write(pair.mode) &&
         (pair.state == CopyState::Synchronized || pair.lagging);
}

// Less than this is carried over by the worker itself, as the last round of a copy is; more travels
// as copies do.
constexpr std::uint64_t kSmallEpochBytes = 1024 * 1024;

std::uint64_t owed_bytes(const Pairs& pairs, const std::vector<store::Image>& images) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Ranges owed = diff(pairs[i]->common.source, images[i]);
    bytes += bytes_of(blocks_in(owed), images[i].block_size()).value;
  }
  return bytes;
}

void show_lag(World& world, const Pairs& pairs, ProgressStatus progress) {
  for (PairRecord* pair : pairs) {
    if (pair->lagging) continue;
    enter(world, *pair, CopyState::Unsynchronized, progress);
    pair->lagging = true;
  }
}

using Moment = std::chrono::steady_clock::time_point;

void ship_epoch(World& world, const Pairs& pairs, std::uint64_t bytes,
                const std::vector<store::Image>& images, Moment cut_at) {
  if (bytes > kSmallEpochBytes || is_on_peer(world, *pairs.front())) {
    if (world.freedom.reports_lag) show_lag(world, pairs, ProgressStatus::Synchronizing);
    start_copy(world, pairs, Purpose::Epoch, true);
    return;
  }
  const bool fits = std::none_of(pairs.begin(), pairs.end(), [&](const PairRecord* pair) {
    return world.troubles.no_space.touches(pair->id);
  });
  if (!fits || !deliver(world, pairs, images)) {
    for (PairRecord* pair : pairs) {
      break_pair(world, *pair, BreakCause::Space, "the target has no space");
    }
    return;
  }
  for (PairRecord* pair : pairs) {
    pair->current_at = cut_at;
    if (pair->lagging) enter(world, *pair, CopyState::Synchronized, ProgressStatus::Completed);
  }
}

void run_epoch(World& world, const Pairs& pairs) {
  const bool ready = std::all_of(pairs.begin(), pairs.end(), [](const PairRecord* pair) {
    return ships_epochs(*pair) && pair->flow == 0;
  });
  if (!ready) return;
  std::vector<store::Volume*> sources;
  for (const PairRecord* pair : pairs) sources.push_back(&source_volume(world, *pair));
  const Moment cut_at = std::chrono::steady_clock::now();
  const std::vector<store::Image> images = cut_across(sources);
  const std::uint64_t bytes = owed_bytes(pairs, images);
  const bool lagging =
      std::any_of(pairs.begin(), pairs.end(), [](const PairRecord* pair) { return pair->lagging; });
  if (bytes == 0 && !lagging) {
    for (PairRecord* pair : pairs) pair->current_at = cut_at;
    return;
  }
  const bool held = std::any_of(pairs.begin(), pairs.end(),
                                [&](const PairRecord* pair) { return is_held(world, *pair); });
  if (!held) {
    ship_epoch(world, pairs, bytes, images, cut_at);
    return;
  }
  show_lag(world, pairs, ProgressStatus::Pending);
}

void recover_one_step(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    enter(world, *pair, CopyState::Unsynchronized, ProgressStatus::Resyncing);
    pair->requested = CopyState::Synchronized;
  }
  const bool mirror = pairs.front()->sync_type == SyncType::Mirror;
  start_copy(world, pairs, mirror ? Purpose::Synchronize : Purpose::PointInTime, pairs.size() > 1);
}

// Hosts on the peer go on writing what leads there.
bool open_again(World& world, PairRecord& pair) {
  return is_cut_off(world, pair) ? peer_target(world, pair)->open_with_next_connection()
                                 : set_open_to_hosts(world, {&pair}, true);
}

// A member that is still being copied keeps its consistent group where it is, so that all go on as
// one (DS-GR-02). One that was separated by request is out of step by request.
bool waits_for_member(World& world, const PairRecord& pair) {
  const GroupPairRecord* group = world.group_pairs.find(pair.group);
  if (group == nullptr || !group->consistency_enabled) return false;
  return std::any_of(group->pairs.begin(), group->pairs.end(), [&](const Id id) {
    const PairRecord* member = world.pairs.find(id);
    return member->state == CopyState::Unsynchronized && !member->lagging;
  });
}

}  // namespace

std::vector<Pairs> in_step(World& world, const Pairs& pairs) {
  std::vector<Pairs> steps;
  std::map<Id, std::size_t> group_step;
  for (PairRecord* pair : pairs) {
    const GroupPairRecord* group = world.group_pairs.find(pair->group);
    const bool consistent = group != nullptr && group->consistency_enabled;
    const auto known = group_step.find(pair->group);
    if (consistent && known != group_step.end()) {
      steps[known->second].push_back(pair);
      continue;
    }
    if (consistent) group_step.emplace(pair->group, steps.size());
    steps.push_back({pair});
  }
  return steps;
}

bool run_epochs(World& world) {
  Pairs shipping;
  for (auto& [id, pair] : world.pairs) {
    if (ships_epochs(pair)) shipping.push_back(&pair);
  }
  for (const Pairs& step : in_step(world, shipping)) {
    if (!waits_for_member(world, *step.front())) run_epoch(world, step);
  }
  return !shipping.empty();
}

bool owes_peers(World& world) {
  return std::any_of(world.pairs.begin(), world.pairs.end(), [&](const auto& entry) {
    const PairRecord& pair = entry.second;
    const bool ships = ships_epochs(pair) && is_on_peer(world, pair) && !is_cut_off(world, pair) &&
                       !is_held(world, pair) && !waits_for_member(world, pair);
    return ships && !diff(pair.common.source, source_volume(world, pair).snapshot()).empty();
  });
}

void start_initialized(World& world) {
  if (!world.freedom.starts_by_itself) return;
  Pairs waiting;
  for (auto& [id, pair] : world.pairs) {
    const bool ready = pair.state == CopyState::Initialized && pair.overlay == Overlay::None &&
                       !world.troubles.link_lost.touches(id);
    if (ready) waiting.push_back(&pair);
  }
  OperationRequest start;
  start.operation = Operation::Activate;
  start.wait = CopyState::Unsynchronized;
  for (const Pairs& step : in_step(world, waiting)) {
    const bool taken = std::all_of(step.begin(), step.end(), [](const PairRecord* pair) {
      return pair->sync_type == SyncType::Snapshot && pair->point_in_time;
    });
    if (!taken) {
      static_cast<void>(let_flow(world, start, step));
      continue;
    }
    // No host write to the targets may come in between.
    for (PairRecord* pair : step) enter(world, *pair, CopyState::Unsynchronized);
    static_cast<void>(show_snapshots(world, start, step));
  }
}

void break_pair(World& world, PairRecord& pair, BreakCause cause, const std::string& reason) {
  Pairs affected{&pair};
  const GroupPairRecord* group = world.group_pairs.find(pair.group);
  if (group != nullptr && group->consistency_enabled && pair.sync_type == SyncType::Mirror) {
    for (const Id id : group->pairs) {
      PairRecord* member = world.pairs.find(id);
      const bool flowing =
          member->state == CopyState::Unsynchronized || member->state == CopyState::Synchronized;
      if (member != &pair && flowing) affected.push_back(member);
    }
  }
  for (PairRecord* member : affected) stop_copy(world, *member);
  // While the mirror refuses writes still, so that none gets through in between (DS-MS-04).
  for (const PairRecord* member : affected) {
    if (!member->settings.failed_copy_stops_host_io) continue;
    world.elements.find(member->source)->unit->set_host_access(scsi::HostAccess::ReadOnly);
  }
  static_cast<void>(separate(world, affected, false));
  for (PairRecord* member : affected) {
    enter(world, *member, CopyState::Broken, ProgressStatus::NotApplicable);
    member->cause = cause;
    update_host_access(world, member->source);
    settle_jobs(world, *member, JobState::Exception, reason);
  }
}

void take_back(World& world, const Pairs& pairs, const std::string& reason) {
  for (PairRecord* pair : pairs) {
    pair->progress = ProgressStatus::Completed;
    pair->requested = CopyState::NotApplicable;
    update_host_access(world, pair->target);
    settle_jobs(world, *pair, JobState::Exception, reason);
    if (!pair->target_leads || open_again(world, *pair)) continue;
    break_pair(world, *pair, cause_of_failure(world, *pair), reason_of_failure(world, *pair));
  }
}

void recover(World& world, const Pairs& pairs) {
  Pairs automatic;
  for (PairRecord* pair : pairs) {
    // Nobody decides unasked whose bytes are lost: Failover and Resync are (T-054).
    if (pair->target_leads) continue;
    if (pair->settings.copy_recovery_mode == CopyRecoveryMode::Manual) {
      enter(world, *pair, CopyState::Suspended);
    } else {
      automatic.push_back(pair);
    }
  }
  for (const Pairs& step : in_step(world, automatic)) recover_one_step(world, step);
}

}  // namespace lockstep::replication
