// What only a clone has: a vendor removes the association when a clone is halted. Source: T-019.
#pragma once

#include "statemachine/backend/row.hpp"

namespace lockstep::machine::table::clone {

// clang-format off
using HaltRows = Rows<
//       id        source           event       arrives at
//      +-------+----------------+-----------+---------+
    Row <"T-019" , Unsynchronized , on::Abort , Nowhere >>;
// clang-format on

}  // namespace lockstep::machine::table::clone
