// The events as types, for the second column of the tables: `on::Split` beside the place `Split`.
#pragma once

#include "statemachine/events.hpp"

namespace lockstep::machine::table {

// One event, with the place it is said to arrive at; a row's guard compares that with its own.
template <Event E>
struct Happens {
  static constexpr Event kEvent = E;
  Place arrival;
};

namespace on {
using CreateUnspecified = Happens<Event::CreateUnspecified>;
using CreateInitialized = Happens<Event::CreateInitialized>;
using CreateInactive = Happens<Event::CreateInactive>;
using CreateUnsynchronized = Happens<Event::CreateUnsynchronized>;
using CreateSynchronized = Happens<Event::CreateSynchronized>;
using CreatePrepared = Happens<Event::CreatePrepared>;
using CreateFails = Happens<Event::CreateFails>;
using Abort = Happens<Event::Abort>;
using Activate = Happens<Event::Activate>;
using Deactivate = Happens<Event::Deactivate>;
using Detach = Happens<Event::Detach>;
using Dissolve = Happens<Event::Dissolve>;
using Failover = Happens<Event::Failover>;
using Failback = Happens<Event::Failback>;
using Fracture = Happens<Event::Fracture>;
using ResyncReplica = Happens<Event::ResyncReplica>;
using RestoreFromReplica = Happens<Event::RestoreFromReplica>;
using Resume = Happens<Event::Resume>;
using ResetToSync = Happens<Event::ResetToSync>;
using ResetToAsync = Happens<Event::ResetToAsync>;
using ReturnToResourcePool = Happens<Event::ReturnToResourcePool>;
using ReverseRoles = Happens<Event::ReverseRoles>;
using Split = Happens<Event::Split>;
using Suspend = Happens<Event::Suspend>;
using Unprepare = Happens<Event::Unprepare>;
using Prepare = Happens<Event::Prepare>;
using ResetToAdaptive = Happens<Event::ResetToAdaptive>;
using CopyStarts = Happens<Event::CopyStarts>;
using WaitsForActivate = Happens<Event::WaitsForActivate>;
using CopyFinishes = Happens<Event::CopyFinishes>;
using NoDataToMove = Happens<Event::NoDataToMove>;
using SkewExceeded = Happens<Event::SkewExceeded>;
using DetachesAutomatically = Happens<Event::DetachesAutomatically>;
using SourceWritten = Happens<Event::SourceWritten>;
using TargetWritten = Happens<Event::TargetWritten>;
using ElementFails = Happens<Event::ElementFails>;
using LinkLostSeparated = Happens<Event::LinkLostSeparated>;
using StateUndetermined = Happens<Event::StateUndetermined>;
using SpaceExhausted = Happens<Event::SpaceExhausted>;
using ArrayRestarts = Happens<Event::ArrayRestarts>;
using ProviderRestarts = Happens<Event::ProviderRestarts>;
using LinkBackElementUnknown = Happens<Event::LinkBackElementUnknown>;
using RepairedAutomatically = Happens<Event::RepairedAutomatically>;
using RepairedManually = Happens<Event::RepairedManually>;
using RepairedNoRecovery = Happens<Event::RepairedNoRecovery>;
using LinkBack = Happens<Event::LinkBack>;
using ElementKnownAgain = Happens<Event::ElementKnownAgain>;
}  // namespace on

}  // namespace lockstep::machine::table
