#include "target_impl/replication/faults.hpp"

#include "model/vocab/names.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {
namespace {

void put(TroubleSet& set, const Fault& fault, const Pairs& pairs, bool present) {
  if (!fault.relationship) {
    set.everywhere = present;
    if (!present) set.pairs.clear();
    return;
  }
  for (const PairRecord* pair : pairs) {
    if (present) {
      set.pairs.insert(pair->id);
    } else {
      set.pairs.erase(pair->id);
    }
  }
}

constexpr const char* kNoSpace = "the target has no space";

// Data that must pass between the two from now on: what a lost link breaks (T-048). Separated
// pairs and finished copies have nothing to break, and stay so while what goes back waits (T-049).
bool needs_path(World& world, const PairRecord& pair) {
  return (copy_runs(world, pair) && !goes_back(world, pair)) ||
         pair.state == CopyState::Unsynchronized ||
         (pair.sync_type == SyncType::Mirror && pair.state == CopyState::Synchronized);
}

bool in_trouble(World& world, const PairRecord& pair) {
  const Troubles& troubles = world.troubles;
  return pair.overlay != Overlay::None || is_cut_off(world, pair) ||
         troubles.link_lost.touches(pair.id) || troubles.no_space.touches(pair.id);
}

// A consistent group goes on when the last of its members can.
bool may_go_on(World& world, PairRecord& pair) {
  const Pairs companions = with_companions(world, {&pair});
  return std::none_of(companions.begin(), companions.end(), [&](const PairRecord* companion) {
    return companion->state == CopyState::Broken && in_trouble(world, *companion);
  });
}

void put_space(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (pair->observer) {
      pair->observer->set_out_of_space(world.troubles.no_space.touches(pair->id));
    }
  }
}

void fill_pool(World& world, const Pairs& pairs) {
  put_space(world, pairs);
  for (PairRecord* pair : pairs) {
    if (goes_back(world, *pair)) {
      fail_flow(world, pair->flow, BreakCause::Space, kNoSpace);
    } else if (copy_runs(world, *pair)) {
      break_pair(world, *pair, BreakCause::Space, kNoSpace);
    }
  }
}

void lose_sight(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) pair->overlay = Overlay::Partitioned;
  apply_holds(world);
}

// T-056: what an element of unknown status leaves behind.
void become_valid(World& world, PairRecord& pair) {
  pair.overlay = Overlay::None;
  switch (pair.state) {
    case CopyState::Unsynchronized:
    case CopyState::Synchronized:
    case CopyState::Broken:
    case CopyState::Suspended:
    case CopyState::Aborted:
      return;
    default:
      break_pair(world, pair, BreakCause::Copy, "an element's status was unknown");
  }
}

void regain_elements(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (pair->overlay == Overlay::Invalid && !world.troubles.element_unknown.touches(pair->id)) {
      become_valid(world, *pair);
    }
  }
  repair(world, pairs, BreakCause::Link);
  repair(world, pairs, BreakCause::Space);
}

// What only the running service knew is gone; what runs is found in the records and begun again.
void restart(World& world) {
  std::vector<Id> finished;
  for (auto& [id, job] : world.jobs) {
    if (job.state != JobState::Running) finished.push_back(id);
  }
  for (const Id id : finished) world.jobs.erase(id);
  std::vector<std::pair<Purpose, Pairs>> running;
  for (auto& [id, flow] : world.flows) {
    Pairs pairs;
    for (const Leg& leg : flow.legs) pairs.push_back(world.pairs.find(leg.pair));
    running.emplace_back(flow.purpose, std::move(pairs));
  }
  for (auto& [purpose, pairs] : running) {
    for (PairRecord* pair : pairs) stop_copy(world, *pair);
    start_copy(world, pairs, purpose, pairs.size() > 1);
  }
}

}  // namespace

void lose_link(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (needs_path(world, *pair)) {
      break_pair(world, *pair, BreakCause::Link, "the copy path was lost");
    }
  }
  apply_holds(world);
}

void repair(World& world, const Pairs& pairs, BreakCause cause) {
  Pairs repaired;
  for (PairRecord* pair : with_companions(world, pairs)) {
    if (pair->state != CopyState::Broken || pair->cause != cause) continue;
    if (!may_go_on(world, *pair)) continue;
    if (world.troubles.element_unknown.touches(pair->id)) {
      pair->overlay = Overlay::Invalid;  // T-051
    } else {
      repaired.push_back(pair);
    }
  }
  recover(world, repaired);
}

void regain_sight(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (pair->overlay != Overlay::Partitioned) continue;
    if (world.troubles.state_unknown.touches(pair->id)) continue;
    pair->overlay =
        world.troubles.element_unknown.touches(pair->id) ? Overlay::Invalid : Overlay::None;
  }
  apply_holds(world);
}

void lose_sight_of_leaders(const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (pair->target_leads && pair->state == CopyState::Failedover) {
      pair->overlay = Overlay::Partitioned;
    }
  }
}

std::set<FaultKind> supported_faults() {
  const auto all = all_values<FaultKind>();
  return {all.begin(), all.end()};
}

Status inject(World& world, const Fault& fault) {
  Pairs pairs;
  if (fault.relationship) {
    pairs = pairs_of(world, *fault.relationship);
    if (pairs.empty()) {
      return usage_error("relationship " + fault.relationship->path +
                         ": expected one that exists; take it from the inventory");
    }
  } else {
    for (auto& [id, pair] : world.pairs) pairs.push_back(&pair);
  }
  Troubles& troubles = world.troubles;
  switch (fault.kind) {
    case FaultKind::LinkLost:
      put(troubles.link_lost, fault, pairs, true);
      lose_link(world, pairs);
      break;
    case FaultKind::LinkRestored:
      put(troubles.link_lost, fault, pairs, false);
      apply_holds(world);
      repair(world, pairs, BreakCause::Link);
      break;
    case FaultKind::SpaceExhausted:
      put(troubles.no_space, fault, pairs, true);
      fill_pool(world, pairs);
      break;
    case FaultKind::SpaceRestored:
      // The news of what failed without it may still be on its way.
      handle(world, {Event::Kind::MirrorFailed, 0, {}});
      put(troubles.no_space, fault, pairs, false);
      put_space(world, pairs);
      repair(world, pairs, BreakCause::Space);
      break;
    case FaultKind::CopyHeld:
      put(troubles.held, fault, pairs, true);
      apply_holds(world);
      break;
    case FaultKind::CopyReleased:
      put(troubles.held, fault, pairs, false);
      apply_holds(world);
      break;
    case FaultKind::StateUnknown:
      put(troubles.state_unknown, fault, pairs, true);
      lose_sight(world, pairs);
      break;
    case FaultKind::StateKnown:
      put(troubles.state_unknown, fault, pairs, false);
      regain_sight(world, pairs);
      break;
    case FaultKind::ElementUnknown:
      put(troubles.element_unknown, fault, pairs, true);
      break;
    case FaultKind::ElementKnown:
      put(troubles.element_unknown, fault, pairs, false);
      regain_elements(world, pairs);
      break;
    case FaultKind::ProviderRestart:
      restart(world);
      break;
    default:
      return usage_error("fault: expected a FaultKind, found number " +
                         std::to_string(number_of(fault.kind)));
  }
  return ok();
}

}  // namespace lockstep::replication
