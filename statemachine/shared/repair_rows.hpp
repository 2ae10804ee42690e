// What comes back, for every kind of copy. Source: T-051..T-056.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using RepairRows = Rows<
//       id        source        event                        arrives at
//      +-------+-------------+----------------------------+----------------------------------+
    Row <"T-051" , Broken      , on::LinkBackElementUnknown , Invalid                          >,
    Row <"T-052" , Broken      , on::RepairedAutomatically  , Unsynchronized, Synchronized     >,
    Row <"T-053" , Broken      , on::RepairedManually       , Suspended                        >,
    Row <"T-054" , Broken      , on::RepairedNoRecovery     , Broken                           >,
//      +-------+-------------+----------------------------+----------------------------------+
    Row <"T-051" , Partitioned , on::LinkBackElementUnknown , Invalid                          >,
    Row <"T-055" , Partitioned , on::LinkBack               , Initialized, Unsynchronized,
                                                              Synchronized, Fractured, Split,
                                                              Inactive, Suspended, Prepared,
                                                              Aborted, Skewed, Restored,
                                                              Broken, Failedover, Invalid      >,
//      +-------+-------------+----------------------------+----------------------------------+
    Row <"T-056" , Invalid     , on::ElementKnownAgain      , Unsynchronized, Synchronized,
                                                              Broken, Suspended, Aborted       >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
