// The table of legacy_sync.hpp. Source: InitialReplicationState, ModifySynchronization,
// StorageSynchronized.SyncState and CopyType of CIM 2.41; where a result is inferred, every
// plausible one stands.
#pragma once

#include "statemachine/legacy_sync/legacy_sync.hpp"

#include <boost/mp11/list.hpp>

namespace lockstep::machine::table::legacy {

struct Nowhere {
  static constexpr LegacyPlace kPlace = std::nullopt;
};
template <SyncState S>
struct In {
  static constexpr LegacyPlace kPlace = S;
};
using Initialized = In<SyncState::Initialized>;
using PrepareInProgress = In<SyncState::PrepareInProgress>;
using Prepared = In<SyncState::Prepared>;
using ResyncInProgress = In<SyncState::ResyncInProgress>;
using Synchronized = In<SyncState::Synchronized>;
using FractureInProgress = In<SyncState::FractureInProgress>;
using QuiesceInProgress = In<SyncState::QuiesceInProgress>;
using Quiesced = In<SyncState::Quiesced>;
using RestoreInProgress = In<SyncState::RestoreInProgress>;
using Idle = In<SyncState::Idle>;
using Broken = In<SyncState::Broken>;
using Fractured = In<SyncState::Fractured>;
using Frozen = In<SyncState::Frozen>;
using CopyInProgress = In<SyncState::CopyInProgress>;
using States =
    boost::mp11::mp_list<Initialized, PrepareInProgress, Prepared, ResyncInProgress, Synchronized,
                         FractureInProgress, QuiesceInProgress, Quiesced, RestoreInProgress, Idle,
                         Broken, Fractured, Frozen, CopyInProgress>;

// CopyTypes by their first letters: a mirror is kept up Asynchronously or Synchronously; an
// UnSyncAssoc holds a point in time; the association of an UnSyncUnAssoc ends with the copy.
template <CopyType... T>
struct For {
  static constexpr CopyType kTypes[] = {T...};
};
using Mirrors = For<CopyType::Async, CopyType::Sync>;
using Async = For<CopyType::Async>;
using Sync = For<CopyType::Sync>;
using PointInTime = For<CopyType::UnSyncAssoc>;
using Temporary = For<CopyType::UnSyncUnAssoc>;
using Lasting = For<CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc>;
using Every = For<CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc, CopyType::UnSyncUnAssoc>;

template <class Types, class SourcePlace, LegacyEvent Happened, class... Arrivals>
struct Row {
  using CopyTypes = Types;
  using Source = SourcePlace;
  static constexpr LegacyEvent kEvent = Happened;
  using ArrivalPlaces = boost::mp11::mp_list<Arrivals...>;
};

// From every state.
template <class Types, LegacyEvent Happened, class Arrival>
struct Anywhere {
  template <class Source>
  using From = Row<Types, Source, Happened, Arrival>;
  using All = boost::mp11::mp_transform<From, States>;
};

namespace rows {
using enum LegacyEvent;
// clang-format off
using Listed = boost::mp11::mp_list<
//       CopyTypes     source           event                arrives at
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , Nowhere        , Create             , Initialized, Prepared,
                                                              Synchronized, ResyncInProgress>,
    Row <PointInTime , Nowhere        , Create             , Initialized, Prepared,
                                                              Synchronized, Idle, CopyInProgress>,
    Row <Temporary   , Nowhere        , Create             , CopyInProgress, ResyncInProgress, Nowhere>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Lasting     , Initialized    , Prepare            , PrepareInProgress, Prepared>,
    Row <Mirrors     , Initialized    , ResyncReplica      , ResyncInProgress, Synchronized>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Lasting     , Prepared       , Unprepare          , Initialized>,
    Row <Mirrors     , Prepared       , ResyncReplica      , ResyncInProgress, Synchronized>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , ResyncInProgress, CopyFinishes      , Synchronized>,
    Row <Temporary   , ResyncInProgress, CopyFinishes      , Nowhere>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , Synchronized   , Fracture           , FractureInProgress, Fractured>,
    Row <Mirrors     , Synchronized   , RestoreFromReplica , RestoreInProgress, Synchronized,
                                                              Fractured>,
    Row <Lasting     , Synchronized   , Quiesce            , QuiesceInProgress, Quiesced>,
    Row <Async       , Synchronized   , ResetToSync        , Synchronized, ResyncInProgress>,
    Row <Sync        , Synchronized   , ResetToAsync       , Synchronized>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , Quiesced       , ResyncReplica      , ResyncInProgress, Synchronized>,
    Row <Lasting     , Quiesced       , Unquiesce          , Synchronized, Idle, CopyInProgress>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <PointInTime , Idle           , ResyncReplica      , ResyncInProgress, Idle, Frozen>,
    Row <PointInTime , Idle           , RestoreFromReplica , RestoreInProgress, Idle, Frozen>,
    Row <Lasting     , Idle           , Quiesce            , QuiesceInProgress, Quiesced>,
    Row <PointInTime , Idle           , StartCopy          , CopyInProgress>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , Broken         , ResyncReplica      , ResyncInProgress, Synchronized>,
    Row <PointInTime , Broken         , ResyncReplica      , ResyncInProgress, Idle, Frozen>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Mirrors     , Fractured      , ResyncReplica      , ResyncInProgress, Synchronized>,
    Row <PointInTime , Fractured      , ResyncReplica      , ResyncInProgress, Idle, Frozen>,
    Row <Mirrors     , Fractured      , RestoreFromReplica , RestoreInProgress, Synchronized,
                                                              Fractured>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <PointInTime , Frozen         , ResyncReplica      , ResyncInProgress, Idle, Frozen>,
    Row <PointInTime , Frozen         , RestoreFromReplica , RestoreInProgress, Idle, Frozen>,
//      +-------------+----------------+--------------------+----------------------------------
    Row <Lasting     , CopyInProgress , Quiesce            , QuiesceInProgress, Quiesced>,
    Row <PointInTime , CopyInProgress , CopyFinishes       , Frozen>,
    Row <Temporary   , CopyInProgress , CopyFinishes       , Nowhere>,
    Row <PointInTime , CopyInProgress , StopCopy           , Idle>>;
// clang-format on
}  // namespace rows

using LegacyRows =
    boost::mp11::mp_append<rows::Listed, Anywhere<Lasting, LegacyEvent::Detach, Nowhere>::All,
                           Anywhere<Every, LegacyEvent::ElementFails, Broken>::All>;

}  // namespace lockstep::machine::table::legacy
