// What every kind of copy does by itself.
// Source: T-008..T-010.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::shared {

// clang-format off
using ProgressRows = Rows<
//       id        source           event                  arrives at
//      +-------+----------------+----------------------+--------------------+
    Row <"T-008" , Initialized    , on::CopyStarts       , Unsynchronized     >,
    Row <"T-009" , Initialized    , on::WaitsForActivate , Prepared, Inactive >,
//      +-------+----------------+----------------------+--------------------+
    Row <"T-010" , Unsynchronized , on::CopyFinishes     , Synchronized       >>;
// clang-format on

}  // namespace lockstep::machine::table::shared
