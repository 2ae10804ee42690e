// How a Clone or TokenizedClone ends: by itself once synchronized, or when asked.
// Source: T-015, T-023, T-025.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::clone {

// clang-format off
using DetachesAutomaticallyRows = Rows<
//       id        source         event                       arrives at
//      +-------+--------------+---------------------------+---------+
    Row <"T-015" , Synchronized , on::DetachesAutomatically , Nowhere >>;

using EndingRows = Rows<
//          id        source           event          arrives at
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Initialized    , on::Detach   , Nowhere >,
    Either <"T-025" , Initialized    , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Prepared       , on::Detach   , Nowhere >,
    Either <"T-025" , Prepared       , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Inactive       , on::Detach   , Nowhere >,
    Either <"T-025" , Inactive       , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Unsynchronized , on::Detach   , Nowhere >,
    Either <"T-025" , Unsynchronized , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Row    <"T-023" , Synchronized   , on::Detach   , Nowhere >,
    Row    <"T-025" , Synchronized   , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Fractured      , on::Detach   , Nowhere >,
    Either <"T-025" , Fractured      , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Split          , on::Detach   , Nowhere >,
    Either <"T-025" , Split          , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Suspended      , on::Detach   , Nowhere >,
    Either <"T-025" , Suspended      , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Aborted        , on::Detach   , Nowhere >,
    Either <"T-025" , Aborted        , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Broken         , on::Detach   , Nowhere >,
    Either <"T-025" , Broken         , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Skewed         , on::Detach   , Nowhere >,
    Either <"T-025" , Skewed         , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Partitioned    , on::Detach   , Nowhere >,
    Either <"T-025" , Partitioned    , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Invalid        , on::Detach   , Nowhere >,
    Either <"T-025" , Invalid        , on::Dissolve , Nowhere >,
//         +-------+----------------+--------------+---------+
    Either <"T-023" , Restored       , on::Detach   , Nowhere >,
    Either <"T-025" , Restored       , on::Dissolve , Nowhere >>;
// clang-format on

}  // namespace lockstep::machine::table::clone
