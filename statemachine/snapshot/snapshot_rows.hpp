// What only a snapshot has. Source: T-011, T-024, T-026, T-044.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::snapshot {

// clang-format off
using NoDataRows = Rows<
//       id        source        event              arrives at
//      +-------+-------------+------------------+--------------+
    Row <"T-011" , Initialized , on::NoDataToMove , Synchronized >,
    Row <"T-011" , Prepared    , on::NoDataToMove , Synchronized >>;

using EndingRows = Rows<
//          id        source           event                      arrives at
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Initialized    , on::Detach               , Nowhere >,
    Either <"T-026" , Initialized    , on::Dissolve             , Nowhere >,
    Either <"T-044" , Initialized    , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Prepared       , on::Detach               , Nowhere >,
    Either <"T-026" , Prepared       , on::Dissolve             , Nowhere >,
    Either <"T-044" , Prepared       , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Inactive       , on::Detach               , Nowhere >,
    Either <"T-026" , Inactive       , on::Dissolve             , Nowhere >,
    Either <"T-044" , Inactive       , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Unsynchronized , on::Detach               , Nowhere >,
    Either <"T-026" , Unsynchronized , on::Dissolve             , Nowhere >,
    Either <"T-044" , Unsynchronized , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Synchronized   , on::Detach               , Nowhere >,
    Either <"T-026" , Synchronized   , on::Dissolve             , Nowhere >,
    Row    <"T-044" , Synchronized   , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Fractured      , on::Detach               , Nowhere >,
    Either <"T-026" , Fractured      , on::Dissolve             , Nowhere >,
    Either <"T-044" , Fractured      , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Split          , on::Detach               , Nowhere >,
    Either <"T-026" , Split          , on::Dissolve             , Nowhere >,
    Either <"T-044" , Split          , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Suspended      , on::Detach               , Nowhere >,
    Either <"T-026" , Suspended      , on::Dissolve             , Nowhere >,
    Either <"T-044" , Suspended      , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Aborted        , on::Detach               , Nowhere >,
    Either <"T-026" , Aborted        , on::Dissolve             , Nowhere >,
    Either <"T-044" , Aborted        , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Broken         , on::Detach               , Nowhere >,
    Either <"T-026" , Broken         , on::Dissolve             , Nowhere >,
    Either <"T-044" , Broken         , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Skewed         , on::Detach               , Nowhere >,
    Either <"T-026" , Skewed         , on::Dissolve             , Nowhere >,
    Either <"T-044" , Skewed         , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Partitioned    , on::Detach               , Nowhere >,
    Either <"T-026" , Partitioned    , on::Dissolve             , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Invalid        , on::Detach               , Nowhere >,
    Either <"T-026" , Invalid        , on::Dissolve             , Nowhere >,
    Either <"T-044" , Invalid        , on::ReturnToResourcePool , Nowhere >,
//         +-------+----------------+--------------------------+---------+
    Either <"T-024" , Restored       , on::Detach               , Nowhere >,
    Either <"T-026" , Restored       , on::Dissolve             , Nowhere >,
    Either <"T-044" , Restored       , on::ReturnToResourcePool , Nowhere >>;
// clang-format on

}  // namespace lockstep::machine::table::snapshot
