// Flows: starting, shipping round by round, stopping.
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/group_journal.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lockstep::replication {
namespace {

constexpr std::uint64_t kSmallEnoughBytes = 1024 * 1024;
constexpr unsigned kMostRounds = 6;

std::vector<store::Image> images_for(World& world, const Pairs& pairs, Purpose purpose) {
  if (purpose == Purpose::PointInTime) {
    std::vector<store::Image> images;
    for (const PairRecord* pair : pairs) images.push_back(pair->point_in_time.value());
    return images;
  }
  std::vector<store::Volume*> volumes;
  for (const PairRecord* pair : pairs) {
    volumes.push_back(goes_backwards(purpose) ? &target_volume(world, *pair)
                                              : &source_volume(world, *pair));
  }
  return cut_across(volumes);
}

Leg make_leg(World& world, PairRecord& pair, Purpose purpose, store::Image image) {
  const bool backwards = goes_backwards(purpose);
  store::Volume& destination = backwards ? source_volume(world, pair) : target_volume(world, pair);
  const store::Image& from = backwards ? pair.common.target : pair.common.source;
  const store::Image& to = backwards ? pair.common.source : pair.common.target;
  const store::Image present = destination.snapshot();
  Leg leg;
  leg.pair = pair.id;
  leg.ranges = united(diff(from, image), diff(to, present));
  if (!backwards) leg.ranges = united(leg.ranges, pair.doubt);
  leg.staging = staging_copy(destination, present);
  leg.image = std::move(image);
  return leg;
}

void put_legs(World& world, Flow& flow, const Pairs& pairs) {
  flow.legs.clear();
  // The news of the peer's return may not have come yet.
  if (is_on_peer(world, *pairs.front())) doubt_forgotten(world, pairs);
  if (flow.fetching) {
    for (const PairRecord* pair : pairs) flow.legs.push_back(make_fetching_leg(world, *pair));
    return;
  }
  flow.cut_at = std::chrono::steady_clock::now();
  std::vector<store::Image> images = images_for(world, pairs, flow.purpose);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    flow.legs.push_back(make_leg(world, *pairs[i], flow.purpose, std::move(images[i])));
  }
}

// What brings the target's bytes back waits for its link instead of breaking: after a loss, the
// target is all that holds them.
bool lacks_link(World& world, const Flow& flow, const PairRecord& pair) {
  return goes_backwards(flow.purpose) &&
         (world.troubles.link_lost.touches(pair.id) || (flow.fetching && is_cut_off(world, pair)));
}

bool must_wait(World& world, const Flow& flow) {
  return std::any_of(flow.legs.begin(), flow.legs.end(), [&](const Leg& leg) {
    const PairRecord* pair = world.pairs.find(leg.pair);
    return pair != nullptr && (is_held(world, *pair) || lacks_link(world, flow, *pair));
  });
}

// With the next un-pausing all of it is read anew: nobody knows who wrote there meanwhile.
void read_again(Flow& flow) {
  for (Leg& leg : flow.legs) {
    leg.shipment.reset();
    leg.number = 0;
    leg.shipped = false;
  }
  flow.paused = true;
}

void begin_flow(World& world, const Pairs& pairs, Purpose purpose) {
  Flow flow;
  flow.id = world.new_id();
  flow.purpose = purpose;
  flow.fetching = goes_backwards(purpose) && is_on_peer(world, *pairs.front());
  flow.peer_returns = world.peer_returns;
  for (PairRecord* pair : pairs) {
    stop_copy(world, *pair);
    pair->flow = flow.id;
  }
  put_legs(world, flow, pairs);
  const Id id = flow.id;
  Flow& started = world.flows.emplace(id, std::move(flow)).first->second;
  started.paused = must_wait(world, started);
  if (!started.paused) ship(world, started);
}

void ship_leg(World& world, Flow& flow, Leg& leg) {
  leg.number = world.new_id();
  leg.shipped = false;
  PairRecord* pair = world.pairs.find(leg.pair);
  if (world.troubles.no_space.touches(leg.pair) && !leg.ranges.empty()) {
    world.mailbox.post(
        {Event::Kind::ShipmentFailed, leg.number, "the target has no space", false, true});
    return;
  }
  if (flow.purpose == Purpose::PointInTime && pair->token) {
    const auto image = world.tokens.redeem(*pair->token);
    const bool done = image && leg.staging->assign(*image) == store::WriteResult::Done;
    world.mailbox.post({done ? Event::Kind::ShipmentDone : Event::Kind::ShipmentFailed, leg.number,
                        done ? "" : "the copy token is not valid any more"});
    return;
  }
  if (flow.fetching) {
    leg.shipment = fetch_from_peer(world, *pair, leg);
    return;
  }
  if (!goes_backwards(flow.purpose) && is_on_peer(world, *pair)) {
    leg.shipment = ship_to_peer(world, *pair, leg);
    return;
  }
  leg.shipment = world.mover->ship({leg.number, leg.image, leg.staging, leg.ranges});
}

// True when the source has run so far ahead that another round is worth its while.
bool next_round(World& world, Flow& flow) {
  if (flow.round >= kMostRounds) return false;
  std::vector<store::Volume*> sources;
  for (const Leg& leg : flow.legs) {
    sources.push_back(&source_volume(world, *world.pairs.find(leg.pair)));
  }
  const auto cut_at = std::chrono::steady_clock::now();
  std::vector<store::Image> images = cut_across(sources);
  std::vector<Ranges> changed;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < flow.legs.size(); ++i) {
    changed.push_back(diff(flow.legs[i].image, images[i]));
    bytes += bytes_of(blocks_in(changed.back()), images[i].block_size()).value;
  }
  if (bytes <= kSmallEnoughBytes) return false;
  ++flow.round;
  flow.cut_at = cut_at;
  for (std::size_t i = 0; i < flow.legs.size(); ++i) {
    flow.legs[i].image = std::move(images[i]);
    flow.legs[i].ranges = std::move(changed[i]);
  }
  ship(world, flow);
  return true;
}

