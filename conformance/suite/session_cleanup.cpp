// What a session owns, and how it is removed: faults first, then relationships, groups and volumes.
#include "conformance/suite/session.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace lockstep::conformance {
namespace {

// A relationship may need two operations (Failback, then Detach), and a group's end may free more.
constexpr int kRounds = 3;

std::optional<FaultKind> opposite(FaultKind kind) {
  switch (kind) {
    case FaultKind::LinkLost:
      return FaultKind::LinkRestored;
    case FaultKind::SpaceExhausted:
      return FaultKind::SpaceRestored;
    case FaultKind::CopyHeld:
      return FaultKind::CopyReleased;
    case FaultKind::StateUnknown:
      return FaultKind::StateKnown;
    case FaultKind::ElementUnknown:
      return FaultKind::ElementKnown;
    default:
      return std::nullopt;
  }
}

// Holding a copy back breaks nothing, so the oracle need not know.
std::optional<model::Disturbance> disturbance_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::CopyHeld:
    case FaultKind::CopyReleased:
      return std::nullopt;
    case FaultKind::LinkRestored:
    case FaultKind::SpaceRestored:
    case FaultKind::StateKnown:
    case FaultKind::ElementKnown:
      return model::Disturbance::Repair;
    case FaultKind::ProviderRestart:
      return model::Disturbance::Restart;
    default:
      return model::Disturbance::Fault;
  }
}

template <class T>
void add_all(std::set<T>& into, const std::optional<std::vector<std::optional<T>>>& list) {
  if (!list) return;
  for (const auto& entry : *list) {
    if (entry) into.insert(*entry);
  }
}

}  // namespace

bool Session::can(FaultKind kind) {
  FaultPort* port = setup_.provider->fault_port();
  return port != nullptr && port->supported().contains(kind);
}

void Session::fault(FaultKind kind, const std::optional<RelationshipRef>& relationship) {
  check_abandoned();
  FaultPort* port = setup_.provider->fault_port();
  if (port == nullptr || !port->supported().contains(kind)) {
    not_testable("the provider has no fault " + to_text(kind));
  }
  const Fault fault{kind, relationship};
  const std::string what =
      "fault " + to_text(kind) + (relationship ? " on " + names_.of(*relationship) : "");
  setup_.ledger->doing(what);
  if (const auto undo = opposite(kind)) to_undo_.push_back({*undo, relationship});
  const Instant issued = now();
  const Status injected = port->inject(fault);
  if (!injected) stop_with(report::Verdict::Error, injected.error().message);
  if (const auto disturbance = disturbance_of(kind)) {
    setup_.oracle->disturbed(*disturbance, relationship, {issued, now()});
  }
  // A fault that the case undoes itself need not be undone again.
  std::erase_if(to_undo_, [&](const Fault& pending) { return pending == fault; });
  setup_.ledger->step({what, "in force", "", "", false});
}

void Session::undo_faults() noexcept {
  while (!to_undo_.empty()) {
    const Fault undo = to_undo_.back();
    to_undo_.pop_back();
    FaultPort* port = setup_.provider->fault_port();
    if (port == nullptr) return;
    const Instant issued = now();
    const Status done = port->inject(undo);
    if (!done) {
      // The relationship may be gone; undoing it for all is harmless.
      static_cast<void>(port->inject({undo.kind, std::nullopt}));
    }
    if (const auto disturbance = disturbance_of(undo.kind)) {
      setup_.oracle->disturbed(*disturbance, undo.relationship, {issued, now()});
    }
  }
}

void Session::own(const Request& request, const Answer& answer) {
  Objects made;
  if (answer.synchronization) made.relationships.insert(*answer.synchronization);
  if (answer.updated_synchronization) made.relationships.insert(*answer.updated_synchronization);
  add_all(made.relationships, answer.synchronizations);
  if (answer.target_element) made.elements.insert(*answer.target_element);
  add_all(made.elements, answer.target_elements);
  if (answer.target_group) made.groups.insert(*answer.target_group);
  if (answer.group) made.groups.insert(*answer.group);
  // Only an accepted call makes anything; references in a refusal may be anybody's.
  if (!answer.accepted() || std::holds_alternative<ReturnToStoragePoolRequest>(request)) return;
  for (const auto& ref : made.relationships) {
    if (!before_.relationships.contains(ref)) owned_.relationships.insert(ref);
  }
  for (const auto& ref : made.elements) {
    if (!before_.elements.contains(ref)) owned_.elements.insert(ref);
  }
  for (const auto& ref : made.groups) {
    if (!before_.groups.contains(ref)) owned_.groups.insert(ref);
  }
}

