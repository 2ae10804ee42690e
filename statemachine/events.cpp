#include "statemachine/events.hpp"

namespace lockstep::machine {

std::optional<MachineKind> machine_kind_of(SyncType sync_type, Mode mode) noexcept {
  switch (sync_type) {
    case SyncType::Mirror:
      if (mode == Mode::Synchronous) return MachineKind::MirrorSync;
      if (mode == Mode::Asynchronous) return MachineKind::MirrorAsync;
      return MachineKind::MirrorAdaptive;
    case SyncType::Snapshot:
      return MachineKind::Snapshot;
    case SyncType::Clone:
      return MachineKind::Clone;
    case SyncType::TokenizedClone:
      return MachineKind::TokenizedClone;
  }
  return std::nullopt;
}

std::optional<Event> event_of(Operation operation) noexcept {
  switch (operation) {
    case Operation::Abort:
      return Event::Abort;
    case Operation::Activate:
      return Event::Activate;
    case Operation::Deactivate:
      return Event::Deactivate;
    case Operation::Detach:
      return Event::Detach;
    case Operation::Dissolve:
      return Event::Dissolve;
    case Operation::Failover:
      return Event::Failover;
    case Operation::Failback:
      return Event::Failback;
    case Operation::Fracture:
      return Event::Fracture;
    case Operation::ResyncReplica:
      return Event::ResyncReplica;
    case Operation::RestoreFromReplica:
      return Event::RestoreFromReplica;
    case Operation::Resume:
      return Event::Resume;
    case Operation::ResetToSync:
      return Event::ResetToSync;
    case Operation::ResetToAsync:
      return Event::ResetToAsync;
    case Operation::ReturnToResourcePool:
      return Event::ReturnToResourcePool;
    case Operation::ReverseRoles:
      return Event::ReverseRoles;
    case Operation::Split:
      return Event::Split;
    case Operation::Suspend:
      return Event::Suspend;
    case Operation::Unprepare:
      return Event::Unprepare;
    case Operation::Prepare:
      return Event::Prepare;
    case Operation::ResetToAdaptive:
      return Event::ResetToAdaptive;
    case Operation::ActivateConsistency:
    case Operation::AddSyncPair:
    case Operation::DeactivateConsistency:
    case Operation::RemoveSyncPair:
      return std::nullopt;
  }
  return std::nullopt;
}

EventKind kind_of(Event event) noexcept {
  if (event <= Event::CreateFails) return EventKind::Create;
  if (event <= Event::ResetToAdaptive) return EventKind::Operation;
  if (event <= Event::DetachesAutomatically) return EventKind::Automatic;
  if (event <= Event::TargetWritten) return EventKind::Host;
  if (event <= Event::ProviderRestarts) return EventKind::Fault;
  return EventKind::Repair;
}

}  // namespace lockstep::machine
