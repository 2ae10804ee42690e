// Forming pairs and bringing them under way.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>
#include <iterator>

namespace lockstep::replication {
namespace {

const PoolRecord& pool_for(World& world, const Plan& plan, const Slot& slot) {
  if (plan.pool != nullptr) return *plan.pool;
  return world.freedom.targets_beside_source ? *world.pools.find(slot.source->pool)
                                             : std::prev(world.pools.end())->second;
}

bool moves_data(const Plan& plan) {
  return plan.wait == CopyState::Synchronized || plan.wait == CopyState::Unsynchronized;
}

// Only mirrors lead to a peer. For the members of an asynchronous consistent group to arrive there
// at one moment (DS-GR-02) a journal has been claimed with them.
std::optional<Refusal> check_peer(World& world, const Plan& plan, const std::vector<Slot>& slots) {
  if (plan.sync_type != SyncType::Mirror) return Refusal::NotSupported;
  const auto& offer = world.peers.offer;
  if (!offer) return Refusal::Invalid;
  if (const auto* refused = std::get_if<peer::ClaimRefused>(&*offer)) {
    return refusal_of(refused->why);
  }
  const std::size_t journals = plan.at_one_instant && !follows_each_write(plan.mode) ? 1 : 0;
  if (std::get<0>(*offer).size() < slots.size() + journals) return Refusal::Invalid;
  if (moves_data(plan) && world.troubles.link_lost.everywhere) return Refusal::Failed;
  return std::nullopt;
}

std::optional<Refusal> check_resources(World& world, const Plan& plan,
                                       const std::vector<Slot>& slots) {
  if (plan.peer) return check_peer(world, plan, slots);
  const auto wanted = static_cast<std::size_t>(std::count_if(
      slots.begin(), slots.end(), [](const Slot& slot) { return slot.target == nullptr; }));
  if (world.devices.hosts().free_luns() < wanted) return Refusal::NoSpace;
  for (const Slot& slot : slots) {
    if (slot.target != nullptr) continue;
    const store::Volume& source = *slot.source->volume;
    const ByteCount size = bytes_of(source.blocks(), source.block_size());
    if (size > capacity_of(*pool_for(world, plan, slot).pool)) return Refusal::NoSpace;
  }
  if (!moves_data(plan)) return std::nullopt;
  if (world.troubles.no_space.everywhere) return Refusal::NoSpace;
  const bool copies = plan.sync_type != SyncType::Snapshot;
  if (copies && world.troubles.link_lost.everywhere) return Refusal::Failed;
  return std::nullopt;
}

CopyType legacy_type(const Plan& plan) {
  if (plan.detach_when_done) return CopyType::UnSyncUnAssoc;
  if (plan.sync_type != SyncType::Mirror) return CopyType::UnSyncAssoc;
  return plan.mode == Mode::Asynchronous ? CopyType::Async : CopyType::Sync;
}

PairRecord& add_pair(World& world, const Plan& plan, const Slot& slot,
                     const ElementRecord& target) {
  PairRecord pair;
  pair.id = world.new_id();
  pair.ref = pair_path(pair.id);
  pair.source = slot.source->id;
  pair.target = target.id;
  pair.sync_type = plan.sync_type;
  pair.mode = plan.mode;
  pair.copy_type = legacy_type(plan);
  pair.settings = plan.settings;
  pair.name = plan.relationship_name;
  pair.detach_when_done = plan.detach_when_done;
  const store::Image nothing = empty_image(*target.volume);
  pair.common = {nothing, nothing};
  // What a spare holds is whatever was written there last.
  if (target.peer) pair.doubt = {{Lba{0}, nothing.blocks()}};
  PairRecord& added = world.pairs.add(std::move(pair));
  enter(world, added, CopyState::Initialized);
  return added;
}

Answer begin_copy(World& world, const Plan& plan, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    enter(world, *pair, CopyState::Unsynchronized, ProgressStatus::Synchronizing);
    pair->requested = CopyState::Synchronized;
  }
  Answer answer;
  if (plan.wait == CopyState::Synchronized) {
    answer.code = ReturnCode::JobStarted;
    answer.job = start_job(world, pairs).ref;
    for (PairRecord* pair : pairs) pair->forming = true;
  }
  const bool mirror = plan.sync_type == SyncType::Mirror;
  start_copy(world, pairs, mirror ? Purpose::Synchronize : Purpose::PointInTime,
             plan.at_one_instant);
  return answer;
}

}  // namespace

std::optional<Refusal> form_pairs(World& world, const Plan& plan, const std::vector<Slot>& slots,
                                  Pairs& pairs) {
  pairs.clear();
  if (const auto refusal = check_resources(world, plan, slots)) return refusal;
  for (const Slot& slot : slots) {
    const ElementRecord* target = slot.target;
    if (plan.peer) {
      auto& claimed = std::get<0>(*world.peers.offer).at(pairs.size());
      ElementRecord* source = world.elements.find(slot.source->id);
      source->unit->add_holder(claimed->holder());
      target = &make_peer_element(world, *source, claimed, *plan.peer);
    } else if (target == nullptr) {
      const store::Volume& source = *slot.source->volume;
      target = make_element(world, pool_for(world, plan, slot),
                            {slot.name, source.blocks(), source.block_size(), plan.goal});
    }
    pairs.push_back(&add_pair(world, plan, slot, *target));
  }
  return std::nullopt;
}

Answer begin(World& world, const Plan& plan, const std::vector<Slot>& slots, const Pairs& pairs) {
  const bool together = plan.at_one_instant || plan.settings.consistent_point_in_time;
  if (!moves_data(plan)) {
    for (PairRecord* pair : pairs) enter(world, *pair, plan.wait);
    take_points_ahead(world, pairs, together);
    return {};
  }
  if (plan.sync_type == SyncType::Mirror) return begin_copy(world, plan, pairs);
  take_points_in_time(world, pairs, together);
  if (plan.sync_type != SyncType::Snapshot) return begin_copy(world, plan, pairs);
  bool shown = true;
  for (PairRecord* pair : pairs) {
    shown = shown && show_point_in_time(world, *pair);
    enter(world, *pair, CopyState::Synchronized, ProgressStatus::Completed);
  }
  if (shown) return {};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Id target = pairs[i]->target;
    erase_pair(world, pairs[i]->id);
    if (slots[i].target == nullptr) remove_element(world, target);
  }
  return refused(world, plan.method, Refusal::NoSpace);
}

}  // namespace lockstep::replication
