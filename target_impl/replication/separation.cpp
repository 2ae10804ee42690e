// Where sources and targets part and come together again: cuts, observers, points in time.
#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/group_journal.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/peer_pairs.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace lockstep::replication {
namespace {

using store::Volume;
using store::WriteResult;

bool follows(const PairRecord& pair) {
  return pair.sync_type == SyncType::Mirror &&
         (pair.state == CopyState::Synchronized || pair.lagging);
}

std::vector<Volume*> sources_of(World& world, const Pairs& pairs) {
  std::vector<Volume*> volumes;
  for (const PairRecord* pair : pairs) volumes.push_back(&source_volume(world, *pair));
  return volumes;
}

// Inside a freeze.
bool separate_one(World& world, PairRecord& pair, Volume::Frozen& frozen, bool drain) {
  Volume& source = source_volume(world, pair);
  if (pair.observer) {
    if (!pair.observer->failed()) {
      pair.common = {frozen.snapshot(source), target_volume(world, pair).snapshot()};
    }
    frozen.detach(source, *pair.observer);
    return true;
  }
  return !drain || !follows(pair) || deliver(world, {&pair}, {frozen.snapshot(source)});
}

std::shared_ptr<MirrorObserver> make_observer(World& world, const PairRecord& pair,
                                              const std::shared_ptr<MirrorFailure>& failure) {
  MirrorObserver::Options options;
  options.pair = pair.id;
  options.failure_stops_host_io = pair.settings.failed_copy_stops_host_io;
  options.failure = failure;
  auto observer =
      std::make_shared<MirrorObserver>(make_mirror_target(world.elements.find(pair.target)->volume),
                                       world.mailbox, std::move(options));
  observer->set_out_of_space(world.troubles.no_space.touches(pair.id));
  return observer;
}

}  // namespace

Volume& source_volume(World& world, const PairRecord& pair) {
  return *world.elements.find(pair.source)->volume;
}

Volume& target_volume(World& world, const PairRecord& pair) {
  return *world.elements.find(pair.target)->volume;
}

std::shared_ptr<Volume> staging_copy(Volume& volume, const store::Image& image) {
  auto staging = std::make_shared<Volume>(volume.blocks(), volume.block_size(), volume.pool());
  static_cast<void>(staging->assign(image));  // sharing takes nothing from the pool
  return staging;
}

store::Image empty_image(Volume& volume) {
  return Volume(volume.blocks(), volume.block_size(), volume.pool()).snapshot();
}

std::vector<store::Image> cut_across(const std::vector<Volume*>& volumes) {
  std::vector<store::Image> images;
  Volume::with_frozen(volumes, [&](Volume::Frozen& frozen) {
    for (Volume* volume : volumes) images.push_back(frozen.snapshot(*volume));
  });
  return images;
}

bool deliver(World& world, const Pairs& pairs, const std::vector<store::Image>& images) {
  std::vector<store::Image> contents;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Common& common = pairs[i]->common;
    Volume& target = target_volume(world, *pairs[i]);
    const store::Image present = target.snapshot();
    const auto staging = staging_copy(target, present);
    const Ranges ranges = united(diff(common.source, images[i]), diff(common.target, present));
    if (!apply_directly(images[i], ranges, *staging)) return false;
    contents.push_back(staging->snapshot());
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    // Sharing takes nothing more from the pool.
    static_cast<void>(target_volume(world, *pairs[i]).assign(contents[i]));
    pairs[i]->common = {images[i], contents[i]};
  }
  return true;
}

bool separate(World& world, const Pairs& pairs, bool drain) {
  for (PairRecord* pair : pairs) stop_epoch(world, *pair);
  bool delivered = true;
  const std::uint64_t cut = ++world.last_cut;
  std::vector<std::pair<PairRecord*, store::Image>> on_peers;
  Volume::with_frozen(sources_of(world, pairs), [&](Volume::Frozen& frozen) {
    for (PairRecord* pair : pairs) {
      pair->cut = cut;
      if (!is_on_peer(world, *pair)) {
        delivered = separate_one(world, *pair, frozen, drain) && delivered;
        continue;
      }
      Volume& source = source_volume(world, *pair);
      on_peers.emplace_back(pair, frozen.snapshot(source));
      if (pair->observer) frozen.detach(source, *pair->observer);
    }
  });
  Pairs together;
  std::map<const PairRecord*, store::Image> moment;
  // A peer is waited for while hosts go on writing: what they write is after the cut.
  for (auto& [pair, image] : on_peers) {
    if (pair->observer) {
      delivered = (settle_at(world, *pair, image) || !drain) && delivered;
    } else if (drain && follows(*pair) && journal_of(world, *pair) != nullptr) {
      together.push_back(pair);
      moment.emplace(pair, image);
    } else if (drain && follows(*pair)) {
      delivered = deliver_to_peer(world, *pair, image) && delivered;
    }
  }
  for (const Pairs& step : in_step(world, together)) {
    std::vector<store::Image> images;
    for (const PairRecord* pair : step) images.push_back(moment.at(pair));
    delivered = deliver_together(world, step, images) && delivered;
  }
  for (PairRecord* pair : pairs) pair->observer.reset();
  return delivered;
}

