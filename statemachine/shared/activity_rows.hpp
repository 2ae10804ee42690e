// Starting and stopping, of every kind of copy: Abort, Activate, Deactivate, Resume, Prepare,
// Unprepare. Source: T-018, T-020, T-021, T-038, T-046, T-047.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using ActivityRows = Rows<
//          id        source           event            arrives at
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Initialized    , on::Abort      , Aborted                      >,
    Either <"T-020" , Initialized    , on::Activate   , Unsynchronized, Synchronized >,
    Either <"T-021" , Initialized    , on::Deactivate , Inactive                     >,
    Either <"T-046" , Initialized    , on::Prepare    , Prepared                     >,
    Either <"T-047" , Initialized    , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Prepared       , on::Abort      , Aborted                      >,
    Row    <"T-020" , Prepared       , on::Activate   , Unsynchronized, Synchronized >,
    Either <"T-021" , Prepared       , on::Deactivate , Inactive                     >,
    Either <"T-046" , Prepared       , on::Prepare    , Prepared                     >,
    Either <"T-047" , Prepared       , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Inactive       , on::Abort      , Aborted                      >,
    Row    <"T-020" , Inactive       , on::Activate   , Unsynchronized, Synchronized >,
    Either <"T-021" , Inactive       , on::Deactivate , Inactive                     >,
    Either <"T-046" , Inactive       , on::Prepare    , Prepared                     >,
    Either <"T-047" , Inactive       , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Row    <"T-018" , Unsynchronized , on::Abort      , Aborted                      >,
    Either <"T-020" , Unsynchronized , on::Activate   , Unsynchronized, Synchronized >,
    Either <"T-021" , Unsynchronized , on::Deactivate , Inactive                     >,
    Either <"T-038" , Unsynchronized , on::Resume     , Unsynchronized, Synchronized >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Synchronized   , on::Abort      , Aborted                      >,
    Either <"T-020" , Synchronized   , on::Activate   , Unsynchronized, Synchronized >,
    Row    <"T-021" , Synchronized   , on::Deactivate , Inactive                     >,
    Either <"T-038" , Synchronized   , on::Resume     , Unsynchronized, Synchronized >,
    Either <"T-046" , Synchronized   , on::Prepare    , Prepared                     >,
    Either <"T-047" , Synchronized   , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-046" , Fractured      , on::Prepare    , Prepared                     >,
    Either <"T-047" , Fractured      , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-046" , Split          , on::Prepare    , Prepared                     >,
    Either <"T-047" , Split          , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Suspended      , on::Abort      , Aborted                      >,
    Either <"T-021" , Suspended      , on::Deactivate , Inactive                     >,
    Row    <"T-038" , Suspended      , on::Resume     , Unsynchronized, Synchronized >,
    Either <"T-046" , Suspended      , on::Prepare    , Prepared                     >,
    Either <"T-047" , Suspended      , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Aborted        , on::Abort      , Aborted                      >,
    Either <"T-046" , Aborted        , on::Prepare    , Prepared                     >,
    Either <"T-047" , Aborted        , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Broken         , on::Abort      , Aborted                      >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-021" , Skewed         , on::Deactivate , Inactive                     >,
    Either <"T-046" , Skewed         , on::Prepare    , Prepared                     >,
    Either <"T-047" , Skewed         , on::Unprepare  , Prepared, Initialized        >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Partitioned    , on::Abort      , Aborted                      >,
//         +-------+----------------+----------------+------------------------------+
    Either <"T-018" , Restored       , on::Abort      , Aborted                      >,
    Either <"T-038" , Restored       , on::Resume     , Unsynchronized, Synchronized >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
