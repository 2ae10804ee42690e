#include "target_impl/replication/catalogue/peer_recovery.hpp"

#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/faults.hpp"
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <iterator>

namespace lockstep::replication {
namespace {

constexpr const char* kPeerAway = "the peer was not there after a restart";
constexpr const char* kInDoubt = "what the peer holds was in doubt after a restart";

// Hosts there write what leads, but not while it is being read.
std::set<Id> open_to_hosts(World& world, const std::map<Id, CopyRecord>& copies) {
  std::set<Id> open;
  for (auto& [id, pair] : world.pairs) {
    if (pair.target_leads && pair.state == CopyState::Failedover) open.insert(id);
  }
  for (const auto& [id, copy] : copies) {
    for (const Id pair : copy.pairs) open.erase(pair);
  }
  return open;
}

bool data_flows(const PairRecord& pair) {
  return pair.state == CopyState::Synchronized || pair.lagging;
}

// What the state says of the target is true only if nothing there is in doubt.
bool vouches_for_target(const PairRecord& pair) {
  switch (pair.state) {
    case CopyState::Synchronized:
    case CopyState::Fractured:
    case CopyState::Split:
    case CopyState::Suspended:
    case CopyState::Inactive:
    case CopyState::Restored:
      return true;
    default:
      return pair.lagging;
  }
}

bool is_as_it_was(World& world, const PairRecord& pair) {
  if (!pair.doubt.empty()) return false;
  const bool writes_through =
      pair.state == CopyState::Synchronized && follows_each_write(pair.mode);
  return !writes_through || diff(pair.common.source, source_volume(world, pair).snapshot()).empty();
}

// One step of pairs without a copy under way. False: they had to be given up. What had been parted
// then stays Broken: whether the source is to be shipped over it is for somebody to say (T-054).
bool continue_on_peer(World& world, const Pairs& step) {
  const bool away = std::any_of(step.begin(), step.end(),
                                [&](const PairRecord* pair) { return is_cut_off(world, *pair); });
  const bool flowing = std::any_of(step.begin(), step.end(), [](const PairRecord* pair) {
    return data_flows(*pair) || pair->state == CopyState::Unsynchronized;
  });
  const bool vouched = std::all_of(step.begin(), step.end(), [&](const PairRecord* pair) {
    return !vouches_for_target(*pair) || is_as_it_was(world, *pair);
  });
  if (vouched && !(away && flowing)) {
    Pairs followed;
    std::copy_if(step.begin(), step.end(), std::back_inserter(followed), [](PairRecord* pair) {
      return pair->state == CopyState::Synchronized && follows_each_write(pair->mode);
    });
    if (followed.empty() || join_again(world, followed)) return true;
  }
  Pairs flowed;
  for (PairRecord* pair : step) {
    if (data_flows(*pair) || pair->state == CopyState::Unsynchronized) {
      flowed.push_back(pair);
    } else if (!vouched && vouches_for_target(*pair)) {
      break_pair(world, *pair, BreakCause::Copy, kInDoubt);
    }
  }
  for (PairRecord* pair : flowed) {
    break_pair(world, *pair, away ? BreakCause::Link : BreakCause::Copy,
               away ? kPeerAway : kInDoubt);
  }
  if (!away) recover(world, flowed);  // else with the link
  return false;
}

void keep_journal(World& world, GroupPairRecord& group) {
  if (group.journal_id.empty()) return;
  const PairRecord& first = *world.pairs.find(group.pairs.front());
  const ElementRecord& source = *world.elements.find(first.source);
  auto volume = world.peers.at(world.elements.find(first.target)->peer_number)
                    .keep({group.journal_lun,
                           group.journal_id,
                           {BlockCount{group.journal_blocks}, source.volume->block_size()}},
                          peer::KeepsOut::Writers, false);
  group.journal = std::make_shared<peer::Journal>(std::move(volume), source.volume->pool());
}

}  // namespace

Status keep_claims(World& world, const std::map<std::string, PeerRecord>& peers,
                   const std::map<Id, CopyRecord>& copies) {
  const std::set<Id> open = open_to_hosts(world, copies);
  for (const auto& [name, peer] : peers) {
    if (const auto number = world.peers.find_name(name)) {
      LOCKSTEP_TRY(world.peers.at(*number).go_on_as(peer.claimant));
    }
  }
  std::set<std::size_t> used;
  const auto keeps_out = [&](const PairRecord& pair) {
    const GroupPairRecord* group = world.group_pairs.find(pair.group);
    return group != nullptr && !group->journal_id.empty() ? peer::KeepsOut::Readers
                                                          : peer::KeepsOut::Writers;
  };
  for (auto& [id, pair] : world.pairs) {
    ElementRecord& target = *world.elements.find(pair.target);
    if (target.peer_name.empty()) continue;
    target.peer_number = world.peers.find_name(target.peer_name).value();
    used.insert(target.peer_number);
    target.peer = world.peers.at(target.peer_number)
                      .keep({target.peer_lun,
                             target.device_id,
                             {target.volume->blocks(), target.volume->block_size()}},
                            keeps_out(pair), open.contains(id));
    use_change_record(world, target, pair.settled);
    pair.doubt = target.peer->changed_since(pair.settled);
    world.elements.find(pair.source)->unit->add_holder(target.peer->holder());
  }
  for (auto& [id, group] : world.group_pairs) keep_journal(world, group);
  for (const auto& [name, peer] : peers) {
    const auto number = world.peers.find_name(name);
    if (!number) continue;
    const bool waited_for = used.contains(*number);
    world.peers.at(*number).connect(waited_for ? world.peers.patience_of(*number)
                                               : std::chrono::milliseconds{0});
  }
  return ok();
}

void continue_on_peers(World& world, const std::map<Id, CopyRecord>& copies,
                       std::set<Id>& repaired) {
  Pairs unseen;
  for (auto& [id, pair] : world.pairs) {
    if (is_on_peer(world, pair) && is_cut_off(world, pair)) unseen.push_back(&pair);
    if (!is_on_peer(world, pair)) continue;
    regain_sight(world, {&pair});
    doubt_forgotten(world, {&pair});
  }
  lose_sight_of_leaders(unseen);
  std::set<Id> copied;
  for (const auto& [id, copy] : copies) {
    for (const Id number : copy.pairs) {
      PairRecord& pair = *world.pairs.find(number);
      if (!is_on_peer(world, pair)) continue;
      // What goes back waits for its peer.
      if (goes_backwards(copy.purpose) || !is_cut_off(world, pair)) copied.insert(number);
    }
  }
  Pairs others;
  for (auto& [id, pair] : world.pairs) {
    const bool idle =
        is_on_peer(world, pair) && !copied.contains(id) && pair.state != CopyState::Broken;
    if (idle) others.push_back(&pair);
  }
  for (const Pairs& step : in_step(world, others)) {
    if (continue_on_peer(world, step)) continue;
    for (const PairRecord* pair : step) repaired.insert(pair->id);
  }
}

}  // namespace lockstep::replication
