// The faults that a sequence puts on its provider: carried out, told to the judge and counted.
#include "properties/commands/plan.hpp"
#include "properties/harness/fixture.hpp"
#include "properties/harness/fixture_parts.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::properties {

// Which row a fault or repair took is known here better than to the judge, which sees the states
// only; and what changes no CopyState takes a row all the same (T-049, T-054, T-059).
void Fixture::count_disturbance(FaultKind kind, const Inventory& earlier) {
  if (tally_ == nullptr) return;
  tally_->tried(kind);
  using machine::Event;
  for (const RelationshipView& view : seen_->relationships) {
    const RelationshipView* before = earlier.find(view.ref);
    if (before == nullptr) continue;
    if (kind == FaultKind::ProviderRestart) tally_->passed(*before, view, Event::ProviderRestarts);
    if (kind == FaultKind::LinkLost) tally_->passed(*before, view, Event::LinkLostSeparated);
    if (kind == FaultKind::SpaceExhausted) tally_->passed(*before, view, Event::SpaceExhausted);
    if (kind == FaultKind::LinkRestored || kind == FaultKind::SpaceRestored) {
      tally_->passed(*before, view, Event::RepairedAutomatically);
      tally_->passed(*before, view, Event::RepairedManually);
      tally_->passed(*before, view, Event::RepairedNoRecovery);
    }
  }
}

// The judge counts what is in force, without its kind: a repair is told once for each fault that it
// undoes, as wide as that was.
void Fixture::tell_disturbance(const Fault& fault, const model::Window& window) {
  if (!is_repair(fault.kind)) {
    const bool restart = fault.kind == FaultKind::ProviderRestart;
    judge_.disturbed(restart ? model::Disturbance::Restart : model::Disturbance::Fault,
                     fault.relationship, window);
    if (repair_of(fault.kind)) faults_.push_back(fault);
    return;
  }
  const auto undone =
      std::stable_partition(faults_.begin(), faults_.end(), [&](const Fault& other) {
        const bool reached = !fault.relationship || fault.relationship == other.relationship;
        return repair_of(other.kind) != fault.kind || !reached;
      });
  for (auto one = undone; one != faults_.end(); ++one) {
    judge_.disturbed(model::Disturbance::Repair, one->relationship, window);
  }
  // What was broken for another reason may be repaired all the same.
  if (undone == faults_.end()) {
    judge_.disturbed(model::Disturbance::Fault, fault.relationship, window);
    judge_.disturbed(model::Disturbance::Repair, fault.relationship, window);
  }
  faults_.erase(undone, faults_.end());
}

Result<Step> Fixture::disturb(const Disturb& op) {
  Step step;
  step.shown.operation = to_text(Command(op));
  FaultPort* port = provider_.fault_port();
  if (port == nullptr || !port->supported().contains(op.kind)) {
    step.carried_out = false;
    step.shown.answered = "not offered";
    return step;
  }
  Fault fault{op.kind, std::nullopt};
  if (op.relationship) fault.relationship = bindings_.relationship(*op.relationship);
  // A relationship that has ended since cannot be disturbed any more.
  if (fault.relationship && seen_->find(*fault.relationship) == nullptr) {
    step.carried_out = false;
    step.shown.answered = "not carried out: " + to_text(*op.relationship) + " is gone";
    return step;
  }
  const Instant issued = now();
  if (const Status injected = port->inject(fault); !injected) {
    // It may have ended by itself since it was looked at.
    LOCKSTEP_TRY(step.findings, observe());
    const bool gone = fault.relationship && seen_->find(*fault.relationship) == nullptr;
    if (!gone) return injected.error();
    step.carried_out = false;
    step.shown.answered = "not carried out: " + to_text(*op.relationship) + " is gone";
    show_findings(step);
    return step;
  }
  const Instant in_force = now();
  tell_disturbance(fault, model::Window{issued, in_force});
  step.shown.answered = "done";
  const model::SharedInventory earlier = seen_;
  LOCKSTEP_TRY(step.findings, observe());
  count_disturbance(op.kind, *earlier);
  show_findings(step);
  return step;
}

}  // namespace lockstep::properties