Leg* leg_of(World& world, Id number, Flow*& owner) {
  for (auto& [id, flow] : world.flows) {
    for (Leg& leg : flow.legs) {
      if (leg.number == number) {
        owner = &flow;
        return &leg;
      }
    }
  }
  return nullptr;
}

}  // namespace

bool goes_backwards(Purpose purpose) noexcept {
  return purpose == Purpose::Restore || purpose == Purpose::Failback;
}

void start_copy(World& world, const Pairs& pairs, Purpose purpose, bool together) {
  if (pairs.empty()) return;
  if (together) {
    begin_flow(world, pairs, purpose);
    return;
  }
  for (PairRecord* pair : pairs) begin_flow(world, {pair}, purpose);
}

void ship(World& world, Flow& flow) {
  flow.journaled = Flow::Journaled::No;
  if (!ship_to_journal(world, flow)) ship_in_place(world, flow);
}

void ship_in_place(World& world, Flow& flow) {
  for (Leg& leg : flow.legs) ship_leg(world, flow, leg);
}

void advance(World& world, Flow& flow) {
  if (flow.paused) return;
  const bool arrived =
      std::all_of(flow.legs.begin(), flow.legs.end(), [](const Leg& leg) { return leg.shipped; });
  if (!arrived) return;
  if (flow.fetching) {
    take_fetched(world, flow);
    flow.fetching = false;
    put_legs(world, flow, pairs_in(world, flow));
    ship(world, flow);
    return;
  }
  if (flow.purpose == Purpose::Synchronize && next_round(world, flow)) return;
  finish(world, flow);
}

Pairs with_companions(World& world, const Pairs& pairs) {
  std::set<Id> ids;
  for (const PairRecord* pair : pairs) {
    ids.insert(pair->id);
    const GroupPairRecord* group = world.group_pairs.find(pair->group);
    if (group != nullptr && group->consistency_enabled) {
      ids.insert(group->pairs.begin(), group->pairs.end());
    }
  }
  Pairs all;
  for (const Id id : ids) all.push_back(world.pairs.find(id));
  return all;
}

Pairs pairs_in(World& world, const Flow& flow) {
  Pairs pairs;
  for (const Leg& leg : flow.legs) {
    if (PairRecord* pair = world.pairs.find(leg.pair)) pairs.push_back(pair);
  }
  return pairs;
}

void close_flow(World& world, Id id) {
  const auto found = world.flows.find(id);
  if (found == world.flows.end()) return;
  for (PairRecord* pair : pairs_in(world, found->second)) pair->flow = 0;
  world.flows.erase(found);
}

void fail_flow(World& world, Id id, BreakCause cause, const std::string& reason) {
  const auto found = world.flows.find(id);
  if (found == world.flows.end()) return;
  const Pairs pairs = pairs_in(world, found->second);
  const bool backwards = goes_backwards(found->second.purpose);
  const bool link_is_back = found->second.peer_returns != world.peer_returns;
  close_flow(world, id);
  if (backwards) return take_back(world, pairs, reason);
  for (PairRecord* pair : pairs) break_pair(world, *pair, cause, reason);
  // The news of the peer's return was faster than that of what it repairs.
  if (cause == BreakCause::Link && link_is_back) repair(world, pairs, cause);
}

void stop_copy(World& world, PairRecord& pair) {
  const auto found = world.flows.find(pair.flow);
  if (found == world.flows.end()) return;
  Flow& flow = found->second;
  if (flow.purpose == Purpose::Epoch || flow.legs.size() == 1) {
    close_flow(world, flow.id);
    return;
  }
  std::erase_if(flow.legs, [&](const Leg& leg) { return leg.pair == pair.id; });
  pair.flow = 0;
  // The others may have been waiting for this one alone.
  world.mailbox.post({});
}

