// Restarts of the array and of its provider, for every kind of copy: the relationship survives.
// Source: T-058, T-059.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using RestartRows = Rows<
//       id        source           event                  arrives at
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Initialized    , on::ArrayRestarts    , Initialized, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Initialized    , on::ProviderRestarts , Initialized                         >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Prepared       , on::ArrayRestarts    , Prepared, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Prepared       , on::ProviderRestarts , Prepared                            >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Inactive       , on::ArrayRestarts    , Inactive, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Inactive       , on::ProviderRestarts , Inactive                            >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Unsynchronized , on::ArrayRestarts    , Unsynchronized, Broken, Partitioned,
                                                           Invalid                             >,
    Row <"T-059" , Unsynchronized , on::ProviderRestarts , Unsynchronized                      >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Synchronized   , on::ArrayRestarts    , Synchronized, Unsynchronized,
                                                           Broken, Partitioned, Invalid        >,
    Row <"T-059" , Synchronized   , on::ProviderRestarts , Synchronized                        >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Fractured      , on::ArrayRestarts    , Fractured, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Fractured      , on::ProviderRestarts , Fractured                           >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Split          , on::ArrayRestarts    , Split, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Split          , on::ProviderRestarts , Split                               >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Suspended      , on::ArrayRestarts    , Suspended, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Suspended      , on::ProviderRestarts , Suspended                           >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Failedover     , on::ArrayRestarts    , Failedover, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Failedover     , on::ProviderRestarts , Failedover                          >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Aborted        , on::ArrayRestarts    , Aborted, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Aborted        , on::ProviderRestarts , Aborted                             >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Broken         , on::ArrayRestarts    , Broken, Unsynchronized, Partitioned,
                                                           Invalid                             >,
    Row <"T-059" , Broken         , on::ProviderRestarts , Broken                              >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Skewed         , on::ArrayRestarts    , Skewed, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Skewed         , on::ProviderRestarts , Skewed                              >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-059" , Partitioned    , on::ProviderRestarts , Partitioned                         >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-059" , Invalid        , on::ProviderRestarts , Invalid                             >,
//      +-------+----------------+----------------------+-------------------------------------+
    Row <"T-058" , Restored       , on::ArrayRestarts    , Restored, Unsynchronized, Broken,
                                                           Partitioned, Invalid                >,
    Row <"T-059" , Restored       , on::ProviderRestarts , Restored                            >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
