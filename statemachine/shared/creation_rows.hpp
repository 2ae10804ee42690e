// Creation, of every kind of copy: by WaitForCopyState, where the new relationship is first seen.
// Source: T-001..T-007.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using CreationRows = Rows<
//       id        source    event                      arrives at
//      +-------+---------+--------------------------+----------------------------------------+
    Row <"T-001" , Nowhere , on::CreateUnspecified    , Initialized, Unsynchronized,
                                                        Synchronized, Inactive, Prepared       >,
    Row <"T-002" , Nowhere , on::CreateInitialized    , Initialized                            >,
    Row <"T-003" , Nowhere , on::CreateInactive       , Inactive                               >,
    Row <"T-004" , Nowhere , on::CreateUnsynchronized , Unsynchronized                         >,
    Row <"T-005" , Nowhere , on::CreateSynchronized   , Synchronized                           >,
    Row <"T-006" , Nowhere , on::CreatePrepared       , Prepared                               >,
    Row <"T-007" , Nowhere , on::CreateFails          , Broken, Aborted, Nowhere               >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