void stop_epoch(World& world, PairRecord& pair) {
  if (!copy_runs(world, pair)) stop_copy(world, pair);
}

bool goes_back(World& world, const PairRecord& pair) {
  const auto found = world.flows.find(pair.flow);
  return found != world.flows.end() && goes_backwards(found->second.purpose);
}

bool copy_runs(World& world, const PairRecord& pair) {
  const auto found = world.flows.find(pair.flow);
  return found != world.flows.end() && found->second.purpose != Purpose::Epoch;
}

std::uint16_t percent_of_copy(World& world, const PairRecord& pair) {
  const auto found = world.flows.find(pair.flow);
  if (found == world.flows.end()) return 100;
  for (const Leg& leg : found->second.legs) {
    if (leg.pair != pair.id) continue;
    if (leg.shipped) return 99;
    return leg.shipment ? std::min<std::uint16_t>(leg.shipment->percent(), 99) : std::uint16_t{0};
  }
  return 0;
}

void break_failed_mirrors(World& world) {
  Pairs out_of_space;
  for (auto& [id, pair] : world.pairs) {
    if (pair.observer && pair.observer->failed()) {
      const bool cut_off = pair.observer->was_cut_off();
      const bool no_space = pair.observer->was_out_of_space();
      const BreakCause cause = no_space  ? BreakCause::Space
                               : cut_off ? BreakCause::Link
                                         : cause_of_failure(world, pair);
      if (no_space) out_of_space.push_back(&pair);
      break_pair(
          world, pair, cause,
          cut_off ? "the connection to the peer was lost" : "the target could not take a write");
    }
  }
  // Space may have come back before the news of what failed without it.
  repair(world, out_of_space, BreakCause::Space);
}

void handle(World& world, const Event& event) {
  if (event.kind == Event::Kind::MirrorFailed) return break_failed_mirrors(world);
  if (event.kind == Event::Kind::Wake) {
    std::vector<Id> ids;
    for (const auto& [id, flow] : world.flows) ids.push_back(id);
    for (const Id id : ids) {
      if (const auto found = world.flows.find(id); found != world.flows.end()) {
        advance(world, found->second);
      }
    }
    return;
  }
  if (event.kind == Event::Kind::PeerLost) {
    const Pairs pairs = pairs_on(world, event.subject);
    for (const PairRecord* pair : pairs) {
      const auto flow = world.flows.find(pair->flow);
      if (flow != world.flows.end() && flow->second.fetching) read_again(flow->second);
    }
    lose_link(world, pairs);
    return lose_sight_of_leaders(pairs);
  }
  if (event.kind == Event::Kind::PeerReturned) {
    ++world.peer_returns;
    doubt_forgotten(world, pairs_on(world, event.subject));
    regain_sight(world, pairs_on(world, event.subject));
    return repair(world, pairs_on(world, event.subject), BreakCause::Link);
  }
  if (handle_journal(world, event)) return;
  Flow* flow = nullptr;
  Leg* leg = leg_of(world, event.subject, flow);
  if (leg == nullptr) return;
  if (event.kind == Event::Kind::ShipmentFailed) {
    if (flow->fetching && event.cut_off) {
      read_again(*flow);
      return apply_holds(world);
    }
    const bool no_space = world.troubles.no_space.touches(leg->pair);
    // Space came back before this news of what failed without it.
    if (event.out_of_space && !no_space) return ship_leg(world, *flow, *leg);
    const BreakCause cause = no_space        ? BreakCause::Space
                             : event.cut_off ? BreakCause::Link
                                             : BreakCause::Copy;
    fail_flow(world, flow->id, cause, event.text);
    return;
  }
  leg->shipped = true;
  advance(world, *flow);
}

void apply_holds(World& world) {
  for (auto& [id, flow] : world.flows) {
    const bool held = must_wait(world, flow);
    if (held == flow.paused) continue;
    flow.paused = held;
    if (flow.journal_number != 0) continue;  // that is brought to its end
    if (!flow.legs.empty() && flow.legs.front().number == 0) {
      if (flow.journaled == Flow::Journaled::InForce) {
        ship_in_place(world, flow);
      } else {
        ship(world, flow);
      }
      continue;
    }
    for (Leg& leg : flow.legs) {
      if (leg.shipment && held) {
        leg.shipment->pause();
      } else if (leg.shipment) {
        leg.shipment->resume();
      }
    }
  }
  world.mailbox.post({});
}

bool is_held(const World& world, const PairRecord& pair) {
  return world.troubles.held.touches(pair.id) || world.troubles.state_unknown.touches(pair.id);
}

}  // namespace lockstep::replication
