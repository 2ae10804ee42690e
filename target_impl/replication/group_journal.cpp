#include "target_impl/replication/group_journal.hpp"

#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace lockstep::replication {
namespace {

using Prepared = peer::Journal::Prepared;
using Journaled = Flow::Journaled;

peer::JournalPart part_of(World& world, const PairRecord& pair, store::Image image, Ranges ranges) {
  return {peer_target(world, pair)->identity().lun, std::move(image), std::move(ranges)};
}

bool is_empty(const std::vector<peer::JournalPart>& parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [](const peer::JournalPart& part) { return part.ranges.empty(); });
}

// In force afterwards; waits.
bool write_journal(peer::Journal& journal) {
  std::promise<bool> written;
  const auto transfer =
      journal.write([&](const peer::TransferEnd& end) { written.set_value(end.trouble.empty()); });
  if (!written.get_future().get()) return false;
  std::promise<bool> published;
  journal.publish([&](const peer::TransferEnd& end) { published.set_value(end.trouble.empty()); });
  return published.get_future().get();
}

}  // namespace

peer::Journal* journal_of(World& world, const PairRecord& pair) {
  const GroupPairRecord* group = world.group_pairs.find(pair.group);
  return group == nullptr ? nullptr : group->journal.get();
}

bool ship_to_journal(World& world, Flow& flow) {
  if (flow.fetching || goes_backwards(flow.purpose)) return false;
  peer::Journal* journal = journal_of(world, *world.pairs.find(flow.legs.front().pair));
  if (journal == nullptr) return false;
  std::vector<peer::JournalPart> parts;
  for (Leg& leg : flow.legs) {
    if (world.troubles.no_space.touches(leg.pair)) return false;
    leg.number = 0;
    leg.shipped = false;
    leg.shipment.reset();
    parts.push_back(part_of(world, *world.pairs.find(leg.pair), leg.image, leg.ranges));
  }
  if (is_empty(parts)) return false;
  const Prepared prepared = journal->prepare(parts);
  if (prepared != Prepared::Ready && prepared != Prepared::CutOff && journal->close()) return false;
  flow.journaled = Journaled::Writing;
  flow.journal_number = world.new_id();
  if (prepared == Prepared::Ready) {
    flow.journal = shipment_of(journal->write(telling(world.mailbox, flow.journal_number)));
  } else {
    world.mailbox.post({Event::Kind::ShipmentFailed, flow.journal_number,
                        "the peer did not answer for its journal", true});
  }
  return true;
}

bool handle_journal(World& world, const Event& event) {
  const auto found = std::find_if(world.flows.begin(), world.flows.end(), [&](const auto& entry) {
    return entry.second.journal_number != 0 && entry.second.journal_number == event.subject;
  });
  if (found == world.flows.end()) return false;
  Flow& flow = found->second;
  if (event.kind == Event::Kind::ShipmentFailed) {
    fail_flow(world, flow.id, event.cut_off ? BreakCause::Link : BreakCause::Copy, event.text);
    return true;
  }
  flow.journal.reset();
  if (flow.legs.empty()) return true;
  if (flow.journaled == Journaled::Writing) {
    flow.journaled = Journaled::Publishing;
    flow.journal_number = world.new_id();
    journal_of(world, *world.pairs.find(flow.legs.front().pair))
        ->publish(telling(world.mailbox, flow.journal_number));
    return true;
  }
  flow.journaled = Journaled::InForce;
  flow.journal_number = 0;
  if (!flow.paused) ship_in_place(world, flow);
  return true;
}

bool deliver_together(World& world, const Pairs& asked,
                      const std::vector<store::Image>& asked_for) {
  Pairs pairs = asked;
  std::vector<store::Image> images = asked_for;
  // A member that was left half changed is what it should be only by what is in force now.
  for (const Id id : world.group_pairs.find(asked.front()->group)->pairs) {
    PairRecord* other = world.pairs.find(id);
    const bool among = std::find(asked.begin(), asked.end(), other) != asked.end();
    if (among || other->doubt.empty()) continue;
    pairs.push_back(other);
    images.push_back(source_volume(world, *other).snapshot());
  }
  std::vector<peer::JournalPart> parts;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    PairRecord& pair = *pairs[i];
    pair.doubt = united(pair.doubt, diff(pair.common.source, images[i]));
    parts.push_back(part_of(world, pair, images[i], pair.doubt));
  }
  if (is_empty(parts)) return true;
  // The journal names all members, those that stay as they are as well.
  for (const Id id : world.group_pairs.find(asked.front()->group)->pairs) {
    PairRecord* other = world.pairs.find(id);
    if (std::find(pairs.begin(), pairs.end(), other) != pairs.end()) continue;
    parts.push_back(part_of(world, *other, source_volume(world, *other).snapshot(), {}));
  }
  peer::Journal& journal = *journal_of(world, *pairs.front());
  const Prepared prepared = journal.prepare(parts);
  if (prepared == Prepared::Ready) {
    if (!write_journal(journal)) return false;
  } else if (prepared == Prepared::CutOff || !journal.close()) {
    return false;
  }
  return std::all_of(pairs.begin(), pairs.end(), [&, i = std::size_t{0}](PairRecord* pair) mutable {
    return deliver_to_peer(world, *pair, images[i++]);
  });
}

bool make_whole(World& world, const Pairs& pairs) {
  for (const Pairs& step : in_step(world, pairs)) {
    if (journal_of(world, *step.front()) == nullptr) continue;
    const bool whole = std::all_of(step.begin(), step.end(),
                                   [](const PairRecord* pair) { return pair->doubt.empty(); });
    if (whole) continue;
    std::vector<store::Volume*> sources;
    for (const PairRecord* pair : step) sources.push_back(&source_volume(world, *pair));
    if (!deliver_together(world, step, cut_across(sources))) return false;
  }
  return true;
}

bool close_journal(World& world, const Pairs& pairs) {
  return std::all_of(pairs.begin(), pairs.end(), [&](const PairRecord* pair) {
    peer::Journal* journal = journal_of(world, *pair);
    return journal == nullptr || journal->close();
  });
}

}  // namespace lockstep::replication
