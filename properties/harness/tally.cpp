#include "properties/harness/tally.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace lockstep::properties {
namespace {

std::string place_text(machine::Place place) {
  return place ? to_text(*place) : std::string("nowhere");
}

using Coverage = model::Judge::Coverage;

Coverage coverage_of(const machine::Row& row) {
  return {lockstep::to_text(row.machine), std::string(row.id), place_text(row.from),
          place_text(row.to)};
}

std::string text_of(const Coverage& one) {
  return one.machine + ' ' + one.transition + ' ' + one.from + " -> " + one.to;
}

std::optional<CopyState> waited_for(machine::Event event) {
  switch (event) {
    case machine::Event::CreateInitialized:
      return CopyState::Initialized;
    case machine::Event::CreateInactive:
      return CopyState::Inactive;
    case machine::Event::CreateUnsynchronized:
      return CopyState::Unsynchronized;
    case machine::Event::CreateSynchronized:
      return CopyState::Synchronized;
    case machine::Event::CreatePrepared:
      return CopyState::Prepared;
    default:
      return std::nullopt;
  }
}

// The faults without which an event cannot happen.
std::vector<FaultKind> faults_behind(machine::Event event) {
  using machine::Event;
  switch (event) {
    case Event::CreateFails:
      return {FaultKind::SpaceExhausted, FaultKind::LinkLost};
    case Event::ElementFails:
      return {FaultKind::LinkLost, FaultKind::SpaceExhausted};
    case Event::LinkLostSeparated:
      return {FaultKind::LinkLost};
    case Event::StateUndetermined:
      return {FaultKind::StateUnknown};
    case Event::SpaceExhausted:
      return {FaultKind::SpaceExhausted};
    case Event::ProviderRestarts:
      return {FaultKind::ProviderRestart};
    case Event::LinkBackElementUnknown:
    case Event::ElementKnownAgain:
      return {FaultKind::ElementUnknown};
    case Event::RepairedAutomatically:
    case Event::RepairedManually:
    case Event::RepairedNoRecovery:
      return {FaultKind::LinkRestored, FaultKind::SpaceRestored};
    case Event::LinkBack:
      return {FaultKind::StateKnown};
    default:
      return {};
  }
}

std::optional<Operation> operation_of(machine::Event event) {
  for (const Operation operation : all_values<Operation>()) {
    if (machine::event_of(operation) == event) return operation;
  }
  return std::nullopt;
}

std::vector<machine::MachineKind> supported_machines(const World& world) {
  std::vector<machine::MachineKind> kinds;
  for (const ReplicationKind& kind : world.capabilities.kinds) {
    const auto machine = machine::machine_kind_of(kind.sync_type, kind.mode);
    if (machine && std::find(kinds.begin(), kinds.end(), *machine) == kinds.end()) {
      kinds.push_back(*machine);
    }
  }
  return kinds;
}

bool of_machine(const ReplicationKind& kind, machine::MachineKind machine) {
  return machine::machine_kind_of(kind.sync_type, kind.mode) == machine;
}

bool lists_operation(const World& world, machine::MachineKind machine, Operation operation) {
  for (const auto& [kind, operations] : world.capabilities.operations) {
    if (of_machine(kind, machine) && operations.contains(operation)) return true;
  }
  return false;
}

bool lists_wait(const World& world, machine::MachineKind machine, CopyState state) {
  for (const auto& [key, states] : world.capabilities.wait_for_copy_states) {
    if (of_machine(key.second, machine) && states.contains(state)) return true;
  }
  return false;
}

bool shows_state(const World& world, machine::MachineKind machine, machine::Place place) {
  if (!place) return true;
  bool asked = false;
  for (const auto& [kind, states] : world.capabilities.copy_states) {
    if (!of_machine(kind, machine)) continue;
    asked = true;
    if (states.contains(*place)) return true;
  }
  return !asked;
}

}  // namespace

void Tally::step(const std::string& operation) {
  ++coverage_.steps;
  ++coverage_.operations[operation];
}

