// Rows of the kinds whose target holds an instant of the source: Snapshot, Clone, TokenizedClone.
// Only the first two can be separated, restored from, or run out of their own space.
// Source: T-016, T-030, T-032, T-034, T-035, T-037, T-040, T-057.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::replica {

// clang-format off
using TargetWrittenRows = Rows<
//       id        source         event               arrives at
//      +-------+--------------+-------------------+----------------------+
    Row <"T-016" , Inactive     , on::TargetWritten , Skewed, Inactive     >,
    Row <"T-016" , Synchronized , on::TargetWritten , Skewed, Synchronized >>;

using SuspendRows = Rows<
//          id        source           event         arrives at
//         +-------+----------------+-------------+-----------+
    Either <"T-040" , Initialized    , on::Suspend , Suspended >,
    Either <"T-040" , Prepared       , on::Suspend , Suspended >,
    Either <"T-040" , Inactive       , on::Suspend , Suspended >,
    Row    <"T-040" , Unsynchronized , on::Suspend , Suspended >,
    Either <"T-040" , Synchronized   , on::Suspend , Suspended >,
    Either <"T-040" , Suspended      , on::Suspend , Suspended >,
    Either <"T-040" , Skewed         , on::Suspend , Suspended >,
    Either <"T-040" , Restored       , on::Suspend , Suspended >>;

using ResyncRows = Rows<
//          id        source           event               arrives at
//         +-------+----------------+-------------------+------------------------------+
    Either <"T-034" , Inactive       , on::ResyncReplica , Unsynchronized, Synchronized >,
    Either <"T-034" , Unsynchronized , on::ResyncReplica , Unsynchronized, Synchronized >,
    Row    <"T-034" , Synchronized   , on::ResyncReplica , Unsynchronized, Synchronized >,
    Row    <"T-034" , Fractured      , on::ResyncReplica , Unsynchronized, Synchronized >,
    Row    <"T-034" , Split          , on::ResyncReplica , Unsynchronized, Synchronized >,
    Either <"T-034" , Suspended      , on::ResyncReplica , Unsynchronized, Synchronized >,
    Row    <"T-034" , Aborted        , on::ResyncReplica , Unsynchronized, Synchronized >,
    Row    <"T-034" , Broken         , on::ResyncReplica , Unsynchronized, Synchronized >,
    Either <"T-034" , Skewed         , on::ResyncReplica , Unsynchronized, Synchronized >,
    Either <"T-034" , Invalid        , on::ResyncReplica , Unsynchronized, Synchronized >,
    Either <"T-034" , Restored       , on::ResyncReplica , Unsynchronized, Synchronized >>;

using SeparationRows = Rows<
//          id        source           event          arrives at
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Inactive       , on::Fracture , Fractured >,
    Either <"T-032" , Inactive       , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Unsynchronized , on::Fracture , Fractured >,
    Either <"T-032" , Unsynchronized , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Synchronized   , on::Fracture , Fractured >,
    Either <"T-032" , Synchronized   , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Fractured      , on::Fracture , Fractured >,
    Either <"T-032" , Fractured      , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-032" , Split          , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Suspended      , on::Fracture , Fractured >,
    Either <"T-032" , Suspended      , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Skewed         , on::Fracture , Fractured >,
    Either <"T-032" , Skewed         , on::Split    , Split     >,
//         +-------+----------------+--------------+-----------+
    Either <"T-030" , Restored       , on::Fracture , Fractured >,
    Either <"T-032" , Restored       , on::Split    , Split     >>;

using ResyncToInactiveRows = Rows<
//       id        source      event               arrives at
//      +-------+-----------+-------------------+----------+
    Row <"T-035" , Fractured , on::ResyncReplica , Inactive >,
    Row <"T-035" , Split     , on::ResyncReplica , Inactive >,
    Row <"T-035" , Aborted   , on::ResyncReplica , Inactive >,
    Row <"T-035" , Broken    , on::ResyncReplica , Inactive >>;

using RestoreRows = Rows<
//          id        source         event                    arrives at
//         +-------+--------------+------------------------+----------------------------------+
    Either <"T-037" , Inactive     , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >,
    Row    <"T-037" , Synchronized , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >,
    Either <"T-037" , Fractured    , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >,
    Either <"T-037" , Split        , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >,
    Either <"T-037" , Skewed       , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >,
    Either <"T-037" , Restored     , on::RestoreFromReplica , Restored, Synchronized, Skewed,
                                                              Unsynchronized                   >>;

using SpaceRows = Rows<
//       id        source           event                arrives at
//      +-------+----------------+--------------------+--------+
    Row <"T-057" , Unsynchronized , on::SpaceExhausted , Broken >,
    Row <"T-057" , Synchronized   , on::SpaceExhausted , Broken >>;
// clang-format on

}  // namespace lockstep::machine::table::replica
