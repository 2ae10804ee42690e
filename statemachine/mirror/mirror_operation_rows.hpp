// What clients ask of a mirror, beyond what every kind of copy is asked.
// Source: T-022, T-025, T-027..T-029, T-031, T-033, T-035, T-036, T-039, T-041..T-043, T-045.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::mirror {

// clang-format off
using SuspendRows = Rows<
//          id        source           event         arrives at
//         +-------+----------------+-------------+-----------+
    Either <"T-039" , Initialized    , on::Suspend , Suspended >,
    Either <"T-039" , Prepared       , on::Suspend , Suspended >,
    Either <"T-039" , Inactive       , on::Suspend , Suspended >,
    Row    <"T-039" , Unsynchronized , on::Suspend , Suspended >,
    Row    <"T-039" , Synchronized   , on::Suspend , Suspended >,
    Either <"T-039" , Suspended      , on::Suspend , Suspended >,
    Either <"T-039" , Skewed         , on::Suspend , Suspended >,
    Either <"T-039" , Restored       , on::Suspend , Suspended >>;

using SeparationRows = Rows<
//          id        source           event              arrives at
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-029" , Initialized    , on::Fracture     , Fractured                            >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-029" , Prepared       , on::Fracture     , Fractured                            >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Inactive       , on::Failover     , Failedover                           >,
    Either <"T-029" , Inactive       , on::Fracture     , Fractured                            >,
    Either <"T-031" , Inactive       , on::Split        , Split                                >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Unsynchronized , on::Failover     , Failedover                           >,
    Either <"T-029" , Unsynchronized , on::Fracture     , Fractured                            >,
    Either <"T-031" , Unsynchronized , on::Split        , Split                                >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Synchronized   , on::Failover     , Failedover                           >,
    Row    <"T-029" , Synchronized   , on::Fracture     , Fractured                            >,
    Row    <"T-031" , Synchronized   , on::Split        , Split                                >,
    Either <"T-045" , Synchronized   , on::ReverseRoles , Synchronized, Unsynchronized         >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Fractured      , on::Failover     , Failedover                           >,
    Either <"T-029" , Fractured      , on::Fracture     , Fractured                            >,
    Either <"T-031" , Fractured      , on::Split        , Split                                >,
    Either <"T-045" , Fractured      , on::ReverseRoles , Fractured, Unsynchronized,
                                                          Synchronized                         >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Split          , on::Failover     , Failedover                           >,
    Either <"T-029" , Split          , on::Fracture     , Fractured                            >,
    Either <"T-031" , Split          , on::Split        , Split                                >,
    Either <"T-045" , Split          , on::ReverseRoles , Split, Unsynchronized, Synchronized  >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Suspended      , on::Failover     , Failedover                           >,
    Either <"T-029" , Suspended      , on::Fracture     , Fractured                            >,
    Either <"T-031" , Suspended      , on::Split        , Split                                >,
    Either <"T-045" , Suspended      , on::ReverseRoles , Suspended, Unsynchronized,
                                                          Synchronized                         >,
//         +-------+----------------+------------------+--------------------------------------+
    Row    <"T-028" , Failedover     , on::Failback     , Synchronized, Unsynchronized,
                                                          Fractured, Split, Suspended,
                                                          Inactive                             >,
    Either <"T-045" , Failedover     , on::ReverseRoles , Failedover, Unsynchronized,
                                                          Synchronized                         >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Broken         , on::Failover     , Failedover                           >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Skewed         , on::Failover     , Failedover                           >,
    Either <"T-029" , Skewed         , on::Fracture     , Fractured                            >,
    Either <"T-031" , Skewed         , on::Split        , Split                                >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Partitioned    , on::Failover     , Failedover                           >,
//         +-------+----------------+------------------+--------------------------------------+
    Either <"T-027" , Restored       , on::Failover     , Failedover                           >,
    Either <"T-029" , Restored       , on::Fracture     , Fractured                            >,
    Either <"T-031" , Restored       , on::Split        , Split                                >>;

using RecopyRows = Rows<
//          id        source           event                    arrives at
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Inactive       , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Either <"T-036" , Inactive       , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Unsynchronized , on::ResyncReplica      , Unsynchronized, Synchronized   >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Synchronized   , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Either <"T-036" , Synchronized   , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Row    <"T-033" , Fractured      , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Row    <"T-035" , Fractured      , on::ResyncReplica      , Inactive                       >,
    Row    <"T-036" , Fractured      , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Row    <"T-033" , Split          , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Row    <"T-035" , Split          , on::ResyncReplica      , Inactive                       >,
    Row    <"T-036" , Split          , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Suspended      , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Either <"T-036" , Suspended      , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Row    <"T-033" , Aborted        , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Row    <"T-035" , Aborted        , on::ResyncReplica      , Inactive                       >,
    Either <"T-036" , Aborted        , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Row    <"T-033" , Broken         , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Row    <"T-035" , Broken         , on::ResyncReplica      , Inactive                       >,
    Either <"T-036" , Broken         , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Skewed         , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Either <"T-036" , Skewed         , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Partitioned    , on::ResyncReplica      , Unsynchronized, Synchronized   >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Invalid        , on::ResyncReplica      , Unsynchronized, Synchronized   >,
