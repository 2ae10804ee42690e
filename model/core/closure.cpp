#include "model/core/closure.hpp"

#include "model/core/step_facts.hpp"

#include <array>
#include <cstddef>

namespace lockstep::model {
namespace {

bool is_internal(Event event, const Trouble& trouble) noexcept {
  switch (event) {
    case Event::DetachesAutomatically:
      return trouble.automatic_detach;
    case Event::CopyStarts:
    case Event::WaitsForActivate:
    case Event::CopyFinishes:
    case Event::NoDataToMove:
    case Event::SkewExceeded:
    case Event::SourceWritten:
      return true;
    case Event::TargetWritten:
      return trouble.target_writes;
    case Event::ElementFails:
    case Event::LinkLostSeparated:
    case Event::StateUndetermined:
    case Event::SpaceExhausted:
      return trouble.faults;
    case Event::ArrayRestarts:
    case Event::ProviderRestarts:
      return trouble.restarts;
    case Event::LinkBackElementUnknown:
      // Half a repair, half a fault: the link is back, but what it leads to is not known.
      return trouble.faults || trouble.repairs;
    case Event::RepairedAutomatically:
    case Event::RepairedManually:
    case Event::RepairedNoRecovery:
    case Event::LinkBack:
    case Event::ElementKnownAgain:
      return trouble.repairs;
    default:
      return false;
  }
}

// Round after round, until nothing is added.
PlaceSet reached_from(MachineKind kind, PlaceSet from, const Trouble& trouble) noexcept {
  const unsigned kind_bit = static_cast<unsigned>(kind);
  const PlaceSet legal = states_of(kind) | PlaceSet::nowhere();
  PlaceSet reached = from;
  PlaceSet before;
  while (before != reached) {
    before = reached;
    for (const EventFacts& facts : event_facts()) {
      if ((facts.kinds >> kind_bit & 1U) == 0 || !is_internal(facts.event, trouble)) continue;
      // "Same" adds nothing to a closure.
      if (!(facts.from & reached & legal).empty()) reached |= facts.to & legal;
    }
  }
  return reached;
}

constexpr std::size_t kTroubles = 32;

std::size_t index_of(const Trouble& trouble) noexcept {
  return static_cast<std::size_t>(trouble.faults) | static_cast<std::size_t>(trouble.repairs) << 1 |
         static_cast<std::size_t>(trouble.restarts) << 2 |
         static_cast<std::size_t>(trouble.automatic_detach) << 3 |
         static_cast<std::size_t>(trouble.target_writes) << 4;
}

Trouble trouble_at(std::size_t index) noexcept {
  const auto bit = [index](unsigned which) { return (index >> which & 1U) != 0; };
  return Trouble{bit(0), bit(1), bit(2), bit(3), bit(4)};
}

using FromEach = std::array<PlaceSet, kPlaces>;
using Table = std::array<std::array<FromEach, kTroubles>, kMachineKinds>;

// Each event leads on from a single place, so the closure of a set is the union of its places'.
// Each is closed itself: what it holds leads no further.
Table tabulated() noexcept {
  Table table{};
  for (std::size_t kind = 0; kind < kMachineKinds; ++kind) {
    for (std::size_t trouble = 0; trouble < kTroubles; ++trouble) {
      PlaceSet::all().for_each([&](Place place) {
        table[kind][trouble][PlaceSet::index_of(place)] =
            reached_from(static_cast<MachineKind>(kind), PlaceSet::of(place), trouble_at(trouble));
      });
    }
  }
  return table;
}

}  // namespace

PlaceSet closure(MachineKind kind, PlaceSet from, const Trouble& trouble) noexcept {
  static const Table kTable = tabulated();
  const FromEach& table = kTable[static_cast<std::size_t>(kind)][index_of(trouble)];
  PlaceSet reached;
  for (PlaceSet rest = from; !rest.empty(); rest = from - reached) {
    reached |= table[PlaceSet::index_of(rest.first())];
  }
  return reached;
}

}  // namespace lockstep::model
