#include "model/core/closure.hpp"

#include "model/core/step_facts.hpp"

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

}  // namespace

PlaceSet closure(MachineKind kind, PlaceSet from, const Trouble& trouble) noexcept {
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

}  // namespace lockstep::model