void detach_observer(World& world, PairRecord& pair) {
  if (!pair.observer) return;
  source_volume(world, pair).detach(*pair.observer);
  pair.observer.reset();
}

void note_common(World& world) {
  for (auto& entry : world.pairs) {
    PairRecord& pair = entry.second;
    if (!pair.observer || pair.observer->failed()) continue;
    Volume* const source = &source_volume(world, pair);
    Volume::with_frozen(std::span(&source, 1), [&](Volume::Frozen& frozen) {
      pair.common = {frozen.snapshot(*source), target_volume(world, pair).snapshot()};
    });
  }
}

bool arrive(World& world, std::vector<Arrival>& arrivals) {
  Pairs pairs;
  for (const Arrival& arrival : arrivals) pairs.push_back(arrival.pair);
  const auto failure = std::make_shared<MirrorFailure>();
  const std::uint64_t cut = ++world.last_cut;
  const auto now = std::chrono::steady_clock::now();
  bool fits = true;
  Volume::with_frozen(sources_of(world, pairs), [&](Volume::Frozen& frozen) {
    std::vector<store::Image> images;
    for (Arrival& arrival : arrivals) {
      images.push_back(frozen.snapshot(source_volume(world, *arrival.pair)));
      const Ranges rest = united(diff(arrival.base, images.back()), arrival.differing);
      fits = fits && apply_directly(images.back(), rest, *arrival.staging);
    }
    if (!fits) return;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      PairRecord& pair = *arrivals[i].pair;
      const store::Image content = arrivals[i].staging->snapshot();
      static_cast<void>(target_volume(world, pair).assign(content));  // takes nothing more
      pair.common = {images[i], content};
      pair.cut = cut;
      pair.current_at = now;
      if (!follows_each_write(pair.mode)) continue;
      pair.observer = make_observer(world, pair, failure);
      frozen.attach(source_volume(world, pair), *pair.observer);
    }
  });
  return fits;
}

bool join_again(World& world, const Pairs& pairs) {
  if (!pairs.empty() && is_on_peer(world, *pairs.front())) return arrive_on_peer(world, pairs);
  std::vector<Arrival> arrivals;
  for (PairRecord* pair : pairs) {
    stop_epoch(world, *pair);
    detach_observer(world, *pair);
    Volume& target = target_volume(world, *pair);
    const store::Image present = target.snapshot();
    arrivals.push_back({pair, staging_copy(target, present), pair->common.source,
                        diff(pair->common.target, present)});
  }
  return arrive(world, arrivals);
}

void take_points_in_time(World& world, const Pairs& pairs, bool together) {
  const auto keep = [&](PairRecord& pair, store::Image image) {
    if (pair.token) world.tokens.discard(*pair.token);
    pair.token.reset();
    if (pair.sync_type == SyncType::TokenizedClone) pair.token = world.tokens.make(image);
    pair.point_in_time = std::move(image);
  };
  const std::uint64_t cut = ++world.last_cut;
  if (!together) {
    for (PairRecord* pair : pairs) keep(*pair, source_volume(world, *pair).snapshot());
    return;
  }
  std::vector<store::Image> images = cut_across(sources_of(world, pairs));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i]->cut = cut;
    keep(*pairs[i], std::move(images[i]));
  }
}

void take_points_ahead(World& world, const Pairs& pairs, bool together) {
  const bool ahead = world.freedom.starts_by_itself &&
                     pairs.front()->sync_type == SyncType::Snapshot &&
                     pairs.front()->state == CopyState::Initialized;
  if (ahead) take_points_in_time(world, pairs, together);
}

bool show_point_in_time(World& world, PairRecord& pair) {
  if (target_volume(world, pair).assign(*pair.point_in_time) == WriteResult::OutOfSpace) {
    return false;
  }
  pair.common = {*pair.point_in_time, *pair.point_in_time};
  return true;
}

}  // namespace lockstep::replication