//         +-------+----------------+------------------------+--------------------------------+
    Either <"T-033" , Restored       , on::ResyncReplica      , Unsynchronized, Synchronized   >,
    Either <"T-036" , Restored       , on::RestoreFromReplica , Restored, Synchronized,
                                                                Fractured, Split,
                                                                Unsynchronized                 >>;

using ModeRows = Rows<
//          id        source           event                 arrives at
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Initialized    , on::ResetToSync     , Initialized, Unsynchronized  >,
    Either <"T-042" , Initialized    , on::ResetToAsync    , Initialized, Unsynchronized  >,
    Either <"T-043" , Initialized    , on::ResetToAdaptive , Initialized, Unsynchronized  >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Prepared       , on::ResetToSync     , Prepared, Unsynchronized     >,
    Either <"T-042" , Prepared       , on::ResetToAsync    , Prepared, Unsynchronized     >,
    Either <"T-043" , Prepared       , on::ResetToAdaptive , Prepared, Unsynchronized     >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Inactive       , on::ResetToSync     , Inactive, Unsynchronized     >,
    Either <"T-042" , Inactive       , on::ResetToAsync    , Inactive, Unsynchronized     >,
    Either <"T-043" , Inactive       , on::ResetToAdaptive , Inactive, Unsynchronized     >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Unsynchronized , on::ResetToSync     , Unsynchronized               >,
    Either <"T-042" , Unsynchronized , on::ResetToAsync    , Unsynchronized               >,
    Either <"T-043" , Unsynchronized , on::ResetToAdaptive , Unsynchronized               >,
//         +-------+----------------+---------------------+------------------------------+
    Row    <"T-041" , Synchronized   , on::ResetToSync     , Synchronized, Unsynchronized >,
    Row    <"T-042" , Synchronized   , on::ResetToAsync    , Synchronized, Unsynchronized >,
    Row    <"T-043" , Synchronized   , on::ResetToAdaptive , Synchronized, Unsynchronized >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Fractured      , on::ResetToSync     , Fractured, Unsynchronized    >,
    Either <"T-042" , Fractured      , on::ResetToAsync    , Fractured, Unsynchronized    >,
    Either <"T-043" , Fractured      , on::ResetToAdaptive , Fractured, Unsynchronized    >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Split          , on::ResetToSync     , Split, Unsynchronized        >,
    Either <"T-042" , Split          , on::ResetToAsync    , Split, Unsynchronized        >,
    Either <"T-043" , Split          , on::ResetToAdaptive , Split, Unsynchronized        >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Suspended      , on::ResetToSync     , Suspended, Unsynchronized    >,
    Either <"T-042" , Suspended      , on::ResetToAsync    , Suspended, Unsynchronized    >,
    Either <"T-043" , Suspended      , on::ResetToAdaptive , Suspended, Unsynchronized    >,
//         +-------+----------------+---------------------+------------------------------+
    Either <"T-041" , Skewed         , on::ResetToSync     , Skewed, Unsynchronized       >,
    Either <"T-042" , Skewed         , on::ResetToAsync    , Skewed, Unsynchronized       >,
    Either <"T-043" , Skewed         , on::ResetToAdaptive , Skewed, Unsynchronized       >>;

using EndingRows = Rows<
//          id        source           event          arrives at
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Initialized    , on::Detach   , Nowhere >,
    Either <"T-025" , Initialized    , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Prepared       , on::Detach   , Nowhere >,
    Either <"T-025" , Prepared       , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-022" , Inactive       , on::Detach   , Nowhere >,
    Either <"T-025" , Inactive       , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Unsynchronized , on::Detach   , Nowhere >,
    Either <"T-025" , Unsynchronized , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-022" , Synchronized   , on::Detach   , Nowhere >,
    Row    <"T-025" , Synchronized   , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-022" , Fractured      , on::Detach   , Nowhere >,
    Either <"T-025" , Fractured      , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-022" , Split          , on::Detach   , Nowhere >,
    Either <"T-025" , Split          , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Suspended      , on::Detach   , Nowhere >,
    Either <"T-025" , Suspended      , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-022" , Failedover     , on::Detach   , Nowhere >,
    Either <"T-025" , Failedover     , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Aborted        , on::Detach   , Nowhere >,
    Either <"T-025" , Aborted        , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Broken         , on::Detach   , Nowhere >,
    Either <"T-025" , Broken         , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Skewed         , on::Detach   , Nowhere >,
    Either <"T-025" , Skewed         , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Partitioned    , on::Detach   , Nowhere >,
    Either <"T-025" , Partitioned    , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Invalid        , on::Detach   , Nowhere >,
    Either <"T-025" , Invalid        , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-022" , Restored       , on::Detach   , Nowhere >,
    Either <"T-025" , Restored       , on::Dissolve , Nowhere >>;
// clang-format on

}  // namespace lockstep::machine::table::mirror
