#include "model/core/state_set.hpp"

namespace lockstep::model {
namespace {

constexpr std::uint8_t bit(MachineKind kind) noexcept {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

// Written out here rather than taken from machine_kind_of, which picks one machine for a Mode that
// is not known; here every one stays possible.
std::uint8_t kinds_meant(std::optional<SyncType> sync_type, std::optional<Mode> mode) noexcept {
  if (!sync_type) return 0;
  switch (*sync_type) {
    case SyncType::Mirror:
      if (mode == Mode::Synchronous) return bit(MachineKind::MirrorSync);
      if (mode == Mode::Asynchronous) return bit(MachineKind::MirrorAsync);
      if (mode == Mode::Adaptive) return bit(MachineKind::MirrorAdaptive);
      return bit(MachineKind::MirrorSync) | bit(MachineKind::MirrorAsync) |
             bit(MachineKind::MirrorAdaptive);
    case SyncType::Snapshot:
      return bit(MachineKind::Snapshot);
    case SyncType::Clone:
      return bit(MachineKind::Clone);
    case SyncType::TokenizedClone:
      return bit(MachineKind::TokenizedClone);
  }
  return 0;
}

}  // namespace

StateSet StateSet::of(std::optional<SyncType> sync_type, std::optional<Mode> mode,
                      PlaceSet places) {
  StateSet set;
  const std::uint8_t kinds = kinds_meant(sync_type, mode);
  set.known_ = kinds != 0;
  if (places.empty()) return set;
  set.kinds_ = kinds;
  set.change_each([&](MachineKind, PlaceSet) { return places; });
  return set;
}

PlaceSet StateSet::places() const noexcept {
  PlaceSet all;
  for (const PlaceSet places : by_kind_) all |= places;
  return all;
}

void StateSet::drift(const Trouble& trouble) noexcept {
  change_each([&](MachineKind kind, PlaceSet places) { return closure(kind, places, trouble); });
}

void StateSet::operate(Event event) noexcept {
  change_each([&](MachineKind kind, PlaceSet places) {
    PlaceSet reached = places;
    places.for_each([&](Place from) { reached |= arrivals(kind, from, event); });
    return reached;
  });
  fork_mode(event);
}

void StateSet::carry_out(Event event, bool reported) noexcept {
  change_each([&](MachineKind kind, PlaceSet places) {
    PlaceSet reached;
    places.for_each([&](Place from) {
      const Reaction reaction = reaction_of(kind, from, event);
      reached |= arrivals(kind, from, event);
      if (reaction != Reaction::Accept) reached.add(from);
      if (reaction == Reaction::Unsupported && reported) {
        reached |= states_of(kind) | PlaceSet::nowhere();
      }
    });
    return reached;
  });
  fork_mode(event);
}

// A mirror whose Mode is being reset runs the other machine once it is done.
void StateSet::fork_mode(Event event) noexcept {
  const auto fork = [&](MachineKind to) {
    PlaceSet mirrors;
    for (const MachineKind kind :
         {MachineKind::MirrorSync, MachineKind::MirrorAsync, MachineKind::MirrorAdaptive}) {
      mirrors |= places(kind);
    }
    if (mirrors.empty()) return;
    by_kind_[static_cast<std::size_t>(to)] |= mirrors;
    kinds_ = static_cast<std::uint8_t>(kinds_ | bit(to));
  };
  if (event == Event::ResetToSync) fork(MachineKind::MirrorSync);
  if (event == Event::ResetToAsync) fork(MachineKind::MirrorAsync);
  if (event == Event::ResetToAdaptive) fork(MachineKind::MirrorAdaptive);
}

void StateSet::add(PlaceSet places) noexcept {
  change_each([&](MachineKind, PlaceSet own) { return own | places; });
}

bool StateSet::filter(PlaceSet seen) noexcept {
  if ((places() & seen).empty()) return false;
  change_each([&](MachineKind, PlaceSet own) { return own & seen; });
  return true;
}

void StateSet::show_kind(std::optional<SyncType> sync_type, std::optional<Mode> mode) {
  const std::uint8_t kinds = kinds_meant(sync_type, mode);
  if (kinds == 0) return;
  if (kinds_ != 0 && (kinds_ & ~kinds) == 0) return;
  const PlaceSet all = places();
  change_each(
      [&](MachineKind kind, PlaceSet own) { return (kinds & bit(kind)) != 0 ? own : PlaceSet{}; });
  if (empty()) *this = of(sync_type, mode, all);
}

void StateSet::reset(PlaceSet places) noexcept {
  change_each([&](MachineKind, PlaceSet) { return places; });
}

}  // namespace lockstep::model
