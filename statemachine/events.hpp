// The events of a replication relationship, for every kind of copy: what clients ask, what happens
// by itself, what hosts write, what breaks and what is repaired. Source: the transition table
// T-001..T-059.
#pragma once

#include "model/vocab/enums.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>

namespace lockstep::machine {

// Which machine: Mode changes rows of the mirror machine only.
enum class MachineKind : std::uint8_t {
  MirrorSync,
  MirrorAsync,
  MirrorAdaptive,
  Snapshot,
  Clone,
  TokenizedClone
};
BOOST_DESCRIBE_ENUM(MachineKind, MirrorSync, MirrorAsync, MirrorAdaptive, Snapshot, Clone,
                    TokenizedClone)

// Nothing for a vendor or reserved SyncType. A Mirror of unknown Mode counts as MirrorAdaptive, the
// most permissive of the three.
[[nodiscard]] std::optional<MachineKind> machine_kind_of(SyncType sync_type, Mode mode) noexcept;

// Where a relationship is: one of its CopyStates, or nowhere (before its creation, and once it is
// gone).
using Place = std::optional<CopyState>;
inline constexpr Place kNowhere = std::nullopt;

enum class Event : std::uint8_t {
  // create, by WaitForCopyState
  CreateUnspecified,     // T-001
  CreateInitialized,     // T-002
  CreateInactive,        // T-003
  CreateUnsynchronized,  // T-004
  CreateSynchronized,    // T-005
  CreatePrepared,        // T-006
  CreateFails,           // T-007
  // operations; the names of vocab's Operation
  Abort,
  Activate,
  Deactivate,
  Detach,
  Dissolve,
  Failover,
  Failback,
  Fracture,
  ResyncReplica,
  RestoreFromReplica,
  Resume,
  ResetToSync,
  ResetToAsync,
  ReturnToResourcePool,
  ReverseRoles,
  Split,
  Suspend,
  Unprepare,
  Prepare,
  ResetToAdaptive,
  // by itself
  CopyStarts,             // T-008
  WaitsForActivate,       // T-009
  CopyFinishes,           // T-010
  NoDataToMove,           // T-011
  SkewExceeded,           // T-014
  DetachesAutomatically,  // T-015
  // hosts
  SourceWritten,  // T-012, T-013
  TargetWritten,  // T-016, T-017
  // trouble
  ElementFails,       // T-048
  LinkLostSeparated,  // T-049
  StateUndetermined,  // T-050
  SpaceExhausted,     // T-057
  ArrayRestarts,      // T-058
  ProviderRestarts,   // T-059
  // repair
  LinkBackElementUnknown,  // T-051
  RepairedAutomatically,   // T-052
  RepairedManually,        // T-053
  RepairedNoRecovery,      // T-054
  LinkBack,                // T-055
  ElementKnownAgain,       // T-056
};
BOOST_DESCRIBE_ENUM(Event, CreateUnspecified, CreateInitialized, CreateInactive,
                    CreateUnsynchronized, CreateSynchronized, CreatePrepared, CreateFails, Abort,
                    Activate, Deactivate, Detach, Dissolve, Failover, Failback, Fracture,
                    ResyncReplica, RestoreFromReplica, Resume, ResetToSync, ResetToAsync,
                    ReturnToResourcePool, ReverseRoles, Split, Suspend, Unprepare, Prepare,
                    ResetToAdaptive, CopyStarts, WaitsForActivate, CopyFinishes, NoDataToMove,
                    SkewExceeded, DetachesAutomatically, SourceWritten, TargetWritten, ElementFails,
                    LinkLostSeparated, StateUndetermined, SpaceExhausted, ArrayRestarts,
                    ProviderRestarts, LinkBackElementUnknown, RepairedAutomatically,
                    RepairedManually, RepairedNoRecovery, LinkBack, ElementKnownAgain)

// The event of an operation; nothing for the consistency and pair operations (3, 5, 6, 13), which
// do not change CopyState, and for reserved or vendor numbers.
[[nodiscard]] std::optional<Event> event_of(Operation operation) noexcept;

enum class EventKind : std::uint8_t { Create, Operation, Automatic, Host, Fault, Repair };
BOOST_DESCRIBE_ENUM(EventKind, Create, Operation, Automatic, Host, Fault, Repair)
[[nodiscard]] EventKind kind_of(Event event) noexcept;

}  // namespace lockstep::machine