void Tally::seen(const Inventory& inventory) {
  for (const RelationshipView& view : inventory.relationships) {
    if (!view.copy_state) continue;
    const auto [at, fresh] = last_seen_.emplace(view.ref, *view.copy_state);
    if (!fresh && at->second == *view.copy_state) continue;
    at->second = *view.copy_state;
    if (view.sync_type) {
      const auto kind =
          machine::machine_kind_of(*view.sync_type, view.mode.value_or(Mode::Unknown));
      if (kind) seen_in_.emplace(*kind, *view.copy_state);
    }
    ++coverage_.copy_states[to_text(*view.copy_state)];
  }
}

void Tally::transitions(const std::set<Coverage>& taken) {
  for (const Coverage& one : taken) {
    reached_.emplace(one.machine, one.transition);
    ++coverage_.transitions[text_of(one)];
  }
}

void Tally::asked(machine::MachineKind kind, Operation operation, bool accepted) {
  Asked& asked = asked_[{kind, operation}];
  ++(accepted ? asked.accepted : asked.refused);
}

void Tally::created(const Replicate& op, bool accepted) {
  if (!accepted) return;
  ++accepted_creates_;
  if (!op.sync_type) return;
  const auto mode = static_cast<Mode>(op.mode.value_or(number_of(Mode::Unknown)));
  const auto kind = machine::machine_kind_of(static_cast<SyncType>(*op.sync_type), mode);
  if (!kind) return;
  using machine::Event;
  for (const Event event :
       {Event::CreateInitialized, Event::CreateInactive, Event::CreateUnsynchronized,
        Event::CreateSynchronized, Event::CreatePrepared}) {
    const auto state = waited_for(event);
    if (op.wait && state && *op.wait == number_of(*state)) accepted_as_.emplace(*kind, event);
  }
  if (!op.wait) accepted_as_.emplace(*kind, Event::CreateUnspecified);
}

void Tally::passed(const RelationshipView& before, const RelationshipView& after,
                   machine::Event event) {
  if (!after.sync_type || !before.copy_state || !after.copy_state) return;
  const auto kind = machine::machine_kind_of(*after.sync_type, after.mode.value_or(Mode::Unknown));
  if (!kind) return;
  for (const machine::Row& row : machine::rows(*kind)) {
    if (row.event != event || row.from != before.copy_state || row.to != after.copy_state) continue;
    transitions({coverage_of(row)});
    return;
  }
}

std::string Tally::why_not_operation(const machine::Row& row, const World& world) const {
  const auto operation = operation_of(row.event);
  if (!operation) return kNoReason;
  if (!lists_operation(world, row.machine, *operation)) {
    return "the provider does not list " + to_text(*operation) + " for this kind";
  }
  const auto found = asked_.find({row.machine, *operation});
  const Asked asked = found == asked_.end() ? Asked{} : found->second;
  if (row.certainty == machine::Certainty::Either && asked.refused > 0) {
    return "legal to refuse in " + place_text(row.from) + "; " + to_text(*operation) +
           " was refused " + std::to_string(asked.refused) + " times";
  }
  return kNoReason;
}

bool Tally::broke_for_a_cause(machine::MachineKind kind) const {
  const auto& rows = machine::rows(kind);
  return std::any_of(rows.begin(), rows.end(), [&](const machine::Row& row) {
    return row.to == machine::Place(CopyState::Broken) && row.from != row.to &&
           row.event != machine::Event::ElementKnownAgain &&
           coverage_.transitions.contains(text_of(coverage_of(row)));
  });
}

