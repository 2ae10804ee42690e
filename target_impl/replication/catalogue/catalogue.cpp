// Saving.
#include "target_impl/replication/catalogue/catalogue.hpp"

#include "target_impl/replication/catalogue/names.hpp"

#include <utility>

namespace lockstep::replication {
namespace {

// Numbers are given out for everything that is shipped; so that not each of them is a change, the
// bound is moved by this many.
constexpr Id kNumbersAtOnce = 4096;

bool same(const RecordBytes& left, const RecordBytes& right) { return left == right; }
bool same(const store::Image& left, const store::Image& right) {
  return store::is_same_map(left, right);
}
bool same(const std::shared_ptr<store::Volume>& left, const std::shared_ptr<store::Volume>& right) {
  return left == right;
}

// `changed` for what is new or another, in order; the first failure ends it.
template <class Named, class Changed>
Status for_each_change(const Named& before, const Named& now, Changed changed) {
  for (const auto& [name, thing] : now) {
    const auto old = before.find(name);
    if (old == before.end() || !same(old->second, thing)) {
      LOCKSTEP_TRY(changed(name, thing));
    }
  }
  return ok();
}

template <class Named, class Gone>
void for_each_gone(const Named& before, const Named& now, Gone gone) {
  for (const auto& [name, thing] : before) {
    if (!now.contains(name)) gone(name);
  }
}

template <class Named>
bool differs(const Named& before, const Named& now) {
  if (before.size() != now.size()) return true;
  for (auto left = before.begin(), right = now.begin(); left != before.end(); ++left, ++right) {
    if (left->first != right->first || !same(left->second, right->second)) return true;
  }
  return false;
}

RecordBytes format_text() {
  const std::string text = "lockstep-replication " + std::to_string(kCatalogueFormat);
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Catalogue::Contents Catalogue::contents_of(World& world) {
  Contents now;
  const auto put_all = [&](const std::string& keys, auto& table) {
    for (const auto& [id, record] : table) {
      now.values.emplace(keys + std::to_string(id), encode(record));
    }
  };
  if (world.last_id >= ids_below_) ids_below_ = world.last_id + kNumbersAtOnce;
  now.values.emplace(names::kFormat, format_text());
  now.values.emplace(names::kService, encode(ServiceRecord{ids_below_, world.troubles}));
  put_all(names::kElements, world.elements);
  put_all(names::kGroups, world.groups);
  put_all(names::kPairs, world.pairs);
  put_all(names::kGroupPairs, world.group_pairs);
  put_all(names::kJobs, world.jobs);
  for (std::size_t number = 0; number != world.peers.count(); ++number) {
    const PeerRecord peer{world.peers.name_of(number), world.peers.at(number).claimant()};
    now.values.emplace(names::kPeers + peer.name, encode(peer));
  }
  for (const auto& [id, element] : world.elements) {
    now.volumes.emplace(names::volume_of_element(id), element.volume);
  }
  for (const auto& [id, pair] : world.pairs) {
    now.images.emplace(names::common_source(id), pair.common.source);
    now.images.emplace(names::common_target(id), pair.common.target);
    if (pair.entered && !store::is_same_map(*pair.entered, pair.common.target)) {
      now.images.emplace(names::entered(id), *pair.entered);
    }
    if (pair.point_in_time) now.images.emplace(names::point_in_time(id), *pair.point_in_time);
  }
  for (const auto& [id, flow] : world.flows) {
    CopyRecord copy{id, flow.purpose, {}};
    for (const Leg& leg : flow.legs) {
      // Not for the next process: what is in no catalogue is never written, and keeps the memory
      // for what writers may be ahead of the disk until it is gone.
      now.images.emplace(names::of_copy(id, leg.pair), leg.image);
      now.volumes.emplace(names::of_copy(id, leg.pair), leg.staging);
      copy.pairs.push_back(leg.pair);
    }
    if (flow.purpose != Purpose::Epoch) {
      now.values.emplace(names::kCopies + std::to_string(id), encode(copy));
    }
  }
  return now;
}

Status Catalogue::put(const Contents& now) {
  LOCKSTEP_TRY(
      for_each_change(saved_.volumes, now.volumes, [&](const auto& name, const auto& volume) {
        // A copy that reads what a peer holds goes on with another volume.
        if (saved_.volumes.contains(name)) store_.remove_volume(name);
        return store_.keep_volume(name, volume);
      }));
  LOCKSTEP_TRY(for_each_change(saved_.images, now.images, [&](const auto& name, const auto& image) {
    return store_.keep_image(name, image);
  }));
  return for_each_change(saved_.values, now.values, [&](const auto& key, const auto& value) {
    return store_.put(key, value);
  });
}

void Catalogue::take_away(const Contents& now) {
  for_each_gone(saved_.volumes, now.volumes, [&](const auto& name) { store_.remove_volume(name); });
  for_each_gone(saved_.images, now.images, [&](const auto& name) { store_.remove_image(name); });
  for_each_gone(saved_.values, now.values, [&](const auto& key) { store_.erase(key); });
}

Result<Catalogue::Saved> Catalogue::save(World& world) {
  Contents now = contents_of(world);
  Saved saved = Saved::Nothing;
  if (differs(saved_.values, now.values)) {
    saved = Saved::Records;
  } else if (differs(saved_.images, now.images) || differs(saved_.volumes, now.volumes)) {
    saved = Saved::Content;
  }
  if (saved == Saved::Nothing) return saved;
  take_away(now);
  LOCKSTEP_TRY(put(now));
  saved_ = std::move(now);
  return saved;
}

}  // namespace lockstep::replication
