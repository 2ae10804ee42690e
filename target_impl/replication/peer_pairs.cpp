#include "target_impl/replication/peer_pairs.hpp"

#include "target_impl/replication/group_journal.hpp"
#include "target_impl/replication/pairs.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace lockstep::replication {
namespace {

class PeerShipment final : public Shipment {
 public:
  explicit PeerShipment(std::unique_ptr<peer::Transfer> transfer)
      : transfer_(std::move(transfer)) {}
  void pause() override { transfer_->pause(); }
  void resume() override { transfer_->resume(); }
  [[nodiscard]] std::uint16_t percent() const override { return transfer_->percent(); }

 private:
  const std::unique_ptr<peer::Transfer> transfer_;
};

void has_become(World& world, PairRecord& pair, const store::Image& image) {
  static_cast<void>(target_volume(world, pair).assign(image));  // takes nothing from the pool
  pair.common = {image, image};
}

std::shared_ptr<MirrorObserver> make_peer_observer(World& world, const PairRecord& pair,
                                                   const std::shared_ptr<MirrorFailure>& failure) {
  const ElementRecord& target = *world.elements.find(pair.target);
  MirrorObserver::Options options;
  options.pair = pair.id;
  options.failure_stops_host_io = pair.settings.failed_copy_stops_host_io;
  options.failure = failure;
  auto observer = std::make_shared<MirrorObserver>(make_mirror_target(target.peer), world.mailbox,
                                                   std::move(options));
  observer->set_out_of_space(world.troubles.no_space.touches(pair.id));
  target.peer->begin_mirror(
      {pair.settings.failed_copy_stops_host_io,
       [failure, &mailbox = world.mailbox, id = pair.id](bool cut_off) {
         if (cut_off) failure->cut_off = true;
         if (failure->failed.exchange(true)) return;
         mailbox.post({Event::Kind::MirrorFailed, id, "the peer did not take a write"});
       }});
  return observer;
}

constexpr std::size_t kManyParts = 64;

Ranges whole(const PairRecord& pair) { return {{Lba{0}, pair.common.source.blocks()}}; }

// The mirrors follow no more; all that may have changed on the peer since is in doubt.
void give_up_arrival(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    if (!pair->observer) continue;
    detach_observer(world, *pair);
    pair->doubt = united(pair->doubt, peer_target(world, *pair)->end_mirror());
    pair->doubt =
        united(pair->doubt, diff(pair->common.source, source_volume(world, *pair).snapshot()));
  }
}

}  // namespace

peer::PeerVolume* peer_target(World& world, const PairRecord& pair) {
  const ElementRecord* target = world.elements.find(pair.target);
  return target == nullptr ? nullptr : target->peer.get();
}

bool is_on_peer(World& world, const PairRecord& pair) {
  return peer_target(world, pair) != nullptr;
}

bool is_cut_off(World& world, const PairRecord& pair) {
  const peer::PeerVolume* target = peer_target(world, pair);
  return target != nullptr && !target->is_reachable();
}

BreakCause cause_of_failure(World& world, const PairRecord& pair) {
  const peer::PeerVolume* target = peer_target(world, pair);
  if (target == nullptr || world.troubles.no_space.touches(pair.id)) return BreakCause::Space;
  return target->was_cut_off() || !target->is_reachable() ? BreakCause::Link : BreakCause::Copy;
}

const char* reason_of_failure(World& world, const PairRecord& pair) {
  switch (cause_of_failure(world, pair)) {
    case BreakCause::Link:
      return "the connection to the peer was lost";
    case BreakCause::Copy:
      return "the peer refused a write";
    default:
      return "the target's pool is full";
  }
}

Refusal refusal_of(BreakCause cause) noexcept {
  return cause == BreakCause::Space ? Refusal::NoSpace : Refusal::Failed;
}

std::unique_ptr<Shipment> shipment_of(std::unique_ptr<peer::Transfer> transfer) {
  return std::make_unique<PeerShipment>(std::move(transfer));
}

peer::TransferFinished telling(Mailbox& mailbox, Id number) {
  return [&mailbox, number](const peer::TransferEnd& end) {
    const bool done = end.trouble.empty();
    mailbox.post({done ? Event::Kind::ShipmentDone : Event::Kind::ShipmentFailed, number,
                  end.trouble, end.cut_off});
  };
}

std::unique_ptr<Shipment> ship_to_peer(World& world, PairRecord& pair, Leg& leg) {
  // Until the whole flow has ended nobody knows how much of it the peer holds.
  pair.doubt = united(pair.doubt, leg.ranges);
  static_cast<void>(leg.staging->assign(leg.image));
  return shipment_of(
      peer_target(world, pair)->ship(leg.image, leg.ranges, telling(world.mailbox, leg.number)));
}

Leg make_fetching_leg(World& world, const PairRecord& pair) {
  store::Volume& target = target_volume(world, pair);
  Leg leg;
  leg.pair = pair.id;
  leg.image = target.snapshot();
  leg.staging = staging_copy(target, leg.image);
  return leg;
}

