#include "target_impl/replication/catalogue/recovery.hpp"

#include "target_impl/replication/catalogue/peer_recovery.hpp"
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <utility>

namespace lockstep::replication {
namespace {

void take_records(World& world, SavedWorld saved) {
  world.last_id = std::max(world.last_id, saved.service.ids_below);
  world.troubles = std::move(saved.service.troubles);
  for (auto& [id, element] : saved.elements) {
    element.ref = element_path(element.device_id);
    element.unit = element.peer_name.empty()
                       ? make_unit(element, naa_identifier_of(element.device_id).value())
                       : make_peer_unit(element);
    world.elements.add(std::move(element));
  }
  for (auto& [id, group] : saved.groups) {
    group.ref = group_path(id);
    world.groups.add(std::move(group));
  }
  for (auto& [id, pair] : saved.pairs) {
    pair.ref = pair_path(id);
    world.last_cut = std::max(world.last_cut, pair.cut);
    if (pair.token) pair.token = world.tokens.make(pair.point_in_time.value());
    world.pairs.add(std::move(pair));
  }
  for (auto& [id, group_pair] : saved.group_pairs) {
    group_pair.ref = group_pair_path(id);
    world.group_pairs.add(std::move(group_pair));
  }
  for (auto& [id, job] : saved.jobs) {
    job.ref = job_path(id);
    job.ended = std::chrono::steady_clock::now();
    if (job.state == JobState::Running) {
      for (const Id pair : job.pending) world.pairs.find(pair)->jobs.push_back(id);
    }
    world.jobs.add(std::move(job));
  }
}

// Hosts may have written a target before the end; how often, nobody has kept.
void note_host_writes(World& world) {
  for (auto& [id, pair] : world.pairs) {
    pair.written_mark = 0;
    if (is_on_peer(world, pair)) continue;
    const store::Image& entered = pair.entered ? *pair.entered : pair.common.target;
    if (!diff(entered, target_volume(world, pair).snapshot()).empty()) {
      world.elements.find(pair.target)->unit->count_medium_change();
    }
  }
}

bool equal_in(const Ranges& ranges, const store::Image& left, const store::Image& right) {
  constexpr std::uint64_t kStepBytes = 1024 * 1024;
  const std::uint64_t step = kStepBytes / left.block_size().bytes;
  std::vector<std::byte> one;
  std::vector<std::byte> other;
  for (const store::BlockRange& range : ranges) {
    for (std::uint64_t done = 0; done < range.count.value; done += step) {
      const BlockCount count{std::min(step, range.count.value - done)};
      const Lba first{range.first.value + done};
      one.resize(bytes_of(count, left.block_size()).value);
      other.resize(one.size());
      if (!left.read(first, one) || !right.read(first, other) || one != other) return false;
    }
  }
  return true;
}

bool has_equal_sides(World& world, const PairRecord& pair) {
  const store::Image source = source_volume(world, pair).snapshot();
  const store::Image target = target_volume(world, pair).snapshot();
  const Ranges changed = united(diff(pair.common.source, source), diff(pair.common.target, target));
  return equal_in(changed, source, target);
}

// The two sides are equal: nothing is shipped, only followed again.
bool follow_again(World& world, const Pairs& pairs) {
  std::vector<Arrival> arrivals;
  for (PairRecord* pair : pairs) {
    store::Volume& target = target_volume(world, *pair);
    arrivals.push_back({pair,
                        staging_copy(target, target.snapshot()),
                        source_volume(world, *pair).snapshot(),
                        {}});
  }
  return arrive(world, arrivals);
}

// Those that had to be given up.
std::set<Id> continue_mirrors(World& world) {
  Pairs mirrors;
  for (auto& [id, pair] : world.pairs) {
    const bool followed = pair.sync_type == SyncType::Mirror && follows_each_write(pair.mode) &&
                          pair.state == CopyState::Synchronized && !is_on_peer(world, pair);
    if (followed) mirrors.push_back(&pair);
  }
  std::set<Id> repaired;
  for (const Pairs& step : in_step(world, mirrors)) {
    const bool equal = std::all_of(step.begin(), step.end(), [&](const PairRecord* pair) {
      return has_equal_sides(world, *pair);
    });
    if (equal && follow_again(world, step)) continue;
    break_pair(world, *step.front(), BreakCause::Copy, "the two sides differed after a restart");
    recover(world, step);
    for (const PairRecord* pair : step) repaired.insert(pair->id);
  }
  return repaired;
}

void continue_copies(World& world, const std::map<Id, CopyRecord>& copies,
                     const std::set<Id>& repaired) {
  for (const auto& [id, copy] : copies) {
    Pairs pairs;
    for (const Id pair : copy.pairs) {
      PairRecord* found = world.pairs.find(pair);
      if (!repaired.contains(pair) && found->state != CopyState::Broken) pairs.push_back(found);
    }
    start_copy(world, pairs, copy.purpose, pairs.size() > 1);
  }
}

void end_what_does_not_go_on(World& world) {
  for (auto& [id, pair] : world.pairs) {
    if (copy_runs(world, pair)) continue;
    settle_jobs(world, pair, JobState::Exception, "the copy did not go on after a restart");
    if (pair.state == CopyState::Unsynchronized && !pair.lagging) {
      break_pair(world, pair, BreakCause::Copy, "the copy did not go on after a restart");
    }
  }
}

void show_to_hosts(World& world) {
  for (auto& [id, element] : world.elements) {
    update_host_access(world, id);
    if (!element.peer) world.devices.hosts().publish_again(element.lun, element.unit);
  }
}

}  // namespace

Status take_over(World& world, SavedWorld saved) {
  for (const auto& [id, element] : saved.elements) {
    const bool peer_known =
        element.peer_name.empty() || (world.peers.find_name(element.peer_name).has_value() &&
                                      saved.peers.contains(element.peer_name));
    if (!peer_known) {
      return config_error("element " + std::to_string(id) +
                          " of the catalogue: expected the peer system \"" + element.peer_name +
                          "\" to be named, because a relationship leads there, found it is not; "
                          "name it, reachable or not");
    }
    if (world.pools.find(element.pool) != nullptr) continue;
    return config_error("element " + std::to_string(id) +
                        " of the catalogue: expected a pool of this service, found \"" +
                        element.pool.path + "\"; restore the directory from a copy");
  }
  const std::map<Id, CopyRecord> copies = std::move(saved.copies);
  const std::map<std::string, PeerRecord> peers = std::move(saved.peers);
  take_records(world, std::move(saved));
  LOCKSTEP_TRY(keep_claims(world, peers, copies));
  note_host_writes(world);
  std::set<Id> repaired = continue_mirrors(world);
  continue_on_peers(world, copies, repaired);
  continue_copies(world, copies, repaired);
  end_what_does_not_go_on(world);
  show_to_hosts(world);
  return ok();
}

}  // namespace lockstep::replication
