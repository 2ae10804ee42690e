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
    custody_.seen(present);
    // Group relationships first: their members' relationships usually end with them.
    std::stable_sort(
        present.relationships.begin(), present.relationships.end(),
        [](const auto& a, const auto& b) { return a.relationship_class > b.relationship_class; });
    for (const RelationshipView& view : present.relationships) {
      if (!custody_.owns(view.ref)) continue;
      if (seen_.find(view.ref) != nullptr) end_relationship(*seen_.find(view.ref));
    }
    for (const GroupView& group : present.groups) {
      if (!custody_.owns(group.ref) || seen_.find(group.ref) == nullptr) continue;
      DeleteGroupRequest request;
      request.group = group.ref;
      request.remove_elements = true;
      perform(request);
    }
    for (const ElementView& element : present.elements) {
      if (!custody_.owns(element.ref) || seen_.find(element.ref) == nullptr) continue;
      perform(ReturnToStoragePoolRequest{element.ref});
    }
    if (leftovers().empty()) return;
  }
}

std::string Session::leftovers() {
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  for (const auto& view : seen_.relationships) {
    if (custody_.owns(view.ref)) add(names_.of(view.ref));
  }
  for (const auto& view : seen_.groups) {
    if (custody_.owns(view.ref)) add(names_.of(view.ref));
  }
  for (const auto& view : seen_.elements) {
    if (custody_.owns(view.ref)) add(names_.of(view.ref));
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
    if (custody_.owned().empty()) return;
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