// Everything new that hangs on something owned is owned: targets of owned sources, groups with
// owned members, relationships of either. Twice, because a group's partner is found through the
// group.
void Session::own_dependents(const Inventory& inventory) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const GroupView& group : inventory.groups) {
      const bool ours = std::any_of(group.members.begin(), group.members.end(),
                                    [&](const auto& ref) { return owned_.elements.contains(ref); });
      if (ours && !before_.groups.contains(group.ref)) owned_.groups.insert(group.ref);
    }
    for (const RelationshipView& view : inventory.relationships) {
      if (before_.relationships.contains(view.ref)) continue;
      const auto element_ours = [&](const std::optional<ElementRef>& ref) {
        return ref && owned_.elements.contains(*ref);
      };
      const auto group_ours = [&](const std::optional<GroupRef>& ref) {
        return ref && owned_.groups.contains(*ref);
      };
      const bool ours = owned_.relationships.contains(view.ref) ||
                        element_ours(view.source_element) || element_ours(view.target_element) ||
                        group_ours(view.source_group) || group_ours(view.target_group);
      if (!ours) continue;
      owned_.relationships.insert(view.ref);
      for (const auto& end : {view.source_element, view.target_element}) {
        if (end && !before_.elements.contains(*end)) owned_.elements.insert(*end);
      }
      for (const auto& end : {view.source_group, view.target_group}) {
        if (end && !before_.groups.contains(*end)) owned_.groups.insert(*end);
      }
    }
  }
}

bool Session::try_operation(const RelationshipView& relationship, Operation operation,
                            std::optional<bool> force) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship.ref;
  request.force = force;
  const Outcome outcome = perform(request);
  return outcome.succeeded();
}

void Session::end_relationship(RelationshipView relationship) {
  if (relationship.copy_state == CopyState::Failedover) {
    static_cast<void>(try_operation(relationship, Operation::Failback, std::nullopt));
  }
  const bool snapshot = relationship.sync_type == SyncType::Snapshot;
  if (snapshot && try_operation(relationship, Operation::ReturnToResourcePool, std::nullopt)) {
    return;
  }
  if (try_operation(relationship, Operation::Detach, std::nullopt)) return;
  if (try_operation(relationship, Operation::Dissolve, std::nullopt)) return;
  static_cast<void>(try_operation(relationship, Operation::Detach, true));
}

void Session::remove_everything() {
  for (int round = 0; round < kRounds; ++round) {
    Inventory present = look();
    own_dependents(present);
    // Group relationships first: their members' relationships usually end with them.
    std::stable_sort(
        present.relationships.begin(), present.relationships.end(),
        [](const auto& a, const auto& b) { return a.relationship_class > b.relationship_class; });
    for (const RelationshipView& view : present.relationships) {
      if (!owned_.relationships.contains(view.ref)) continue;
      if (seen_.find(view.ref) != nullptr) end_relationship(*seen_.find(view.ref));
    }
    for (const GroupView& group : present.groups) {
      if (!owned_.groups.contains(group.ref) || seen_.find(group.ref) == nullptr) continue;
      DeleteGroupRequest request;
      request.group = group.ref;
      request.remove_elements = true;
      perform(request);
    }
    for (const ElementView& element : present.elements) {
      if (!owned_.elements.contains(element.ref) || seen_.find(element.ref) == nullptr) continue;
      perform(ReturnToStoragePoolRequest{element.ref});
    }
    if (leftovers().empty()) return;
  }
}

std::string Session::leftovers() {
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  for (const auto& view : seen_.relationships) {
    if (owned_.relationships.contains(view.ref)) add(names_.of(view.ref));
  }
  for (const auto& view : seen_.groups) {
    if (owned_.groups.contains(view.ref)) add(names_.of(view.ref));
  }
  for (const auto& view : seen_.elements) {
    if (owned_.elements.contains(view.ref)) add(names_.of(view.ref));
  }
  return text;
}

void Session::remove(const ElementRef& element) { perform(ReturnToStoragePoolRequest{element}); }

void Session::remove(const RelationshipRef& relationship) {
  const Inventory present = look();
  if (const RelationshipView* view = present.find(relationship)) end_relationship(*view);
}

void Session::end() noexcept {
  ending_ = true;
  // A provider that misbehaves while things are removed must not take the record with it.
  try {
    undo_faults();
    const bool made_something =
        !owned_.elements.empty() || !owned_.groups.empty() || !owned_.relationships.empty();
    if (!made_something) return;
    setup_.ledger->doing("removing what the case made");
    remove_everything();
    const std::string left = leftovers();
    if (!left.empty()) {
      setup_.ledger->warning("left behind, because the provider would not remove it: " + left);
    }
  } catch (const Stop&) {
    setup_.ledger->warning("what the case made may not be removed completely");
  } catch (const std::exception& failure) {
    setup_.ledger->raise(report::Verdict::Crash,
                         std::string("exception while removing: ") + failure.what());
  }
}

}  // namespace lockstep::conformance