std::string Tally::why_not(const machine::Row& row, const World& world) const {
  using machine::Event;
  // Rows that only one way of implementing an operation takes.
  if (row.event == Event::ResyncReplica && row.to == machine::Place(CopyState::Inactive) &&
      !world.capabilities.has(Feature::ResyncRequiresActivate)) {
    return "only with Feature 22 (a resync that requires Activate), which is not reported";
  }
  if (row.event == Event::Abort && row.to == machine::kNowhere) {
    return "a vendor's way: this provider keeps an aborted relationship";
  }
  if (accepted_as_.contains({row.machine, row.event})) {
    return "asked for and accepted, but the first look showed another state";
  }
  const machine::EventKind event_kind = machine::kind_of(row.event);
  const bool unasked =
      event_kind == machine::EventKind::Automatic || event_kind == machine::EventKind::Repair;
  if (unasked && row.from && !seen_in_.contains({row.machine, *row.from})) {
    return "no relationship of this kind was ever seen in " + place_text(row.from);
  }
  if (!shows_state(world, row.machine, row.from)) {
    return "the provider never shows " + place_text(row.from);
  }
  if (!shows_state(world, row.machine, row.to)) {
    return "the provider never shows " + place_text(row.to);
  }
  const std::vector<FaultKind> faults = faults_behind(row.event);
  const bool offered = std::any_of(faults.begin(), faults.end(),
                                   [&](FaultKind kind) { return world.faults.contains(kind); });
  if (!faults.empty() && !offered) {
    return "needs a fault that the provider does not offer (" + to_text(faults.front()) + ")";
  }
  if (const auto state = waited_for(row.event)) {
    if (!lists_wait(world, row.machine, *state)) {
      return "the provider does not list WaitForCopyState " + to_text(*state);
    }
  }
  const Capabilities& capabilities = world.capabilities;
  switch (row.event) {
    case Event::ArrayRestarts:
      return "the array cannot be restarted from outside";
    case Event::SkewExceeded:
      return "the provider's internal change of mode cannot be observed";
    case Event::DetachesAutomatically:
      if (!capabilities.has(Feature::SynchronizedCloneDetachesAutomatically)) {
        return "the provider does not detach by itself (Feature 18 not reported)";
      }
      break;
    case Event::RepairedAutomatically:
      if (!broke_for_a_cause(row.machine)) {
        return "it broke only when an element's status had been unknown (T-056), which leaves no "
               "cause to remove";
      }
      break;
    case Event::RepairedNoRecovery:
      if (capabilities.has(Feature::ErrorRecoveryFromBrokenAutomatic)) {
        return "the provider recovers by itself (Feature 15)";
      }
      break;
    case Event::ElementFails:
      if (row.machine == machine::MachineKind::Snapshot) {
        return "a local snapshot has no link to lose; without space it breaks by T-057";
      }
      break;
    case Event::CreateFails:
      return "a failing create leaves no relationship here (A-15)";
    case Event::CopyStarts:
    case Event::WaitsForActivate:
    case Event::NoDataToMove:
      return "too short to be seen: the create passes it unobserved";
    default:
      break;
  }
  const bool tried = std::any_of(faults.begin(), faults.end(),
                                 [&](FaultKind kind) { return faults_tried_.contains(kind); });
  if (event_kind == machine::EventKind::Fault && tried) {
    return "the fault was tried, and copies of this kind withstood it";
  }
  if (event_kind == machine::EventKind::Operation) {
    return why_not_operation(row, world);
  }
  return kNoReason;
}

report::CoverageRecord Tally::record(const World& world) const {
  report::CoverageRecord record = coverage_;
  for (const machine::MachineKind kind : supported_machines(world)) {
    const std::string name = lockstep::to_text(kind);
    // One entry per transition: reached by any of its pairs of places, it is reached.
    std::map<std::string, std::string> reasons;
    for (const machine::Row& row : machine::rows(kind)) {
      const std::string id(row.id);
      if (reached_.contains({name, id})) continue;
      const std::string reason = why_not(row, world);
      const auto [at, fresh] = reasons.emplace(id, reason);
      // Any pair of places that should have been reached outweighs those that cannot.
      if (!fresh && reason == kNoReason) at->second = reason;
    }
    for (const auto& [id, reason] : reasons) record.unreached[name + ' ' + id] = reason;
  }
  return record;
}

}  // namespace lockstep::properties