std::unique_ptr<Shipment> fetch_from_peer(World& world, const PairRecord& pair, const Leg& leg) {
  return shipment_of(
      peer_target(world, pair)->fetch(leg.staging, telling(world.mailbox, leg.number)));
}

void take_fetched(World& world, const Flow& flow) {
  for (const Leg& leg : flow.legs) {
    PairRecord& pair = *world.pairs.find(leg.pair);
    static_cast<void>(target_volume(world, pair).assign(leg.staging->snapshot()));
    settle(world, pair);
  }
}

void settle(World& world, PairRecord& pair) {
  pair.doubt.clear();
  pair.settled = peer_target(world, pair)->begin_generation();
}

void settle_now_and_then(World& world) {
  for (auto& [id, pair] : world.pairs) {
    peer::PeerVolume* target = peer_target(world, pair);
    if (target == nullptr || !pair.observer || pair.observer->failed()) continue;
    if (target->parts_changed_since(pair.settled) < kManyParts) continue;
    const peer::Generation generation = target->begin_generation();
    const store::Image image = source_volume(world, pair).snapshot();
    // What is under way may arrive or not.
    if (!target->renew_under_way() || pair.observer->failed()) continue;
    has_become(world, pair, image);
    pair.settled = generation;
  }
}

void come_to_rest(World& world) {
  Pairs followed;
  for (auto& [id, pair] : world.pairs) {
    if (is_on_peer(world, pair) && pair.observer) followed.push_back(&pair);
  }
  for (const Pairs& step : in_step(world, followed)) {
    static_cast<void>(separate(world, step, false));
  }
}

void doubt_forgotten(World& world, const Pairs& pairs) {
  for (PairRecord* pair : pairs) {
    peer::PeerVolume* target = peer_target(world, *pair);
    if (!target->take_forgotten()) continue;
    static_cast<void>(target->note_all());
    pair->doubt = whole(*pair);
  }
}

bool deliver_to_peer(World& world, PairRecord& pair, const store::Image& image) {
  pair.doubt = united(pair.doubt, diff(pair.common.source, image));
  if (pair.doubt.empty()) return true;
  std::promise<bool> arrived;
  const auto transfer =
      peer_target(world, pair)->ship(image, pair.doubt, [&](const peer::TransferEnd& end) {
        arrived.set_value(end.trouble.empty());
      });
  if (!arrived.get_future().get()) return false;
  settle(world, pair);
  has_become(world, pair, image);
  return true;
}

bool settle_at(World& world, PairRecord& pair, const store::Image& cut) {
  const Ranges lost = peer_target(world, pair)->end_mirror();
  pair.doubt = united(pair.doubt, lost);
  has_become(world, pair, cut);
  if (pair.doubt.empty()) settle(world, pair);
  return lost.empty();
}

bool arrive_on_peer(World& world, const Pairs& pairs) {
  const bool writes_through = std::any_of(pairs.begin(), pairs.end(), [](const PairRecord* pair) {
    return follows_each_write(pair->mode);
  });
  if (writes_through && !close_journal(world, pairs)) return false;
  const auto failure = std::make_shared<MirrorFailure>();
  const std::uint64_t cut = ++world.last_cut;
  std::vector<store::Volume*> sources;
  std::vector<peer::Generation> generations;
  for (const PairRecord* pair : pairs) {
    sources.push_back(&source_volume(world, *pair));
    generations.push_back(peer_target(world, *pair)->begin_generation());
  }
  std::vector<store::Image> images;
  store::Volume::with_frozen(sources, [&](store::Volume::Frozen& frozen) {
    for (PairRecord* pair : pairs) {
      store::Volume& source = source_volume(world, *pair);
      images.push_back(frozen.snapshot(source));
      pair->cut = cut;
      if (!follows_each_write(pair->mode)) continue;
      pair->observer = make_peer_observer(world, *pair, failure);
      // What is queued before the first write goes out before it.
      const Ranges rest = united(pair->doubt, diff(pair->common.source, images.back()));
      static_cast<void>(peer_target(world, *pair)->copy(images.back(), rest));
      frozen.attach(source, *pair->observer);
    }
  });
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    PairRecord& pair = *pairs[i];
    if (!pair.observer) continue;
    const Ranges lost = peer_target(world, pair)->settle();
    if (!lost.empty() || pair.observer->failed()) {
      pair.doubt = united(pair.doubt, lost);
      give_up_arrival(world, pairs);
      return false;
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i]->observer) continue;
    pairs[i]->doubt.clear();
    pairs[i]->settled = generations[i];
    has_become(world, *pairs[i], images[i]);
  }
  return true;
}

bool set_open_to_hosts(World& world, const Pairs& pairs, bool open) {
  return std::all_of(pairs.begin(), pairs.end(), [&](const PairRecord* pair) {
    peer::PeerVolume* target = peer_target(world, *pair);
    return target == nullptr || target->set_open(open).has_value();
  });
}

Pairs pairs_on(World& world, std::size_t peer_number) {
  Pairs pairs;
  for (auto& [id, pair] : world.pairs) {
    const ElementRecord* target = world.elements.find(pair.target);
    if (target->peer && target->peer_number == peer_number) pairs.push_back(&pair);
  }
  return pairs;
}

}  // namespace lockstep::replication
