#include "model/core/state_set.hpp"

#include <bit>

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
  for (std::size_t i = 0; i < kKinds; ++i) {
    if ((kinds >> i & 1U) == 0) continue;
    set.known_ = true;
    set.by_kind_[i] = places;
  }
  return set;
}

bool StateSet::empty() const noexcept { return kinds() == 0; }

PlaceSet StateSet::places() const noexcept {
  PlaceSet all;
  for (const PlaceSet places : by_kind_) all |= places;
  return all;
}

std::optional<MachineKind> StateSet::single_kind() const noexcept {
  const unsigned possible = kinds();
  if (possible == 0 || (possible & (possible - 1)) != 0) return std::nullopt;
  return static_cast<MachineKind>(std::countr_zero(possible));
}

void StateSet::drift(const Trouble& trouble) noexcept {
  for_each_kind([&](MachineKind kind, PlaceSet places) {
    by_kind_[static_cast<std::size_t>(kind)] = closure(kind, places, trouble);
  });
}

void StateSet::operate(Event event) noexcept {
  for (std::size_t i = 0; i < kKinds; ++i) {
    PlaceSet reached;
    by_kind_[i].for_each(
        [&](Place from) { reached |= arrivals(static_cast<MachineKind>(i), from, event); });
    by_kind_[i] |= reached;
  }
  fork_mode(event);
}

void StateSet::carry_out(Event event, bool reported) noexcept {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<MachineKind>(i);
    PlaceSet reached;
    by_kind_[i].for_each([&](Place from) {
      const Reaction reaction = reaction_of(kind, from, event);
      reached |= arrivals(kind, from, event);
      if (reaction != Reaction::Accept) reached.add(from);
      if (reaction == Reaction::Unsupported && reported) {
        reached |= states_of(kind) | PlaceSet::nowhere();
      }
    });
    by_kind_[i] = reached;
  }
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
    by_kind_[static_cast<std::size_t>(to)] |= mirrors;
  };
  if (event == Event::ResetToSync) fork(MachineKind::MirrorSync);
  if (event == Event::ResetToAsync) fork(MachineKind::MirrorAsync);
  if (event == Event::ResetToAdaptive) fork(MachineKind::MirrorAdaptive);
}

void StateSet::add(PlaceSet places) noexcept {
  for (PlaceSet& own : by_kind_) {
    if (!own.empty()) own |= places;
  }
}

bool StateSet::filter(PlaceSet seen) noexcept {
  if ((places() & seen).empty()) return false;
  for (PlaceSet& own : by_kind_) own &= seen;
  return true;
}

void StateSet::show_kind(std::optional<SyncType> sync_type, std::optional<Mode> mode) {
  const std::uint8_t kinds = kinds_meant(sync_type, mode);
  if (kinds == 0) return;
  const PlaceSet all = places();
  PlaceSet others;
  for (std::size_t i = 0; i < kKinds; ++i) {
    if ((kinds >> i & 1U) == 0) others |= by_kind_[i];
  }
  if (others.empty() && !all.empty()) return;
  StateSet kept = *this;
  for (std::size_t i = 0; i < kKinds; ++i) {
    if ((kinds >> i & 1U) == 0) kept.by_kind_[i] = PlaceSet{};
  }
  if (kept.empty()) kept = of(sync_type, mode, all);
  *this = kept;
}

void StateSet::reset(PlaceSet places) noexcept {
  for (PlaceSet& own : by_kind_) {
    if (!own.empty()) own = places;
  }
}

}  // namespace lockstep::model
