// What goes wrong, for every kind of copy. A state that cannot be determined is Partitioned.
// Source: T-048, T-050.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using FaultRows = Rows<
//       id        source           event                   arrives at
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Initialized    , on::ElementFails      , Broken      >,
    Row <"T-050" , Initialized    , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Prepared       , on::ElementFails      , Broken      >,
    Row <"T-050" , Prepared       , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Inactive       , on::ElementFails      , Broken      >,
    Row <"T-050" , Inactive       , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Unsynchronized , on::ElementFails      , Broken      >,
    Row <"T-050" , Unsynchronized , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Synchronized   , on::ElementFails      , Broken      >,
    Row <"T-050" , Synchronized   , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Fractured      , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Split          , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Suspended      , on::ElementFails      , Broken      >,
    Row <"T-050" , Suspended      , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Failedover     , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Aborted        , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Broken         , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-050" , Skewed         , on::StateUndetermined , Partitioned >,
//      +-------+----------------+-----------------------+-------------+
    Row <"T-048" , Restored       , on::ElementFails      , Broken      >,
    Row <"T-050" , Restored       , on::StateUndetermined , Partitioned >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
