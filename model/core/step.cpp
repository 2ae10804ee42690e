#include "model/core/step.hpp"

#include "model/core/step_facts.hpp"

#include <array>

namespace lockstep::model {
namespace {

constexpr PlaceSet kCommonStates{
    CopyState::Initialized, CopyState::Unsynchronized, CopyState::Synchronized, CopyState::Broken,
    CopyState::Inactive,    CopyState::Suspended,      CopyState::Prepared,     CopyState::Aborted,
    CopyState::Skewed,      CopyState::Partitioned,    CopyState::Invalid};
constexpr PlaceSet kSeparableStates{CopyState::Fractured, CopyState::Split, CopyState::Restored};

// From where a Resync may end idle, waiting for Activate (T-035, Feature 22).
constexpr PlaceSet kResyncMayEndInactive{CopyState::Fractured, CopyState::Split, CopyState::Broken,
                                         CopyState::Aborted};

bool is_create(Event event) noexcept { return event <= Event::CreateFails; }
bool is_operation(Event event) noexcept {
  return event >= Event::Abort && event <= Event::ResetToAdaptive;
}

std::size_t index_of(Family family) noexcept { return static_cast<std::size_t>(family); }

// '.' for a place the family does not have.
char verdict_letter(const OperationFacts& facts, Family family, Place from) noexcept {
  if (!from) return '.';
  for (std::size_t i = 0; i < kVerdictOrder.size(); ++i) {
    if (kVerdictOrder[i] == *from) return facts.verdicts[index_of(family)][i];
  }
  return '.';
}

bool applies(const EventFacts& facts, MachineKind kind, Place from, Event event) noexcept {
  return facts.event == event && (facts.kinds >> static_cast<unsigned>(kind) & 1U) != 0 &&
         facts.from.contains(from) && (!from || states_of(kind).contains(from));
}

Reaction reaction_to_operation(MachineKind kind, Place from, const OperationFacts& facts) noexcept {
  switch (verdict_letter(facts, family_of(kind), from)) {
    case 'A':
      return Reaction::Accept;
    case 'e':
      return Reaction::Either;
    case 'u':
      return Reaction::Unsupported;
    default:
      return Reaction::Refuse;
  }
}

bool carried_out(Reaction reaction) noexcept {
  return reaction == Reaction::Accept || reaction == Reaction::Either;
}

// What a few operations may lead to besides the rule of their row.
struct Extra {
  std::string_view id;
  PlaceSet to;
};
Extra extra_arrivals(MachineKind kind, Place from, Event event) noexcept {
  if (!from) return {};
  if (event == Event::ResyncReplica && kind != MachineKind::TokenizedClone &&
      kResyncMayEndInactive.contains(from)) {
    return {"T-035", {CopyState::Inactive}};
  }
  // Vendor: halting a clone removes the association.
  if (event == Event::Abort && kind == MachineKind::Clone && *from == CopyState::Unsynchronized) {
    return {"T-019", PlaceSet::nowhere()};
  }
  return {};
}

PlaceSet plus_same(PlaceSet to, bool same, Place from) noexcept {
  if (same) to.add(from);
  return to;
}

Reaction find_reaction(MachineKind kind, Place from, Event event) noexcept {
  if (is_operation(event)) {
    const OperationFacts* facts = operation_facts(event);
    return facts == nullptr ? Reaction::Refuse : reaction_to_operation(kind, from, *facts);
  }
  for (const EventFacts& facts : event_facts()) {
    if (applies(facts, kind, from, event)) {
      return is_create(event) ? Reaction::Accept : Reaction::Happens;
    }
  }
  return is_create(event) ? Reaction::Refuse : Reaction::Impossible;
}

PlaceSet find_arrivals(MachineKind kind, Place from, Event event) noexcept {
  const PlaceSet legal = states_of(kind) | PlaceSet::nowhere();
  if (is_operation(event)) {
    const OperationFacts* facts = operation_facts(event);
    if (facts == nullptr || !carried_out(reaction_to_operation(kind, from, *facts))) return {};
    const Arrival& arrival = facts->arrivals[index_of(family_of(kind))];
    return (plus_same(arrival.to, arrival.same, from) | extra_arrivals(kind, from, event).to) &
           legal;
  }
  PlaceSet to;
  for (const EventFacts& facts : event_facts()) {
    if (applies(facts, kind, from, event)) to |= plus_same(facts.to, facts.same, from);
  }
  return to & legal;
}

// What an event does at every place, looked up instead of searched for in the facts.
struct Answered {
  Reaction reaction = Reaction::Impossible;
  PlaceSet to;
};
constexpr std::size_t kEventCount = static_cast<std::size_t>(Event::ElementKnownAgain) + 1;
using AtEach = std::array<Answered, kPlaces>;
using Table = std::array<std::array<AtEach, kEventCount>, kMachineKinds>;

Table tabulated() noexcept {
  Table table{};
  for (std::size_t kind = 0; kind < kMachineKinds; ++kind) {
    for (std::size_t event = 0; event < kEventCount; ++event) {
      PlaceSet::all().for_each([&](Place from) {
        table[kind][event][PlaceSet::index_of(from)] = {
            find_reaction(static_cast<MachineKind>(kind), from, static_cast<Event>(event)),
            find_arrivals(static_cast<MachineKind>(kind), from, static_cast<Event>(event))};
      });
    }
  }
  return table;
}

Answered answered(MachineKind kind, Place from, Event event) noexcept {
  static const Table kTable = tabulated();
  // A number that is no CopyState.
  if (!PlaceSet::all().contains(from)) {
    return {find_reaction(kind, from, event), find_arrivals(kind, from, event)};
  }
  return kTable[static_cast<std::size_t>(kind)][static_cast<std::size_t>(event)]
               [PlaceSet::index_of(from)];
}

}  // namespace

PlaceSet states_of(MachineKind kind) noexcept {
  switch (family_of(kind)) {
    case Family::Mirror:
      return kCommonStates | kSeparableStates | PlaceSet{CopyState::Failedover};
    case Family::Snapshot:
    case Family::Clone:
      return kCommonStates | kSeparableStates;
    case Family::TokenizedClone:
      break;
  }
  return kCommonStates;
}

Reaction reaction_of(MachineKind kind, Place from, Event event) noexcept {
  return answered(kind, from, event).reaction;
}

PlaceSet arrivals(MachineKind kind, Place from, Event event) noexcept {
  return answered(kind, from, event).to;
}

std::string_view transition_id(MachineKind kind, Place from, Event event, Place to) noexcept {
  if (!arrivals(kind, from, event).contains(to)) return {};
  if (is_operation(event)) {
    const Extra extra = extra_arrivals(kind, from, event);
    if (extra.to.contains(to)) return extra.id;
    return operation_facts(event)->arrivals[index_of(family_of(kind))].id;
  }
  for (const EventFacts& facts : event_facts()) {
    if (applies(facts, kind, from, event) && plus_same(facts.to, facts.same, from).contains(to)) {
      return facts.id;
    }
  }
  return {};
}

StepVerdict step(MachineKind kind, Place from, Event event) {
  StepVerdict verdict;
  verdict.reaction = reaction_of(kind, from, event);
  std::set<std::string_view> ids;
  arrivals(kind, from, event).for_each([&](Place to) {
    verdict.next.insert(to);
    ids.insert(transition_id(kind, from, event, to));
  });
  for (const std::string_view id : ids) verdict.why.push_back(ClauseId{std::string(id)});
  if (verdict.reaction == Reaction::Refuse) verdict.why.push_back(ClauseId{"MRS-04"});
  if (verdict.reaction == Reaction::Unsupported) verdict.why.push_back(ClauseId{"MRS-03"});
  return verdict;
}

}  // namespace lockstep::model
